import type { Clock } from './clock.js'
import { type Interval, gap, interval, midpoint, minus } from './interval.js'
import { type WallReading, glanceAtWall } from './tick.js'
import { type DurationNs, abs, durationNs, elapsed, milliseconds, ppm } from './units.js'

/** One look at all our own clocks. */
export interface HostLook {
  readonly glance: WallReading
  /** Where (time since boot − monotonic clock) is: it grows by what the machine sleeps. */
  readonly slept: Interval
}

export const lookAtHost = (clock: Clock): HostLook => {
  const glance = glanceAtWall(clock)
  const { since, resolution } = clock.uptime()
  return { glance, slept: interval(since - clock.mono(), since + resolution - glance.at) }
}

/**
 * What happened to our own clocks between two looks.
 * - `step`: the wall clock was set, by `size`; true time, kept on the monotonic clock, does not move.
 * - `suspend`: the machine slept: the monotonic clock lost about `size`.
 * - `unclear`: the wall clock jumped ahead by `size`, by less than the time since boot can tell apart
 */
export type HostEvent = {
  readonly kind: 'step' | 'suspend' | 'unclear'
  readonly size: DurationNs
}

/** Two glances lie apart by this surely; with the rounding of both, jumps of 4 ms and more do. */
const SURE_THRESHOLD = milliseconds(2)
/** A wall clock under a time daemon may be slewed by this much (RFC 5905 §11.3, MAXFREQ). */
const SLEW_PPM = 500

/** The glances' jump where it is more than rounding and slewing explain, else undefined. */
export const wallJump = (earlier: WallReading, later: WallReading): DurationNs | undefined => {
  const allowed = SURE_THRESHOLD + ppm(SLEW_PPM, elapsed(earlier.at, later.at))
  // A glance that was itself interrupted is wide; only what both intervals exclude is a jump.
  const surely = gap(earlier.offset, later.offset)
  const size = durationNs(midpoint(later.offset) - midpoint(earlier.offset))
  return abs(surely) > allowed ? size : undefined
}

/**
 * Tells a set wall clock from a sleep. The time since boot says which, as far as its resolution goes
 * (10 ms from Linux' /proc/uptime, else a second). Of a shorter jump ahead either may be true.
 */
export const hostEvent = (earlier: HostLook, later: HostLook): HostEvent | undefined => {
  const slept = minus(later.slept, earlier.slept)
  if (slept.lo > 0n) return { kind: 'suspend', size: midpoint(slept) }
  const size = wallJump(earlier.glance, later.glance)
  if (size === undefined) return undefined
  return { kind: size > 0n && size <= slept.hi ? 'unclear' : 'step', size }
}
