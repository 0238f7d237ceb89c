import { type Interval, interval } from './interval.js'
import { type DurationNs, type MonoNs, type UnixNs, durationNs, unixNs } from './units.js'

/** A server's own word on its clock, between two instants of ours. */
export interface Stamp {
  /** Just before the request left, and when the stamp was in hand. */
  readonly sent: MonoNs
  readonly received: MonoNs
  /** The server's clock, cut down to `resolution`. */
  readonly stamp: UnixNs
  readonly resolution: DurationNs
  /** How old the time may have been that the server stamped. */
  readonly staleness: DurationNs
}

/**
 * Where the server's clock − our monotonic clock is. The stamp was made between `sent` and `received`, and of
 * the way there and back nothing is assumed: RFC 5905 has two stamps, and with one the server's own time
 * counts as being under way.
 */
export const stampInterval = ({ sent, received, stamp, resolution, staleness }: Stamp): Interval =>
  interval(stamp - received, stamp + resolution + staleness - sent)

/** 1970, included, and 2200, not. */
const EARLIEST = unixNs(0n)
const LATEST = unixNs(7_258_118_400n * 1_000_000_000n)

/** Whether a clock can say so at all; what is outside is no time, or garbage. */
export const isClockTime = (stamp: UnixNs): boolean => stamp >= EARLIEST && stamp < LATEST

export const SECOND = durationNs(1_000_000_000n)
const MILLISECOND = durationNs(1_000_000n)
const MICROSECOND = durationNs(1000n)
const FILETIME_TICK = durationNs(100n)

/**
 * The coarsest unit that a FILETIME may have been cut down to: a stamp on a whole second was probably
 * rounded, and where it was not, the bound is only wider than it had to be.
 */
export const filetimeResolution = (stamp: UnixNs): DurationNs =>
  [SECOND, MILLISECOND, MICROSECOND].find(unit => stamp % unit === 0n) ?? FILETIME_TICK
