import { Socket } from 'node:dgram'
import { getEventListeners } from 'node:events'
import { test } from 'tap'
import { exchangeDatagram } from '../../src/net/datagram.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import type { Address, DatagramCall, DatagramResult } from '../../src/net/platform.js'
import type { Clock } from '../../src/time/clock.js'
import { type MonoNs, durationNs, monoNs, unixNs } from '../../src/time/units.js'
import { settle } from './virtual-time.js'
import { LOOPBACK, LOOPBACK_6, closedPort, openSockets, startUdp } from './udp.js'

/** Only the monotonic clock is real: an exchange has no business with the others. */
const clock: Clock = {
  mono: () => monoNs(process.hrtime.bigint()),
  wall: () => unixNs(0n),
  uptime: () => ({ since: durationNs(0n), resolution: durationNs(0n) }),
}

const REQUEST = Buffer.from('request')

interface Reply {
  readonly text: string
  readonly received: MonoNs
}

const exchange = (
  port: number,
  { to = LOOPBACK, ...more }: Partial<DatagramCall<Reply>> = {},
): Promise<DatagramResult<Reply>> =>
  exchangeDatagram(clock, {
    to,
    port,
    request: REQUEST,
    accept: (bytes, received) => ({ text: Buffer.from(bytes).toString(), received }),
    signal: new AbortController().signal,
    ...more,
  })

/** More turns of the event loop than closing a socket takes, by far. */
const TURNS = 100_000

/** Waits until only so many UDP sockets are open: a socket closes a turn after it was told to. */
const onlyOpen = async (count: number): Promise<boolean> => {
  for (let turn = 0; turn < TURNS && openSockets() !== count; turn++) await settle()
  return openSockets() === count
}

void test('a request goes out as it is and the reply comes back', async t => {
  const server = await startUdp(t, () => [Buffer.from('reply')])
  const result = await exchange(server.port)
  t.match(result, { ok: true, value: { text: 'reply' } })
  t.equal(server.requests.length, 1)
  t.same(server.requests[0]?.bytes, REQUEST)
  t.ok(await onlyOpen(1))
})

void test('the stamps enclose the wire and the time that the server had the request', async t => {
  let handedOver: bigint | undefined
  let held: bigint | undefined
  const send = Reflect.get(Socket.prototype, 'send') as (...given: unknown[]) => void
  t.teardown(() => Object.assign(Socket.prototype, { send }))
  const server = await startUdp(t, (_, from) => {
    held = clock.mono()
    return server.send(Buffer.from('reply'), from)
  })
  Object.assign(Socket.prototype, {
    send(this: Socket, ...given: unknown[]) {
      handedOver ??= clock.mono()
      return send.apply(this, given)
    },
  })
  const started = clock.mono()
  const result = await exchange(server.port)
  if (!result.ok || handedOver === undefined || held === undefined) throw new Error('no reply')
  t.ok(started <= result.sent && result.sent <= handedOver && handedOver <= held)
  t.ok(held <= result.value.received && result.value.received <= clock.mono())
})

void test('silence ends as a timeout when the time is up', async t => {
  const server = await startUdp(t)
  const controller = new AbortController()
  const silent = exchange(server.port, { signal: controller.signal })
  await server.heard(1)
  controller.abort(new DeadlineExceeded('time is up'))
  t.match(await silent, { ok: false, reason: 'timeout' })
  t.ok(await onlyOpen(1))
})

void test('a closed port is refused without waiting for the time to be up', async t => {
  t.match(await exchange(await closedPort()), { ok: false, reason: 'refused' })
  t.ok(await onlyOpen(0))
})

void test('a datagram from another port is never seen', async t => {
  const forger = await startUdp(t)
  const seen: string[] = []
  const server = await startUdp(t, async (_, from) => {
    await forger.send(Buffer.from('forged'), from)
    await server.send(Buffer.from('true'), from)
  })
  const result = await exchange(server.port, {
    accept: (bytes, received) => {
      const text = Buffer.from(bytes).toString()
      seen.push(text)
      return text === 'true' ? { text, received } : undefined
    },
  })
  t.match(result, { ok: true, value: { text: 'true' } })
  t.same(seen, ['true'])
})

void test('datagrams that are thrown away do not end the wait for the true one', async t => {
  const replies = ['', 'bad', 'worse', 'good', 'too late'].map(text => Buffer.from(text))
  const server = await startUdp(t, () => replies)
  const seen: string[] = []
  const result = await exchange(server.port, {
    accept: (bytes, received) => {
      const text = Buffer.from(bytes).toString()
      seen.push(text)
      return text === 'good' ? { text, received } : undefined
    },
  })
  t.match(result, { ok: true, value: { text: 'good' } })
  t.ok(await onlyOpen(1))
  t.same(seen, ['', 'bad', 'worse', 'good'])
})

void test('what was given up before it began asks nobody', async t => {
  const server = await startUdp(t, () => [Buffer.from('reply')])
  t.ok(await onlyOpen(1))
  t.match(await exchange(server.port, { signal: AbortSignal.abort() }), { reason: 'aborted' })
  const late = AbortSignal.abort(new DeadlineExceeded('time is up'))
  t.match(await exchange(server.port, { signal: late }), { reason: 'timeout' })
  t.equal(openSockets(), 1, 'not even a socket was opened')
  await exchange(server.port)
  t.equal(server.requests.length, 1)
})

void test('what is given up before the socket is connected leaves nothing behind', async t => {
  const server = await startUdp(t)
  const controller = new AbortController()
  const given = exchange(server.port, { signal: controller.signal })
  controller.abort()
  t.match(await given, { ok: false, reason: 'aborted' })
  t.ok(await onlyOpen(1))
})

void test('what is given up while it waits leaves nothing behind', async t => {
  const server = await startUdp(t)
  const controller = new AbortController()
  const given = exchange(server.port, { signal: controller.signal })
  await server.heard(1)
  controller.abort()
  t.match(await given, { ok: false, reason: 'aborted' })
  t.ok(await onlyOpen(1))
  controller.abort()
})

/** A socket of the other family cannot be connected to it: an error without any network. */
const NOWHERE: Address = { address: '::1', family: 4 }

void test('an address that cannot be connected to is unreachable', async t => {
  t.match(await exchange(9, { to: NOWHERE }), { ok: false, reason: 'unreachable' })
  t.ok(await onlyOpen(0))
})

const abortable = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: () => controller.abort() }
}

/** Calls `run` after so many turns of Node's own queue, which comes before that of promises. */
const afterTicks = (ticks: number, run: () => void): void => {
  if (ticks === 0) run()
  else process.nextTick(afterTicks, ticks - 1, run)
}

void test('an error that is on its way when an exchange is given up is no news', async t => {
  const verdicts = new Set<string>()
  for (let ticks = 0; ticks < 8; ticks++) {
    const { signal, abort } = abortable()
    const given = exchange(9, { to: NOWHERE, signal })
    afterTicks(ticks, abort)
    const result = await given
    verdicts.add(result.ok ? 'ok' : result.reason)
    t.ok(await onlyOpen(0), `given up after ${ticks} ticks`)
  }
  t.same([...verdicts], ['aborted', 'unreachable'], 'both before the error and after it')
})

void test('an exchange that is over does not listen to its signal any more', async t => {
  const server = await startUdp(t, () => [Buffer.from('reply')])
  const { signal } = new AbortController()
  const asked = exchange(server.port, { signal })
  t.equal(getEventListeners(signal, 'abort').length, 1)
  t.match(await asked, { ok: true })
  t.same(getEventListeners(signal, 'abort'), [])
})

void test('a request that cannot be sent is a failure at once', async t => {
  const server = await startUdp(t)
  const result = await exchange(server.port, { request: Buffer.alloc(70_000) })
  t.match(result, { ok: false, reason: 'unreachable', detail: /EMSGSIZE/ })
  t.ok(await onlyOpen(1))
})

void test('a request that cannot be sent is no news when the exchange was given up meanwhile', async t => {
  const server = await startUdp(t)
  const verdicts = new Set<string>()
  for (let ticks = 0; ticks < 8; ticks++) {
    const { signal, abort } = abortable()
    const given = exchange(server.port, { request: Buffer.alloc(70_000), signal })
    afterTicks(ticks, abort)
    const result = await given
    verdicts.add(result.ok ? 'ok' : result.reason)
    t.ok(await onlyOpen(1), `given up after ${ticks} ticks`)
  }
  t.same([...verdicts], ['aborted', 'unreachable'], 'both before the error and after it')
})

void test('exchanges at the same time do not see each other’s replies', async t => {
  const server = await startUdp(t, request => [Buffer.concat([Buffer.from('re: '), request])])
  const names = Array.from({ length: 20 }, (_, i) => `question ${i}`)
  const results = await Promise.all(
    names.map(name => exchange(server.port, { request: Buffer.from(name) })),
  )
  t.same(
    results.map(result => result.ok && result.value.text),
    names.map(name => `re: ${name}`),
  )
  t.equal(new Set(server.requests.map(({ from }) => from.port)).size, 20, 'each has its own port')
  t.ok(await onlyOpen(1))
})

void test('an IPv6 server is asked over IPv6', async t => {
  const started = startUdp(t, () => [Buffer.from('reply')], LOOPBACK_6)
  const server = await started.catch((error: Error) => error.message)
  if (typeof server === 'string') {
    t.pass(`no IPv6 loopback here: ${server}`, { skip: true })
    return
  }
  const to: Address = LOOPBACK_6
  t.match(await exchange(server.port, { to }), { ok: true, value: { text: 'reply' } })
  t.equal(server.requests[0]?.from.family, 'IPv6')
})
