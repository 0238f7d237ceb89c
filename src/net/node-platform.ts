import { randomBytes } from 'node:crypto'
import { uptime } from 'node:os'
import { NtpTimeSync } from 'ntp-time-sync'
import type { Clock } from '../time/clock.js'
import { milliseconds, monoNs, seconds, toMilliseconds, unixNs } from '../time/units.js'
import { type Load, connect } from './connection.js'
import { exchangeDatagram } from './datagram.js'
import type { Platform, Timers, WitnessStamps } from './platform.js'
import { Resolver } from './resolver.js'

const WHOLE = seconds(1.01)
const HUNDREDTHS = milliseconds(20)

/** This machine's clocks. */
export const nodeClock: Clock = {
  wall: () => unixNs(BigInt(Date.now()) * 1_000_000n),
  mono: () => monoNs(process.hrtime.bigint()),
  uptime: () => {
    const since = uptime()
    // A whole number is what libuv gives where /proc/uptime cannot be read, or by chance.
    return { since: seconds(since), resolution: Number.isInteger(since) ? WHOLE : HUNDREDTHS }
  },
}

/** setTimeout takes 31 bits of milliseconds. */
const LONGEST = milliseconds(2 ** 31 - 1)

export const nodeTimers: Timers = {
  after: (delay, run) => {
    const timer = setTimeout(run, Math.ceil(toMilliseconds(delay < LONGEST ? delay : LONGEST)))
    return () => clearTimeout(timer)
  },
}

/** Drawn at once: for a few bytes each, asking the kernel costs more than all the rest. */
const POOL_BYTES = 4096

/** Cryptographically strong, and no byte is given twice. */
const pooledRandom = (): Platform['randomBytes'] => {
  let pool: Uint8Array = new Uint8Array(0)
  return count => {
    if (count > POOL_BYTES) return randomBytes(count)
    if (pool.length < count) pool = randomBytes(POOL_BYTES)
    const given = pool.subarray(0, count)
    pool = pool.subarray(count)
    return given
  }
}

/** The real world. One a thread: it holds the resolver's cache. */
export const nodePlatform = (): Platform => {
  const resolver = new Resolver()
  const load: Load = { underWay: 0 }
  return {
    clock: nodeClock,
    timers: nodeTimers,
    randomBytes: pooledRandom(),
    resolve: (host, signal) => resolver.resolve(host, signal),
    exchangeDatagram: call => {
      load.underWay++
      return exchangeDatagram(nodeClock, call).finally(() => load.underWay--)
    },
    connect: call => connect(nodeClock, call, load),
    isQuiet: () => load.underWay === 0,
    askWitness: async ({ address, family }, port, timeout) => {
      if (family !== 4) return undefined
      const client = new NtpTimeSync({ replyTimeout: toMilliseconds(timeout), servers: [] })
      // It rejects on its timeout and on refusals alike; a silent witness is no news.
      return client.getNetworkTime(address, port).then(witnessStamps, () => undefined)
    },
  }
}

/** `ntp-time-sync` gives its stamps as Dates, and an invalid Date for a packet that was cut short. */
const witnessStamps = (packet: {
  receiveTimestamp?: Date
  transmitTimestamp?: Date
}): WitnessStamps | undefined => {
  const receive = packet.receiveTimestamp?.getTime()
  const transmit = packet.transmitTimestamp?.getTime()
  if (!Number.isSafeInteger(receive) || !Number.isSafeInteger(transmit)) return undefined
  return {
    receive: unixNs(BigInt(receive ?? 0) * 1_000_000n),
    transmit: unixNs(BigInt(transmit ?? 0) * 1_000_000n),
  }
}
