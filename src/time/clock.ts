import type { DurationNs, MonoNs, UnixNs } from './units.js'

/** The clocks of the machine that we run on. A parameter everywhere; a test gives its own. */
export interface Clock {
  /** The wall clock, cut down to a whole millisecond (that is all `Date.now()` gives). */
  wall(): UnixNs
  /** The monotonic clock. On Linux it stands still while the machine is suspended. */
  mono(): MonoNs
  /** Time since boot with suspensions counted, and how much later it may truly be. */
  uptime(): { readonly since: DurationNs; readonly resolution: DurationNs }
}

/** How much later than `wall()` the wall clock may truly be. */
export const WALL_RESOLUTION = 1_000_000n as DurationNs
