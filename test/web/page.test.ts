import t from 'tap'
import type { Snapshot } from '../../src/clockside/snapshot.js'
import { page } from '../../src/web/page.js'

const snapshot = (more: object = {}): Snapshot => ({
  reference: { synchronized: true, error: 0.001, agreeing: 3, servers: [] },
  host: { steps: 0, suspends: 0 },
  servers: [
    {
      pool: '<script>',
      server: `"><img src=x onerror='a'>`,
      address: '192.0.2.1',
      contradictions: 0,
      steps: 0,
      service: {},
      modules: [{ module: 'ntp', success: true, failures: {}, discards: {} }],
      ...more,
    },
  ],
})

const shown = (
  state: Snapshot | undefined,
  calls: Parameters<typeof page>[0]['calls'] = 'none',
): string => page({ version: '1.0.0', telemetryPath: '/metrics', snapshot: state, calls })

void t.test('names from the configuration are shown as text', async t => {
  const html = shown(snapshot())
  t.notMatch(html, '<script>')
  t.notMatch(html, '<img')
  t.match(html, '&lt;script&gt;')
})

void t.test('each state of a server has its words', async t => {
  t.match(shown(snapshot()), 'not known')
  t.match(shown(snapshot({ consistent: false })), 'contradictory')
  t.match(shown(snapshot({ offset: { offset: 30, error: 0.1 } })), '"number bad">30 s ahead')
  t.match(shown(snapshot({ offset: { offset: 6, error: 2 } })), '"number">6 s ahead')
  t.match(shown(snapshot({ service: { synchronized: false } })), 'says it is not synchronised')
  const failed = { module: 'ntp', success: false, reason: 'timeout', failures: {}, discards: {} }
  t.match(shown(snapshot({ modules: [failed] })), 'ntp: timeout')
  t.match(shown(undefined), 'The clock thread does not answer.')
})

void t.test('calls are shown where there are any, with why they failed and who tells', async t => {
  const source = { records: 7, malformed: 0, dropped: 0, readBytes: 9, lagBytes: 3, files: 1 }
  const calls = {
    pools: [
      {
        pool: '<pool>',
        servers: [],
        outcomes: { answered: 12, failed: 5, abandoned: 1 },
        unresolved: 0,
        evicted: 0,
        callFailures: [
          [['503', '', 'other'], 1],
          [['429', '1020', 'clock_skew'], 4],
        ] as const,
        sipFailures: [],
        events: [],
        open: 0,
        offsets: [],
      },
    ],
    sources: [
      { ...source, source: 'trace:<a>', up: true, detail: undefined },
      { ...source, source: 'trace:b', up: false, detail: "EACCES: '/b'" },
      { ...source, source: 'hep', up: true, detail: undefined, dropped: 2, lagBytes: undefined },
    ],
    durable: true,
    setAside: false,
  }
  const html = shown(snapshot(), calls)
  t.match(html, '<td class="number bad">5')
  t.match(html, '4 × clock_skew 429/1020, 1 × other 503')
  t.match(html, '&lt;pool&gt;')
  t.match(html, 'trace:&lt;a&gt;<td class="number">7<td class="number">3 bytes<td>up')
  t.match(html, '<td class="bad">EACCES: &#39;/b&#39;')
  t.match(html, 'up, 2 dropped')
  t.notMatch(html, 'counts stand still')
  t.match(shown(snapshot(), { ...calls, durable: false }), 'counts stand still')
  const silent = { version: '1.0.0', telemetryPath: '/metrics', snapshot: undefined }
  t.match(page({ ...silent, calls: undefined }), 'The calls thread does not answer.')
  t.notMatch(shown(snapshot()), 'Voicemail')
})
