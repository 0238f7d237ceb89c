import { type Interval, gap, widen } from './interval.js'
import { PHI_PPM, SLEW_PPM, WANDER_PPM } from './tracker.js'
import { type DurationNs, type MonoNs, abs, durationNs, elapsed, ppm, seconds } from './units.js'

interface Seen {
  readonly at: MonoNs
  readonly interval: Interval
}

/**
 * A clock followed from one reading to the next, to aim at it and for nothing else: at `at` its difference from our
 * monotonic clock was in `interval`, and it ran off at `ratePpm` (positive: it runs fast).
 */
export interface Followed extends Seen {
  readonly ratePpm: number
  /** An older reading: the further it lies back, the better the two bound the rate. */
  readonly base: Seen
}

/** A clock's rate changes: what is older says little. */
const BASE_AGE = seconds(180)

/** Where the clock is expected to be at `now`. */
export const expected = ({ at, interval, ratePpm }: Followed, now: MonoNs): Interval => {
  const age = elapsed(at, now)
  const by = drifted(ratePpm, age)
  const moved = { lo: durationNs(interval.lo + by), hi: durationNs(interval.hi + by) }
  return widen(moved, ppm(WANDER_PPM + PHI_PPM, age))
}

const drifted = (ratePpm: number, age: DurationNs): bigint =>
  (age * BigInt(Math.round(ratePpm * 1000))) / 1_000_000_000n

/**
 * The clock with one more reading. Its rate stays what it was thought to be, as far as two readings allow that;
 * the middles of wide intervals would say more than is known. What it moved by at more than a time daemon slews
 * was a jump, and no rate.
 */
export const followedTo = (was: Followed | undefined, at: MonoNs, interval: Interval): Followed => {
  const now = { at, interval }
  if (!was || at <= was.at || isJump(was, now)) return { ...now, ratePpm: 0, base: now }
  const isOld = elapsed(was.base.at, at) > BASE_AGE
  // The last two readings have the last word: a slew may just have begun, or ended.
  const ratePpm = allowed(was, now, allowed(was.base, now, was.ratePpm))
  return { ...now, ratePpm, base: isOld ? was : was.base }
}

const isJump = (was: Seen, now: Seen): boolean =>
  abs(gap(was.interval, now.interval)) > ppm(2 * SLEW_PPM, elapsed(was.at, now.at))

/** The rate that two readings allow which is nearest to `thought`. */
const allowed = (was: Seen, now: Seen, thought: number): number => {
  const rateOf = (moved: bigint): number => (Number(moved) / Number(elapsed(was.at, now.at))) * 1e6
  const least = rateOf(now.interval.lo - was.interval.hi)
  const most = rateOf(now.interval.hi - was.interval.lo)
  return Math.max(-SLEW_PPM, Math.min(SLEW_PPM, Math.max(least, Math.min(most, thought))))
}
