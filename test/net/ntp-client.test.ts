import { test } from 'tap'
import { type NtpCall, type NtpResult, ntpExchange } from '../../src/net/ntp-client.js'
import type { Platform } from '../../src/net/platform.js'
import {
  type DiscardReason,
  REPLY_BYTES_LIMIT,
  encodeRequest,
  exchangeInterval,
} from '../../src/protocol/ntp.js'
import { contains } from '../../src/time/interval.js'
import { seconds } from '../../src/time/units.js'
import { LoopbackPlatform, WALL } from './loopback-platform.js'
import { withByte } from './replies.js'
import { LOOPBACK, LOOPBACK_6, closedPort, startUdp } from './udp.js'

const FLAGS_AT = 0
const ORIGIN_AT = 24
const TIMEOUT = seconds(1)

/** Asks a server that answers each request with these datagrams; ends with its result. */
const ask = (platform: Platform, port: number, call: Partial<NtpCall> = {}): Promise<NtpResult> =>
  ntpExchange(platform, { host: LOOPBACK.address, port, timeout: TIMEOUT, ...call })

/** Passes the deadline once so many datagrams were thrown away. */
const discarding = (platform: LoopbackPlatform, expireAfter = Infinity) => {
  const discarded: DiscardReason[] = []
  const onDiscard = (reason: DiscardReason): void => {
    discarded.push(reason)
    if (discarded.length === expireAfter) platform.expire()
  }
  return { discarded, onDiscard }
}

const forged = (reply: Uint8Array): Uint8Array => withByte(reply, ORIGIN_AT, 0xee)

void test('an exchange gives the four stamps, and they hold the server’s clock', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => [platform.reply(request)])
  const result = await ask(platform, server.port)
  if (!result.ok) throw new Error(result.detail)
  t.same(result.address, { ok: true, ...LOOPBACK })
  t.ok(result.exchange.sent < result.exchange.received)
  const interval = exchangeInterval(result.exchange)
  t.ok(interval && contains(interval, WALL))
  t.same(platform.deadlines, [], 'no timer is left')
})

void test('a request is one packet with a fresh cookie of eight random bytes', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => [platform.reply(request)])
  await ask(platform, server.port)
  await ask(platform, server.port)
  t.same(
    platform.cookies.map(cookie => cookie.length),
    [8, 8],
  )
  t.same(
    server.requests.map(({ bytes }) => bytes),
    platform.cookies.map(cookie => Buffer.from(encodeRequest(cookie))),
  )
  t.notSame(server.requests[0]?.bytes, server.requests[1]?.bytes)
})

void test('what is not the reply is thrown away, and the reply after it is read', async t => {
  const platform = new LoopbackPlatform()
  const long = new Uint8Array(REPLY_BYTES_LIMIT + 4)
  const server = await startUdp(t, request => {
    const reply = platform.reply(request)
    long.set(reply)
    return [
      forged(reply),
      withByte(reply, FLAGS_AT, 0x23),
      reply.subarray(0, 44),
      long,
      new Uint8Array(0),
      reply,
    ]
  })
  const { discarded, onDiscard } = discarding(platform)
  const result = await ask(platform, server.port, { onDiscard })
  t.match(result, { ok: true, exchange: { packet: { stratum: 2 } } })
  t.same(discarded, ['cookie', 'mode', 'length', 'length', 'length'])
})

void test('where only wrong packets come, the last of them is the reason', async t => {
  const table: readonly [string, (reply: Uint8Array) => Uint8Array, DiscardReason][] = [
    ['a wrong cookie', forged, 'cookie'],
    ['a wrong mode', reply => withByte(reply, FLAGS_AT, 0x25), 'mode'],
    ['a version of the future', reply => withByte(reply, FLAGS_AT, 0x2c), 'mode'],
    ['too short a packet', reply => reply.subarray(0, 47), 'length'],
    ['an empty packet', () => new Uint8Array(0), 'length'],
  ]
  for (const [name, spoil, reason] of table) {
    const platform = new LoopbackPlatform()
    const server = await startUdp(t, request => {
      const reply = platform.reply(request)
      return [reply.subarray(0, 4), spoil(reply)]
    })
    const { discarded, onDiscard } = discarding(platform, 2)
    const result = await ask(platform, server.port, { onDiscard })
    const detail = `only packets with a wrong ${reason} came`
    t.strictSame(result, { ok: false, reason: 'protocol', detail }, name)
    t.same(discarded, ['length', reason], name)
  }
})

void test('nobody need hear of what is thrown away', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => {
    const reply = platform.reply(request)
    return [forged(reply), reply]
  })
  t.match(await ask(platform, server.port), { ok: true })
})

void test('silence is a timeout, of the length that was asked for', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t)
  const silent = ask(platform, server.port)
  await server.heard(1)
  t.same(
    platform.deadlines.map(({ delay }) => delay),
    [TIMEOUT],
  )
  platform.expire()
  t.match(await silent, { ok: false, reason: 'timeout' })
})

void test('a closed port is refused at once, wrong packets or not', async t => {
  const platform = new LoopbackPlatform()
  t.match(await ask(platform, await closedPort()), { ok: false, reason: 'refused' })
  t.same(platform.deadlines, [])
})

void test('an exchange that is given up is aborted, even after wrong packets', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => [forged(platform.reply(request))])
  const controller = new AbortController()
  const onDiscard = (): void => controller.abort()
  const given = await ask(platform, server.port, { signal: controller.signal, onDiscard })
  t.match(given, { ok: false, reason: 'aborted' })
  t.same(platform.deadlines, [])
})

void test('a name without an address is the resolver’s failure, and nobody is asked', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => [platform.reply(request)])
  const result = await ask(platform, server.port, { host: 'nobody.example' })
  t.strictSame(result, { ok: false, reason: 'dns', detail: 'no address of nobody.example' })
  t.equal(platform.cookies.length, 0)
  t.same(platform.deadlines, [])
})

void test('the deadline is for the name and the exchange together', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t)
  platform.resolve = async () => {
    platform.expire()
    return { ok: true, ...LOOPBACK }
  }
  t.match(await ask(platform, server.port, { host: 'slow.example' }), { reason: 'timeout' })
  t.equal(server.requests.length, 0)
})

void test('a jump of our own wall clock during the exchange makes it worth nothing', async t => {
  const ms = 1_000_000n
  const table: readonly [jump: bigint, expected: string][] = [
    [0n, 'ok'],
    [5_000n * ms, 'aborted'],
    [-5_000n * ms, 'aborted'],
    [20_000n * ms, 'aborted'],
    [86_400_000n * ms, 'aborted'],
  ]
  for (const [jump, expected] of table) {
    const platform = new LoopbackPlatform()
    const server = await startUdp(t, request => {
      const reply = platform.reply(request)
      platform.wallJump += jump
      return [reply]
    })
    const result = await ask(platform, server.port)
    t.equal(result.ok ? 'ok' : result.reason, expected, `${jump} ns`)
  }
})

void test('a jump before the exchange or after it does no harm', async t => {
  const platform = new LoopbackPlatform()
  const server = await startUdp(t, request => [platform.reply(request)])
  for (const jump of [3_600_000_000_000n, -3_600_000_000_000n]) {
    platform.wallJump += jump
    t.match(await ask(platform, server.port), { ok: true })
  }
})

void test('an IPv6 address is asked over IPv6', async t => {
  const platform = new LoopbackPlatform()
  const started = startUdp(t, request => [platform.reply(request)], LOOPBACK_6)
  const server = await started.catch((error: Error) => error.message)
  if (typeof server === 'string') {
    t.pass(`no IPv6 loopback here: ${server}`, { skip: true })
    return
  }
  const result = await ask(platform, server.port, { host: '::1' })
  t.match(result, { ok: true, address: LOOPBACK_6 })
})
