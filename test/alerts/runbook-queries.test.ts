import t from 'tap'
import { skipUnless } from '../peers/peer.js'
import { firingCases } from './firing-cases.js'
import { EDGE, POOL, failures, healthy } from './healthy.js'
import { type QueryTest, problemsOf } from './promtool-test.js'
import { readRunbook, section } from './runbook.js'
import { stepped } from './firing-far-off.js'
import { MINUTE, type Change, type World, add, changed, one } from './world.js'

const T = 30 * MINUTE

/** Queries of a runbook's Diagnosis that name a metric, about edge02 of the one pool. */
const queriesOf = (name: string, metric: RegExp): readonly string[] => {
  const blocks = section(readRunbook(name), 'Diagnosis').matchAll(/```promql\n([^`]*)```/g)
  const lines = Array.from(blocks, ([, text = '']) => text.split('\n')).flat()
  const queries = lines.map(line => line.trim()).filter(line => metric.test(line))
  return queries.map(query => query.replaceAll('POOL', POOL).replaceAll('SERVER', 'edge02'))
}

/** Whoever is woken must see something, and no 0 that says all is well. */
const shows = (query: string, atSeconds: number): QueryTest => ({
  query: `count(abs(${query}) > 0) > bool 0`,
  atSeconds,
  samples: [{ labels: {}, value: 1 }],
})

/** Each call that fails by skew is a request that edge02 refused. */
const refusals: Change = world => [
  ...world,
  ...world
    .filter(
      ({ metric, labels }) =>
        metric === 'edgeclock_um_call_failures_total' && labels['cause'] === 'clock_skew',
    )
    .map(({ labels, at }) =>
      one('edgeclock_sip_failures_total', { ...labels, server: 'edge02' }, at),
    ),
]

/** The first failure of all, after which none comes: a counter that is born with its value, and never grows. */
const born: Change = add(failures('429', '1018', 'clock_skew', s => (s < T ? undefined : 3)))
/** A counter that was there, and grows. */
const grown: Change = world => [
  ...world.filter(({ metric }) => metric !== 'edgeclock_um_call_failures_total'),
  failures('429', '1020', 'clock_skew', s => (s < T ? 40 : 47)),
]

const cases = [
  { name: 'EdgeclockSkewBreaksCalls', changes: stepped([T - 5 * MINUTE, -21_600]) },
  { name: 'EdgeclockUnseenSkewBreaksCalls', changes: [] },
  { name: 'EdgeclockUmFailureRatio', changes: [] },
]

for (const { name, changes } of cases) {
  for (const [what, failed] of Object.entries({ born, grown })) {
    void t.test(`${name}: what it asks about failures is seen where they are ${what}`, async t => {
      if (skipUnless(t, 'promtool')) return
      const queries = queriesOf(name, /_failures/)
      t.ok(queries.length > 0)
      const world = changed(healthy, [...changes, failed, refusals])
      const tests = queries.flatMap(query =>
        [T + MINUTE, T + 9 * MINUTE].map(at => shows(query, at)),
      )
      t.equal(await problemsOf(t, { world, queries: tests }), '')
    })
  }
}

const worldOf = (alert: string): readonly [World, number] => {
  const found = firingCases.find(one => one.alert === alert && one.fires.length > 0)
  return [changed(healthy, found?.changes ?? []), found?.fires[0]?.[0] ?? 0]
}

for (const [name, alert] of [
  ['EdgeclockClockFarOff', 'EdgeclockClockFarOff'],
  ['EdgeclockSkewBreaksCalls', 'EdgeclockSkewBreaksCalls'],
  // Known by edgeclock on that server alone.
  ['EdgeclockSkewBreaksCalls', 'EdgeclockHostClockFarOff'],
  ['EdgeclockHostClockFarOff', 'EdgeclockHostClockFarOff'],
  ['EdgeclockCorrectionImpossible', 'EdgeclockHostClockFarOff'],
] as const) {
  void t.test(`${name} shows an offset where ${alert} fires`, async t => {
    if (skipUnless(t, 'promtool')) return
    const queries = queriesOf(name, /clock_offset_seconds/)
    t.ok(queries.length > 0)
    const all = queries.map(query => `abs(${query.replace('INSTANCE', EDGE)})`).join(' or ')
    const [world, atSeconds] = worldOf(alert)
    const samples = [{ labels: {}, value: 1 }]
    const test = { query: `max(${all}) > bool 60`, atSeconds, samples }
    t.equal(await problemsOf(t, { world, queries: [test] }), '')
  })
}
