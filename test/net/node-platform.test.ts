import { test } from 'tap'
import { nodePlatform } from '../../src/net/node-platform.js'
import { milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { replyTo } from './replies.js'
import { LOOPBACK, LOOPBACK_6, closedPort, startUdp } from './udp.js'

const LONG = seconds(3600)
/** 2023-11-14T22:13:20.123456789Z, as a server's clock shows it. */
const NOW = unixNs(1_700_000_000_123_456_789n)
const never = new AbortController().signal

void test('the monotonic clock never goes back', async t => {
  const { clock } = nodePlatform()
  const reads = Array.from({ length: 1000 }, () => clock.mono())
  t.ok(reads.every((read, i) => read >= (reads[i - 1] ?? 0n)))
})

void test('the time since boot tells how exact it is', async t => {
  const { clock } = nodePlatform()
  const [earlier, later] = [clock.uptime(), clock.uptime()]
  t.ok(earlier.since > 0n && later.since + later.resolution >= earlier.since)
  for (const { since, resolution } of [earlier, later]) {
    t.equal(resolution, since % seconds(1) === 0n ? seconds(1.01) : milliseconds(20), `${since} ns`)
  }
})

void test('a timer runs once, and not at all when it is cancelled', async t => {
  const { timers } = nodePlatform()
  const ran: string[] = []
  const cancel = timers.after(milliseconds(1), () => ran.push('cancelled'))
  timers.after(milliseconds(1), () => ran.push('first'))
  cancel()
  await new Promise<void>(resolve => timers.after(milliseconds(20), resolve))
  t.same(ran, ['first'])
  cancel()
})

void test('a delay longer than Node’s timers can count does not end at once', async t => {
  const { timers } = nodePlatform()
  let ran = false
  const cancel = timers.after(seconds(40 * 86_400), () => {
    ran = true
  })
  await new Promise<void>(resolve => timers.after(milliseconds(20), resolve))
  t.notOk(ran)
  cancel()
})

void test('cookies are of the length that is asked for, and no two are alike', async t => {
  const platform = nodePlatform()
  const cookies = Array.from({ length: 100 }, () => Buffer.from(platform.randomBytes(8)))
  t.ok(cookies.every(cookie => cookie.length === 8))
  t.equal(new Set(cookies.map(cookie => cookie.toString('hex'))).size, 100)
})

void test('an IP address is resolved to itself', async t => {
  t.strictSame(await nodePlatform().resolve('::1', never), { ok: true, ...LOOPBACK_6 })
})

void test('it is quiet while no exchange is under way', async t => {
  const platform = nodePlatform()
  const server = await startUdp(t)
  const ask = (port: number, signal: AbortSignal) => {
    const request = Buffer.from('request')
    return platform.exchangeDatagram({ to: LOOPBACK, port, request, signal, accept: () => 1 })
  }
  t.ok(platform.isQuiet())
  const controller = new AbortController()
  const silent = ask(server.port, controller.signal)
  const refused = ask(await closedPort(), never)
  t.notOk(platform.isQuiet())
  t.match(await refused, { reason: 'refused' })
  t.notOk(platform.isQuiet(), 'one of two is still under way')
  controller.abort()
  t.match(await silent, { reason: 'aborted' })
  t.ok(platform.isQuiet())
})

void test('the witness tells the stamps of the server, cut to a millisecond', async t => {
  const server = await startUdp(t, request => [
    replyTo(request, NOW, { transmit: unixNs(NOW + 5_000_000n) }),
  ])
  const stamps = await nodePlatform().askWitness(LOOPBACK, server.port, LONG)
  t.strictSame(stamps, {
    receive: 1_700_000_000_123_000_000n,
    transmit: 1_700_000_000_128_000_000n,
  })
})

void test('a witness that hears a packet cut short has nothing to say', async t => {
  for (const length of [0, 1, 20, 32, 39]) {
    const server = await startUdp(t, request => [replyTo(request, NOW).subarray(0, length)])
    const stamps = await nodePlatform().askWitness(LOOPBACK, server.port, LONG)
    t.equal(stamps, undefined, `${length} bytes`)
  }
})

void test('a witness that hears nothing has nothing to say', async t => {
  const server = await startUdp(t)
  t.equal(await nodePlatform().askWitness(LOOPBACK, server.port, milliseconds(50)), undefined)
  t.equal(
    await nodePlatform().askWitness(LOOPBACK, await closedPort(), milliseconds(50)),
    undefined,
  )
})

void test('the witness knows no IPv6 and is not asked', async t => {
  t.equal(await nodePlatform().askWitness(LOOPBACK_6, 9, LONG), undefined)
})
