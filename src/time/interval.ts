import { type DurationNs, durationNs, max, min } from './units.js'

/**
 * A closed interval in nanoseconds that holds a true value: the difference of two clocks. A clock
 * that is ahead lies above. Ends are exact; nothing is said about where inside the truth is.
 */
export interface Interval {
  readonly lo: DurationNs
  readonly hi: DurationNs
}

/** @throws RangeError where lo > hi: an interval that holds nothing is our own bug. */
export const interval = (lo: bigint, hi: bigint): Interval => {
  if (lo > hi) throw new RangeError(`empty interval: ${lo} > ${hi}`)
  return { lo: durationNs(lo), hi: durationNs(hi) }
}

/** The part that both hold, or undefined where they contradict each other. */
export const intersect = (a: Interval, b: Interval): Interval | undefined => {
  const lo = max(a.lo, b.lo)
  const hi = min(a.hi, b.hi)
  return lo <= hi ? { lo, hi } : undefined
}

export const overlaps = (a: Interval, b: Interval): boolean => a.lo <= b.hi && b.lo <= a.hi

/** Both ends moved out by `by` (≥ 0). */
export const widen = (i: Interval, by: DurationNs): Interval => interval(i.lo - by, i.hi + by)

/** Every a − b. */
export const minus = (a: Interval, b: Interval): Interval => interval(a.lo - b.hi, a.hi - b.lo)

export const contains = (i: Interval, value: bigint): boolean => i.lo <= value && value <= i.hi

export const width = (i: Interval): DurationNs => durationNs(i.hi - i.lo)

/** The middle, rounded down to a whole nanosecond. */
export const midpoint = (i: Interval): DurationNs => durationNs(i.lo + ((i.hi - i.lo) >> 1n))

/** The bound ± around {@link midpoint}, rounded up: midpoint ± half-width covers the interval. */
export const halfWidth = (i: Interval): DurationNs => durationNs((i.hi - i.lo + 1n) >> 1n)

/** How far b lies from a, signed (positive: above); 0 where they overlap. */
export const gap = (a: Interval, b: Interval): DurationNs => {
  if (b.lo > a.hi) return durationNs(b.lo - a.hi)
  return durationNs(b.hi < a.lo ? b.hi - a.lo : 0n)
}
