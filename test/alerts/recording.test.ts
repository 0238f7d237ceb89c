import t from 'tap'
import { recordings } from '../../alerts/source/recording.js'
import { skipUnless } from '../peers/peer.js'
import { POOL, byEdge, byMonitor, edge01, edge02, failures, healthy } from './healthy.js'
import { problemsOf } from './promtool-test.js'
import { type Labels, MINUTE, add, changed, one, set } from './world.js'

const HOST = 'instance:edgeclock_host_clock_offset_seconds:beyond_error'
const job = { job: 'edgeclock' }
const ofPool = { ...job, pool: POOL }
const T = 30 * MINUTE

const changes = [
  set('edgeclock_clock_offset_seconds', edge01, -21_600),
  set('edgeclock_clock_offset_seconds', edge02, 4),
  set('edgeclock_clock_offset_error_seconds', {}, 0.5),
  set('edgeclock_host_clock_offset_seconds', byEdge, -8),
  set('edgeclock_host_clock_offset_error_seconds', {}, 0.25),
  // In 5 min: 3 answered each minute, 1 failed.
  set('edgeclock_um_calls_total', { outcome: 'answered' }, s => 9000 + s / 20),
  set('edgeclock_um_calls_total', { outcome: 'failed' }, s => 70 + s / 60),
  set('edgeclock_um_call_failures_total', { cause: 'clock_skew' }, s => 70 + s / 60),
  set('edgeclock_um_call_failures_total', { cause: 'other' }, 3),
  add(failures('404', '', 'routing', s => (s < T - MINUTE ? undefined : 4))),
]

const expected: Readonly<Record<string, readonly (readonly [Labels, number])[]>> = {
  'server:edgeclock_clock_offset_seconds:beyond_error': [
    [{ ...byMonitor, ...edge01 }, 21_599.5],
    [{ ...byMonitor, ...edge02 }, 3.5],
  ],
  [HOST]: [
    [byEdge, 7.75],
    [byMonitor, -0.2498],
  ],
  'pool:edgeclock_clock_offset_seconds:disagreement': [[{ pool: POOL }, 21_603]],
  'pool_outcome:edgeclock_um_calls:rate5m': [
    [{ ...ofPool, outcome: 'answered' }, 0.05],
    [{ ...ofPool, outcome: 'failed' }, 0.016667],
    [{ ...ofPool, outcome: 'abandoned' }, 0],
  ],
  'pool_cause:edgeclock_um_call_failures:rate5m': [
    [{ ...ofPool, cause: 'clock_skew' }, 0.016667],
    [{ ...ofPool, cause: 'other' }, 0],
    [{ ...ofPool, cause: 'routing' }, 0],
  ],
  'pool_cause:edgeclock_um_call_failures:increase10m': [
    [{ ...ofPool, cause: 'clock_skew' }, 10],
    [{ ...ofPool, cause: 'other' }, 0],
    [{ ...ofPool, cause: 'routing' }, 4],
  ],
  'pool:edgeclock_um_call_failures_per_calls:ratio_rate5m': [[ofPool, 0.25]],
}

void t.test('every recorded series has its labels and its value', async t => {
  if (skipUnless(t, 'promtool')) return
  t.strictSame(
    Object.keys(expected),
    recordings.map(({ record }) => record),
  )
  const world = changed(healthy, [
    ...changes,
    set('edgeclock_um_calls_total', { outcome: 'abandoned' }, 400),
  ])
  const queries = Object.entries(expected).map(([record, samples]) => ({
    // Its name goes, so that only labels are left.
    query: `round(last_over_time(${record}[1m]), 1e-6)`,
    atSeconds: T,
    samples: samples.map(([labels, value]) => ({ labels, value })),
  }))
  t.equal(await problemsOf(t, { world, queries, evaluationSeconds: 30 }), '')
  for (const { record, labels } of recordings) {
    for (const [actual] of expected[record] ?? [])
      t.strictSame(Object.keys(actual).sort(), [...labels].sort(), record)
  }
})

void t.test('without calls there is no ratio of failed ones', async t => {
  if (skipUnless(t, 'promtool')) return
  const world = changed(healthy, [
    set('edgeclock_um_calls_total', {}, 70),
    add(one('edgeclock_um_calls_total', { ...byEdge, pool: 'other', outcome: 'answered' }, 1)),
  ])
  const query = 'pool:edgeclock_um_call_failures_per_calls:ratio_rate5m'
  t.equal(await problemsOf(t, { world, queries: [{ query, atSeconds: T, samples: [] }] }), '')
})
