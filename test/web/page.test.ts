import t from 'tap'
import type { Snapshot } from '../../src/clockside/snapshot.js'
import type { HostReport } from '../../src/host/report.js'
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
  host?: HostReport,
): string => page({ version: '1.0.0', telemetryPath: '/metrics', snapshot: state, host, calls })

void t.test('names from the configuration are shown as text', async t => {
  const html = shown(snapshot())
  t.notMatch(html, '<script>')
  t.notMatch(html, '<img')
  t.match(html, '&lt;script&gt;')
})

void t.test('each state of a server has its words', async t => {
  t.match(shown(snapshot()), 'not known')
  t.match(shown(snapshot({ consistent: false })), '"number bad">contradictory<')
  const contradicting = [['tls', '<rdp>'], ['ntp']]
  t.match(
    shown(snapshot({ consistent: false, contradicting })),
    '"number bad">contradictory: tls and &lt;rdp&gt; and ntp and itself<',
  )
  t.match(shown(snapshot({ offset: { offset: 30, error: 0.1 } })), '"number bad">30 s ahead')
  t.match(shown(snapshot({ offset: { offset: 6, error: 2 } })), '"number">6 s ahead')
  t.match(shown(snapshot({ service: { synchronized: false } })), 'says it is not synchronised')
  const certificate = { notBefore: 0, notAfter: 1, validAtServerTime: false }
  const answersAs = ['NODE1', '<NODE2>']
  const told = { module: 'tls', success: true, certificate, answersAs, failures: {}, discards: {} }
  t.match(
    shown(snapshot({ modules: [told] })),
    'read, tls: its certificate is not valid at its own time, several computers answer: &lt;NODE2&gt; and NODE1<',
  )
  const good = { ...told, certificate: { notBefore: 0, notAfter: 1 }, answersAs: undefined }
  t.match(shown(snapshot({ modules: [good] })), '>read<')
  const failed = { module: 'ntp', success: false, reason: 'timeout', failures: {}, discards: {} }
  t.match(shown(snapshot({ modules: [failed] })), 'ntp: timeout')
  t.match(shown(undefined), 'The clock thread does not answer.')
})

void t.test('a module without time beside one that reads is no alarm', async t => {
  const counts = { failures: {}, discards: {} }
  const read = { module: 'ntp', success: true, ...counts }
  const noTime = { module: 'rdp', success: false, reason: 'no_time', ...counts }
  const silent = { module: 'tls', success: false, reason: 'timeout', ...counts }
  t.match(shown(snapshot({ modules: [read, noTime] })), '<td>rdp: no_time<')
  t.match(shown(snapshot({ modules: [noTime] })), '<td class="bad">rdp: no_time<')
  t.match(
    shown(snapshot({ modules: [read, noTime, silent] })),
    '<td class="bad">rdp: no_time, tls: timeout<',
  )
})

void t.test('modules that end at several computers are told of', async t => {
  const modules = (...identities: object[]) =>
    identities.map((more, i) =>
      Object.assign({ module: `m${i}`, success: true, failures: {}, discards: {} }, more),
    )
  const one = { identity: { computer: 'EDGE-FRONTEND-0', dnsName: 'edge-frontend-01.contoso.com' } }
  const same = { identity: { dnsName: 'edge-frontend-01.contoso.com' } }
  const other = { identity: { computer: 'EDGE07' } }
  t.match(shown(snapshot({ modules: modules(one, {}, same) })), '<td>read<', 'one computer')
  t.match(
    shown(snapshot({ modules: modules(one, same, other) })),
    '<td>read, several computers answer: EDGE-FRONTEND-0 and EDGE07<',
  )
  t.match(
    shown(snapshot({ modules: modules(one, { ...other, answersAs: ['EDGE07', 'EDGE08'] }) })),
    'several computers answer: EDGE-FRONTEND-0, EDGE07 and EDGE08<',
  )
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
        hasBegun: true,
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
  t.match(
    page({ ...silent, host: undefined, calls: undefined }),
    'The calls thread does not answer.',
  )
  t.notMatch(shown(snapshot()), 'Voicemail')
})

const report = (facts: HostReport['facts'], more: Partial<HostReport> = {}): string =>
  shown(snapshot(), 'none', { pool: 'p<1>', server: 'edge01', facts, tools: [], ...more })

void t.test("this machine's time service has its words, and unknown is told as such", t => {
  t.notMatch(shown(snapshot()), 'Time service of this machine')
  const unknown = report({})
  t.match(unknown, 'p&lt;1&gt;<td>edge01')
  t.equal(unknown.split('<td>not known').length - 1, 4)
  const rebooted = report({
    running: false,
    synchronized: false,
    synchronizedSinceBoot: false,
    survivesReboot: false,
    source: { actual: 'Local CMOS Clock', kind: 'own', configured: 'ntp1' },
  })
  t.match(rebooted, 'class="bad">stopped')
  t.match(rebooted, 'class="bad">never synchronised')
  t.match(rebooted, 'class="bad">will not run')
  t.match(rebooted, 'class="bad">Local CMOS Clock (configured: ntp1)')
  const good = report({
    running: true,
    synchronized: true,
    synchronizedSinceBoot: true,
    survivesReboot: true,
    source: { actual: 'ntp1', kind: 'external', configured: 'ntp1' },
  })
  t.notMatch(good, 'class="bad"')
  t.match(good, '<td>synchronised<td>synchronised<td>runs<td>ntp1<')
  t.match(report({ running: true }), '<td>runs<td>not known')
  t.match(report({ running: true, synchronized: false }), 'class="bad">not synchronised')
  t.match(report({ source: {} }), '<td>nothing<')
  t.match(report({}, { found: false }), 'class="bad">no time service was found')
  t.match(report({}, { simulated: {} }), 'Time service of a simulated server')
  t.end()
})

void t.test('a tool that tells nothing is named, with the reason', t => {
  const html = report(
    {},
    {
      tools: [
        { tool: 'sc', ok: true },
        { tool: 'w32tm', ok: false, reason: 'timeout', detail: 'it did not <end>' },
      ],
    },
  )
  t.match(html, '<p class="bad">w32tm: timeout, it did not &lt;end&gt;</p>')
  t.notMatch(html, 'sc:')
  t.end()
})
