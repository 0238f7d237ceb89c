import { type Clock, UPTIME_RESOLUTION } from './clock.js'
import { type WallReading, glanceAtWall, glanceJump } from './tick.js'
import { type DurationNs, abs, durationNs, elapsed, milliseconds, ppm } from './units.js'

/** One look at all our own clocks. */
export interface HostLook {
  readonly glance: WallReading
  /** Time since boot − monotonic clock: it grows by what the machine sleeps. */
  readonly slept: DurationNs
}

export const lookAtHost = (clock: Clock): HostLook => {
  const glance = glanceAtWall(clock)
  return { glance, slept: durationNs(clock.uptime() - glance.at) }
}

/**
 * What happened to our own clocks between two looks.
 * - `step`: the wall clock was set, by `size`; true time, kept on the monotonic clock, does not move.
 * - `suspend`: the machine slept, or may have: the monotonic clock lost about `size`.
 */
export type HostEvent = { readonly kind: 'step' | 'suspend'; readonly size: DurationNs }

/** Glances differ by 1 ms through rounding alone; the rest is margin for a preempted glance. */
const JUMP_THRESHOLD = milliseconds(3)
/** A wall clock under a time daemon may be slewed by this much (RFC 5905 §11.3, MAXFREQ). */
const SLEW_PPM = 500

/** The glances' jump where it is more than rounding and slewing explain, else undefined. */
export const wallJump = (earlier: WallReading, later: WallReading): DurationNs | undefined => {
  const jump = glanceJump(earlier, later)
  const allowed = JUMP_THRESHOLD + ppm(SLEW_PPM, elapsed(earlier.at, later.at))
  // A glance that was itself interrupted is wide; only what both intervals exclude is a jump.
  const apart = later.offset.lo > earlier.offset.hi || later.offset.hi < earlier.offset.lo
  return apart && abs(jump) > allowed ? jump : undefined
}

/**
 * Tells a set wall clock from a sleep. The time since boot says which, but only to a second: a
 * shorter jump ahead may be a sleep and is treated as one, since taking the reference again costs
 * little and an offset from before a sleep is wrong.
 */
export const hostEvent = (earlier: HostLook, later: HostLook): HostEvent | undefined => {
  const slept = durationNs(later.slept - earlier.slept)
  if (slept > UPTIME_RESOLUTION) return { kind: 'suspend', size: slept }
  const size = wallJump(earlier.glance, later.glance)
  if (size === undefined) return undefined
  return { kind: size > 0n && size <= UPTIME_RESOLUTION ? 'suspend' : 'step', size }
}
