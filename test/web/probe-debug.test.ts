import t from 'tap'
import type { OneReading, ServerSnapshot } from '../../src/clockside/snapshot.js'
import { parseConfig } from '../../src/config/config.js'
import { buildApp } from '../../src/web/app.js'
import { debugText } from '../../src/web/probe-debug.js'
import { stuck } from './stuck.js'

const counts = { failures: {}, discards: {} }
const server: ServerSnapshot = {
  pool: 'edgepool1',
  server: 'edge02',
  address: 'Edge02.contoso.com',
  contradictions: 0,
  steps: 0,
  service: {},
  consistent: true,
  modules: [
    { module: 'tls', success: true, offset: { offset: -21_600, error: 0.01 }, ...counts },
    {
      module: 'rdp',
      success: true,
      offset: { offset: 0, error: 0.5 },
      identity: { computer: 'EDGE02', dnsName: 'edge02.contoso.com' },
      ...counts,
    },
    { module: 'smb', success: false, reason: 'refused', ...counts },
    { module: 'ntp', ...counts },
  ],
}
const good: OneReading = {
  ok: true,
  offset: -21_600,
  error: 0.008,
  rtt: 0.001,
  duration: 0.5,
  service: { stratum: 3 },
  certificate: { notBefore: 1, notAfter: 2, validAtServerTime: false },
  identity: { computer: 'EDGE02' },
  trace: ['+0.000000 s  out: 2 bytes', '    16 03'],
}
const text = (
  reading: OneReading = good,
  servers: readonly ServerSnapshot[] = [],
  target = 'edge02.contoso.com:5061',
): string =>
  debugText({
    target,
    host: 'edge02.contoso.com',
    module: 'tls',
    reading,
    servers,
  })

void t.test('the exchange, the verdict and the facts are told', async t => {
  t.equal(
    text(),
    `target: edge02.contoso.com:5061
module: tls

The exchange, in seconds from its beginning:
+0.000000 s  out: 2 bytes
    16 03

verdict: read: 6 h 0 min 0 s behind (± 8 ms), against true time
offset: -21600.000000 s
error: 0.008000 s
round trip: 1 ms
duration: 500 ms
stratum: 3
notBefore: 1
notAfter: 2
validAtServerTime: false
computer: "EDGE02"

No configured server has this address.`,
  )
})

void t.test('a failure has its reason, and nothing that came is shown as it is', async t => {
  const detail = 'it said \u001b[2J\u202e'
  const failed = text({ ok: false, reason: 'protocol', detail, duration: 1, trace: ['a\nb'] })
  t.match(failed, 'verdict: not read: protocol, it said \\u{1b}[2J\\u{202e}')
  t.match(failed, '\na\\u{a}b\n')
})

void t.test('the modules of the configured server of that address are told', async t => {
  t.match(
    text(good, [{ ...server, server: 'other', address: '192.0.2.1' }, server]),
    `
edge02 in edgepool1, by its modules:
  tls: 6 h 0 min 0 s behind (± 10 ms)
  rdp: right (± 500 ms), answers as EDGE02
  smb: not read: refused
  ntp: not yet read
edgeclock_clock_consistent 1: no two of them contradict each other`,
  )
  t.notMatch(text(good, [server]), 'other in')
  const port = (number: number) => ({ ...server, address: `EDGE02.contoso.com:${number}` })
  t.match(text(good, [port(5061)]), 'edge02 in edgepool1')
  t.notMatch(text(good, [port(443)]), 'edge02 in edgepool1', 'another port was asked')
  const target = 'edge02.contoso.com'
  t.match(text(good, [port(443)], target), 'edge02 in edgepool1', 'no port was named')
})

void t.test('a module is told with all computers that answer it', async t => {
  const answersAs = ['NODE1', 'NODE2']
  const one = { module: 'rdp', success: true, identity: { dnsName: 'node2' }, ...counts }
  t.match(text(good, [{ ...server, modules: [one] }]), /offset is not known, answers as node2$/m)
  t.match(
    text(good, [{ ...server, modules: [{ ...one, answersAs }] }]),
    /, answers as NODE1 and NODE2$/m,
  )
})

void t.test('modules that contradict each other are named, each pair in a line', async t => {
  const contradicting = [['tls', 'rdp'], ['tls', 'ntp'], ['smb']] as const
  t.match(
    text(good, [{ ...server, consistent: false, contradicting }]),
    `
edgeclock_clock_consistent 0:
  tls and rdp contradict each other
  tls and ntp contradict each other
  smb’s own readings contradict each other: several clocks answer`,
  )
  const { consistent: _, ...unread } = server
  t.match(
    text(good, [unread]),
    'edgeclock_clock_consistent is absent: no module has read it lately',
  )
})

void t.test('/probe shows it where it is asked for, and asks for it', async t => {
  const parsed = parseConfig('reference: {servers: [192.0.2.1]}\nprobe: {allow: [192.0.2.11]}')
  if (!parsed.ok) throw new Error('the configuration is good')
  const asked: (boolean | undefined)[] = []
  const app = buildApp(
    stuck({
      config: () => parsed.config,
      probe: async ({ debug }) => {
        asked.push(debug)
        return good
      },
      snapshot: async () => ({
        reference: { synchronized: true, agreeing: 3, servers: [] },
        host: { steps: 0, suspends: 0 },
        servers: [{ ...server, address: '192.0.2.11' }],
      }),
    }),
  )
  const page = await app.inject('/probe?target=192.0.2.11&module=tls&debug=true')
  t.match(page.headers['content-type'], 'text/plain')
  t.equal(page.headers['x-content-type-options'], 'nosniff')
  t.match(page.body, 'out: 2 bytes')
  t.match(page.body, 'edge02 in edgepool1')
  const plain = await app.inject('/probe?target=192.0.2.11&module=tls')
  t.match(plain.body, /^probe_success 1$/m)
  t.notMatch(plain.body, 'out:')
  t.same(asked, [true, undefined])
})
