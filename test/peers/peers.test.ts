import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { promisify } from 'node:util'
import { test } from 'tap'
import { z } from 'zod'
import { startChronyd } from './chronyd.js'
import { steppingClock } from './faketime.js'
import { honestReply, startNtpServer } from './ntp-server.js'
import { queryNtp } from './ntp-query.js'
import { ntpdig } from './ntpdig.js'
import { joinEnv, peerVerdict, requirePeer, skipUnless } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { promtool, startPrometheus } from './prometheus.js'
import { openScope } from './scope.js'
import { startUdpProxy } from './udp-proxy.js'
import { until } from './wait.js'

const HOUR_SECONDS = 3600
/** More than any reading here is off by, on a machine busy with other tests. */
const NEAR_SECONDS = 0.25

void test('a missing peer skips the test, and fails it on CI', async t => {
  t.equal(peerVerdict([], true).verdict, 'run')
  t.match(peerVerdict(['chronyd'], false), { verdict: 'skip', why: /^chronyd is missing/ })
  t.match(peerVerdict(['chronyd', 'ntpdig'], true), { verdict: 'fail', why: /chronyd and ntpdig/ })
})

void test('each brought program runs', async t => {
  const versions = {
    chronyd: '-v',
    chronyc: '-v',
    ntpd: '-V',
    ntpq: '-V',
    ntpdig: '-V',
    prometheus: '--version',
  }
  for (const [name, flag] of Object.entries(versions)) {
    if (skipUnless(t, name)) continue
    const { path, env } = requirePeer(name)
    const ran = await promisify(execFile)(path, [flag], { env: { ...process.env, ...env } })
    t.match(`${ran.stdout}${ran.stderr}`, /\d+\.\d+/, name)
  }
})

void test('chronyd answers with the offset that it was started with', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const behind = await startChronyd(t, { offset: '-6h' })
  const answer = await behind.query()
  t.ok(Math.abs(answer.offsetSeconds + 6 * HOUR_SECONDS) < NEAR_SECONDS)
  t.match(answer, { leap: 0, stratum: 3 })
})

void test('chronyd serves on IPv6 and tells that it is not synchronised', async t => {
  if (skipUnless(t, 'chronyd')) return
  const { query } = await startChronyd(t, { address: '::1', unsynchronised: true })
  t.match(await query(), { leap: 3, stratum: 0 })
})

void test('a step moves the clock of a chronyd that runs', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const chronyd = await startChronyd(t, { steppable: true, stratum: 5 })
  t.ok(Math.abs((await chronyd.query()).offsetSeconds) < NEAR_SECONDS)
  for (const [offset, seconds] of [['+1h', HOUR_SECONDS] as const, ['-2.5', -2.5] as const]) {
    await chronyd.step(offset)
    const answer = await chronyd.query()
    t.ok(Math.abs(answer.offsetSeconds - seconds) < NEAR_SECONDS, offset)
    t.match(answer, { leap: 0, stratum: 5 })
  }
})

void test('ntpdig reads the same offset, from a port of ours', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime', 'ntpdig')) return
  const { address, port } = await startChronyd(t, { offset: '+90' })
  const answer = await ntpdig(address, port)
  t.ok(Math.abs(answer.offsetSeconds - 90) < NEAR_SECONDS)
  t.match(answer, { stratum: 3, leap: 'no-leap' })
})

const CLOCKS = `
  const os = require('node:os')
  const tell = () => console.log(JSON.stringify({
    wall: Date.now() / 1e3, mono: Number(process.hrtime.bigint()) / 1e9, uptime: os.uptime(),
  }))
  tell()
  setInterval(tell, 20)
`
const clocks = z.object({ wall: z.number(), mono: z.number(), uptime: z.number() })

void test("a step moves Node's wall clock and neither its monotonic clock nor the uptime", async t => {
  if (skipUnless(t, 'libfaketime')) return
  const clock = await steppingClock(t)
  const node = await startProcess(t, {
    command: process.execPath,
    args: ['-e', CLOCKS],
    env: clock.env,
    ready: output => output.includes('\n'),
  })
  const latest = () => clocks.parse(JSON.parse(node.output().trimEnd().split('\n').at(-1) ?? ''))
  const before = latest()
  t.ok(Math.abs(before.wall - Date.now() / 1e3) < 5)
  await clock.step('+1h')
  const after = await until(() => latest().wall - before.wall > 60 && latest(), { what: 'a step' })
  const passed = after.mono - before.mono
  t.ok(passed > 0 && passed < 30, 'monotonic clock')
  t.ok(Math.abs(after.wall - before.wall - passed - HOUR_SECONDS) < NEAR_SECONDS, 'wall clock')
  t.ok(Math.abs(after.uptime - before.uptime - passed) < 1, 'uptime')
})

void test('the proxy delays each direction by what it was asked, and by little more', async t => {
  const server = await startNtpServer(t, request => honestReply(request))
  const proxy = await startUdpProxy(t, { to: server, outMs: 20, backMs: 60 })
  const delays: { out: number; back: number }[] = []
  const sample = async () => {
    const { offsetSeconds, errorSeconds } = await queryNtp(proxy.address, proxy.port)
    const out = errorSeconds + offsetSeconds
    const back = errorSeconds - offsetSeconds
    delays.push({ out, back })
    return out < 0.023 && back < 0.063
  }
  await until(sample, { what: 'delays by no more than 3 ms too much' })
  // Both ends read the same clock, to some microseconds.
  t.same(
    delays.filter(({ out, back }) => out < 0.0199 || back < 0.0599),
    [],
  )
})

void test('the proxy loses the packets that it is told to', async t => {
  const server = await startNtpServer(t, request => honestReply(request, { offsetSeconds: -90 }))
  const proxy = await startUdpProxy(t, { to: server, lossOut: n => n === 0 })
  await t.rejects(queryNtp(proxy.address, proxy.port, 50))
  const { offsetSeconds } = await queryNtp(proxy.address, proxy.port)
  t.ok(Math.abs(offsetSeconds + 90) < NEAR_SECONDS)
  t.same(proxy.counts, { out: 1, back: 1, lostOut: 1, lostBack: 0 })
  t.equal(server.requests(), 1)
})

void test('Prometheus answers a query about what it scraped', async t => {
  if (skipUnless(t, 'prometheus')) return
  const page = createServer((request, response) => response.end(`asked{url="${request.url}"} 42\n`))
  const port = await freeTcpPort()
  page.listen(port, '127.0.0.1')
  await once(page, 'listening')
  t.teardown(() => page.close())
  const scrape = {
    job: 'page',
    target: `127.0.0.1:${port}`,
    metricsPath: '/p',
    params: { q: ['1'] },
  }
  const prometheus = await startPrometheus(t, { scrape: [scrape] })
  const found = async () => (await prometheus.query('asked'))[0]
  t.match(await until(found, { what: 'a scrape' }), {
    metric: { job: 'page', url: '/p?q=1' },
    value: 42,
  })
  t.match(await prometheus.query('1 / scalar(asked - 42)'), [{ metric: {}, value: Infinity }])
  await t.rejects(prometheus.query('asked{'), /parse error/)
})

void test('promtool tells a good metrics page from a bad one', async t => {
  if (skipUnless(t, 'promtool')) return
  const good = '# HELP a_seconds An a.\n# TYPE a_seconds gauge\na_seconds 1\n'
  t.match(await promtool(['check', 'metrics'], good), { code: 0 })
  t.match(await promtool(['check', 'metrics'], 'a b c\n'), { code: 1, stderr: /error/ })
})

void test('a process that ends before it is ready is reported with what it wrote', async t => {
  const script = 'console.error("no such folder"); process.exit(7)'
  const started = startProcess(t, {
    command: process.execPath,
    args: ['-e', script],
    ready: () => false,
  })
  await t.rejects(started, { message: /ended with 7[^]*no such folder/ })
})

void test('a process that ignores SIGTERM is killed after the deadline', async t => {
  const script = 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e6); console.log("up")'
  const { stop, exited } = await startProcess(t, {
    command: process.execPath,
    args: ['-e', script],
    ready: output => output.includes('up'),
    stopTimeoutMs: 50,
  })
  await stop()
  t.match(await exited, { signal: 'SIGKILL' })
})

void test('a scope releases what was started last first', async t => {
  const { teardown, close } = openScope()
  const released: string[] = []
  for (const name of ['folder', 'process']) teardown(() => released.push(name))
  await close()
  t.same(released, ['process', 'folder'])
})

void test('libraries of several parts are all found', async t => {
  const joined = joinEnv({ LD_LIBRARY_PATH: '/a', X: '1' }, { LD_LIBRARY_PATH: '/b' }, { Y: '2' })
  t.same(joined, { LD_LIBRARY_PATH: '/a:/b', X: '1', Y: '2' })
})
