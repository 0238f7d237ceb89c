import { type Interval, intersect, midpoint, width } from './interval.js'
import { SECOND } from './stamp.js'
import { type DurationNs, type MonoNs, durationNs, milliseconds, monoNs } from './units.js'

/**
 * Aiming at a second edge. A server that tells whole seconds says more the nearer its clock is to the next one:
 * a request that reaches it there halves what is known. All of it is about where to send; what is known
 * comes of the stamps alone, so that a bad aim costs accuracy and never the truth.
 *
 * The alternative refused, asking as fast as the server answers until its second turns, finds the edge in
 * one go, and takes a hundred requests for it.
 */
export interface Known {
  /** From before this round: where the server's clock − our monotonic clock is thought to be. */
  readonly predicted: Interval | undefined
  /** From the stamps of this round. */
  readonly shown: Interval | undefined
}

/** A timer's lateness: no aim is better. */
export const LATENESS = milliseconds(2)

/** What both come to; where they contradict each other, the round's own stamps are right. */
export const combined = ({ predicted, shown }: Known): Interval | undefined =>
  shown && predicted ? (intersect(shown, predicted) ?? shown) : (shown ?? predicted)

/** Whether the round's own stamps bound both sides about as tightly as the prediction does. */
export const isConfirmed = (known: Known, rtt: DurationNs): boolean => {
  const { shown } = known
  const both = combined(known)
  if (!shown || !both) return false
  const missed = rtt + LATENESS
  return shown.lo >= both.lo - missed && shown.hi <= both.hi + missed
}

/** An end of what is known that has to be shown again, from outside. */
export type End = 'lo' | 'hi'

/**
 * For which difference the next request should find the server at its second edge. Of what is confirmed on both
 * sides the middle. Else a point near an end that is not, so that the request confirms that end if the truth
 * lies behind the point, as it mostly does: first one just before the edge, then one just after it. It lies
 * inside, but by half a round trip less: what is narrow already is confirmed, or disproved, from outside.
 *
 * `verify` is an end that is shown again whatever else is known.
 */
export const aimedAt = (
  known: Known,
  staleness: DurationNs,
  rtt: DurationNs,
  verify?: End,
): DurationNs | undefined => {
  const both = combined(known)
  if (!both) return undefined
  const turns = turning(both, staleness)
  const margin = rtt / 2n + LATENESS / 4n
  if (verify) return durationNs(verify === 'lo' ? turns.lo - margin : turns.hi + margin)
  if (isConfirmed(known, rtt)) return midpoint(turns)
  const inside = (width(turns) * 3n) / 8n - margin
  const hiIsShown = known.shown !== undefined && known.shown.hi <= both.hi + rtt + LATENESS
  return durationNs(hiIsShown ? turns.lo + inside : turns.hi - inside)
}

/**
 * Where the stamps turn over: the difference less what the stamp is stale by, which is somewhere from 0
 * to `staleness` and, as long as the server renews it in one rhythm, always the same.
 */
const turning = (difference: Interval, staleness: DurationNs): Interval => {
  const hi = durationNs(difference.hi - staleness)
  return hi > difference.lo ? { lo: difference.lo, hi } : { lo: difference.lo, hi: difference.lo }
}

/**
 * The first instant from `now` on at which a request has to leave to reach, `wayThere` later, a server whose
 * difference is `difference` at one of its second edges.
 */
export const nextEdge = (now: MonoNs, difference: DurationNs, wayThere: DurationNs): MonoNs => {
  const arrival = now + wayThere + difference
  const past = ((arrival % SECOND) + SECOND) % SECOND
  return monoNs(past === 0n ? now : now + SECOND - past)
}
