import { randomBytes } from 'node:crypto'
import t from 'tap'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { skipUnless } from '../peers/peer.js'
import { freeUdpPort } from '../peers/ports.js'
import { startPrometheus } from '../peers/prometheus.js'
import { until } from '../peers/wait.js'
import { at, poolOf, startExporter } from './exporter.js'

void t.test('every fault has its reason, and costs the healthy servers nothing', async t => {
  const honest = () => startNtpServer(t, request => honestReply(request))
  const [reference, healthy] = await Promise.all([honest(), honest()])
  const spoilt = (spoil: (reply: Buffer) => Buffer | Buffer[] | undefined) =>
    startNtpServer(t, request => spoil(honestReply(request)))
  const xor = (offset: number) => (reply: Buffer) => {
    reply[offset]! ^= 0x80
    return reply
  }
  const servers = {
    healthy,
    silent: await spoilt(() => undefined),
    closed: { address: '127.0.0.1', port: await freeUdpPort() },
    unknown: { address: 'no-such-host.invalid', port: 123 },
    cookie: await spoilt(xor(24)),
    short: await spoilt(reply => reply.subarray(0, 47)),
    long: await spoilt(reply => Buffer.concat([reply, Buffer.alloc(9000)])),
    // 0x24 ^ 0x80: the leap bits; a client's mode needs the low bits.
    mode: await spoilt(reply => {
      reply[0] = 0x23
      return reply
    }),
    stamps: await spoilt(reply => reply.fill(0, 32, 48)),
    backwards: await spoilt(xor(40)),
    kiss: await startNtpServer(t, request => honestReply(request, { stratum: 0, refid: 'RATE' })),
    garbage: await startNtpServer(t, () =>
      Array.from({ length: 20 }, (_, i) => randomBytes(i * 13)),
    ),
  }
  const expected: Readonly<Record<string, string>> = {
    silent: 'timeout',
    closed: 'refused',
    unknown: 'dns',
    cookie: 'protocol',
    short: 'protocol',
    long: 'protocol',
    mode: 'protocol',
    stamps: 'implausible',
    backwards: 'implausible',
    kiss: 'kiss_of_death',
    garbage: 'protocol',
  }
  const exporter = await startExporter(t, poolOf([reference], servers))
  const failures = 'edgeclock_probe_failures_total'
  const metrics = await until(
    async () => {
      const page = await exporter.metrics()
      const seen = Object.entries(expected).every(
        ([server, reason]) => (page.value(failures, { server, reason }) ?? 0) > 0,
      )
      const read = page.value('edgeclock_clock_offset_seconds', { server: 'healthy' })
      return seen && read !== undefined ? page : undefined
    },
    { what: 'every fault to be counted by its reason', timeoutMs: 30_000 },
  )
  for (const server of Object.keys(expected)) {
    t.equal(metrics.value('edgeclock_clock_offset_seconds', { server }), undefined, server)
    t.equal(metrics.value('edgeclock_probe_success', { server }), 0)
    t.ok((metrics.value('edgeclock_probe_duration_seconds', { server }) ?? 9) < 3)
  }
  t.equal(metrics.value('edgeclock_probe_success', { server: 'healthy' }), 1)
  for (const [server, reason] of [
    ['cookie', 'cookie'],
    ['short', 'length'],
    ['long', 'length'],
    ['mode', 'mode'],
  ] as const) {
    const discarded = metrics.value('edgeclock_probe_packets_discarded_total', { server, reason })
    t.ok((discarded ?? 0) > 0, `${server}: discarded for its ${reason}`)
  }
})

void t.test('references that all lie differently: nothing is told as if it were known', async t => {
  const liars = await Promise.all(
    [3600, 7200, -3600].map(offsetSeconds =>
      startNtpServer(t, request => honestReply(request, { offsetSeconds })),
    ),
  )
  const edge01 = await startNtpServer(t, request => honestReply(request))
  const exporter = await startExporter(t, poolOf(liars, { edge01 }))
  const metrics = await until(
    async () => {
      const page = await exporter.metrics()
      const reached = page.all('edgeclock_reference_server_reachable')
      const read = page.value('edgeclock_probe_success', { server: 'edge01' }) === 1
      return read && reached.length === 3 && reached.every(({ value }) => value === 1)
        ? page
        : undefined
    },
    { what: 'all three liars and the server to have answered' },
  )
  t.equal(metrics.value('edgeclock_reference_synchronized'), 0)
  for (const name of ['clock_offset', 'probe_offset', 'host_clock_offset', 'reference_error']) {
    t.same(metrics.all(`edgeclock_${name}_seconds`), [], name)
  }
})

void t.test('Prometheus needs nothing but /sd to probe every server', async t => {
  if (skipUnless(t, 'prometheus')) return
  const [reference, edge01, edge02] = await Promise.all(
    [0, 0, -21_600].map(offsetSeconds =>
      startNtpServer(t, request => honestReply(request, { offsetSeconds })),
    ),
  )
  const exporter = await startExporter(
    t,
    poolOf([reference!], { edge01: edge01!, edge02: edge02! }),
  )
  const prometheus = await startPrometheus(t, {
    scrape: [{ job: 'sd', httpSd: `${exporter.url}/sd` }],
  })
  const probed = await until(
    async () => {
      const found = await prometheus.query('probe_clock_offset_seconds')
      return found.length === 2 ? found : undefined
    },
    { what: 'both probes in Prometheus', timeoutMs: 60_000 },
  )
  const edge = probed.find(({ metric }) => metric['server'] === 'edge02')
  t.match(edge?.metric, { pool: 'edgepool1', module: 'quick', instance: at(edge02!) })
  t.ok(Math.abs((edge?.value ?? 0) + 21_600) < 0.01)
})
