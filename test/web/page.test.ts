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
      modules: [{ module: 'ntp', success: true, failures: {}, discards: {} }],
      ...more,
    },
  ],
})

const shown = (state: Snapshot | undefined) =>
  page({ version: '1.0.0', telemetryPath: '/metrics', snapshot: state })

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
  t.match(shown(snapshot({ synchronized: false })), 'says it is not synchronised')
  const failed = { module: 'ntp', success: false, reason: 'timeout', failures: {}, discards: {} }
  t.match(shown(snapshot({ modules: [failed] })), 'ntp: timeout')
  t.match(shown(undefined), 'The clock thread does not answer.')
})
