import {
  type DiscardReason,
  REPLY_BYTES_LIMIT,
  decodeReply,
  exchangeInterval,
  isUnsynchronised,
  kissCode,
  rootDistance,
  roundTrip,
} from '../../src/protocol/ntp.js'
import { monoNs } from '../../src/time/units.js'
import { COOKIE, REPLY } from './golden.js'

/** Numbers from 0 to 2^32 - 1, the same for the same seed (mulberry32). */
const generator = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let x = Math.imul(state ^ (state >>> 15), state | 1)
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61)
    return (x ^ (x >>> 14)) >>> 0
  }
}

/** How many inputs decoded, and how many were discarded for each reason. */
export type Outcome = { decoded: number } & Record<DiscardReason, number>

/**
 * Feeds `count` inputs to everything that reads a reply: random bytes of any length, and valid
 * replies with some bytes overwritten, cut short or made longer.
 *
 * @throws whatever the code throws, and an Error where what it says makes no sense
 */
export const fuzzReplies = (count: number, seed: number): Outcome => {
  const random = generator(seed)
  const outcome: Outcome = { decoded: 0, length: 0, mode: 0, cookie: 0 }
  const pool = new Uint8Array(REPLY_BYTES_LIMIT + 64)
  for (let run = 0; run < count; run++) {
    const bytes = nextInput(pool, random)
    const decoded = decodeReply(bytes, COOKIE)
    if (!decoded.ok) {
      outcome[decoded.reason]++
      continue
    }
    outcome.decoded++
    const { packet } = decoded
    const sent = monoNs(BigInt(random()))
    const exchange = { sent, received: monoNs(sent + BigInt(random())), packet }
    const interval = exchangeInterval(exchange)
    const sane =
      (interval === undefined || interval.lo <= interval.hi) &&
      roundTrip(exchange) >= 0n &&
      rootDistance(packet) >= 0n &&
      (kissCode(packet) === undefined || isUnsynchronised(packet))
    if (!sane) throw new Error(`makes no sense: ${Buffer.from(bytes).toString('hex')}`)
  }
  return outcome
}

/** A view into `pool`, which may begin anywhere in it. */
const nextInput = (pool: Uint8Array, random: () => number): Uint8Array => {
  const start = random() % 9
  const kind = random() % 4
  if (kind === 0) {
    const length = random() % (pool.length - start)
    const bytes = pool.subarray(start, start + length)
    for (let i = 0; i < Math.min(length, 64); i++) bytes[i] = random()
    return bytes
  }
  const extra = kind === 1 ? (random() % 24) - 8 : 0
  const bytes = pool.subarray(start, start + REPLY.length + extra)
  bytes.set(REPLY.subarray(0, bytes.length))
  for (let changes = random() % 6; changes > 0; changes--) bytes[random() % bytes.length] = random()
  return bytes
}
