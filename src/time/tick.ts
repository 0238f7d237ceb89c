import type { Clock } from './clock.js'
import { type Interval, interval, width } from './interval.js'
import { WALL_RESOLUTION } from './clock.js'
import type { DurationNs, MonoNs } from './units.js'

/** Where (wall clock − monotonic clock) was at the instant `at`. */
export interface WallReading {
  readonly at: MonoNs
  readonly offset: Interval
}

/** A wall clock that has not ticked for this long is standing still. */
const SPIN_LIMIT = 3_000_000n as DurationNs

/** One look: the millisecond of the wall clock's resolution plus the time that the look took. */
export const glanceAtWall = (clock: Clock): WallReading => {
  const before = clock.mono()
  const wall = clock.wall()
  const at = clock.mono()
  return { at, offset: interval(wall - at, wall + WALL_RESOLUTION - before) }
}

/**
 * Spins until the wall clock ticks over to its next millisecond, which pins it to the time between
 * two looks: well below 1 µs. Blocks for at most 3 ms; undefined where the clock stands still or
 * was set meanwhile. The alternative refused, `performance.timeOrigin + performance.now()`, is wrong
 * after every step of the wall clock.
 */
export const catchTick = (clock: Clock): WallReading | undefined => {
  let before = clock.mono()
  let wall = clock.wall()
  const giveUp = before + SPIN_LIMIT
  for (;;) {
    const between = clock.mono()
    const next = clock.wall()
    if (next === wall + WALL_RESOLUTION) {
      const at = clock.mono()
      return { at, offset: interval(next - at, next - before) }
    }
    if (between > giveUp) return undefined
    // Either no tick yet, or the clock was set or we were descheduled across a tick: begin again here.
    wall = next
    before = between
  }
}

/** The narrowest of `ticks` ticks (8 by default: about 8 ms), or a glance where no tick was caught. */
export const readWall = (clock: Clock, ticks = 8): WallReading => {
  let best = glanceAtWall(clock)
  for (let i = 0; i < ticks; i++) {
    const reading = catchTick(clock)
    if (reading && width(reading.offset) <= width(best.offset)) best = reading
  }
  return best
}
