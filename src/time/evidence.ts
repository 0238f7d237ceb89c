import { type Interval, intersect, widen } from './interval.js'
import { SLEW_PPM } from './tracker.js'
import { type MonoNs, elapsed, ppm } from './units.js'

/** What the exchanges of one reading come to: at `at` the clock − our monotonic clock was in `interval`. */
export interface Evidence {
  readonly at: MonoNs
  readonly interval: Interval
  /** Exchanges that cannot be true of one clock with those before them; those before were dropped. */
  readonly contradictions: number
}

/**
 * The evidence with one more exchange. What earlier ones showed is carried on to it, widened by the most
 * that a time daemon may have slewed the clock since; where nothing is left of both, the newest is right.
 */
export const withExchange = (
  known: Evidence | undefined,
  at: MonoNs,
  interval: Interval,
): Evidence => {
  if (!known) return { at, interval, contradictions: 0 }
  const past = widen(known.interval, ppm(SLEW_PPM, elapsed(known.at, at)))
  const both = intersect(past, interval)
  const contradictions = known.contradictions + (both ? 0 : 1)
  return { at, interval: both ?? interval, contradictions }
}
