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

/** An end of what is known. */
export type End = 'lo' | 'hi'

/** The ends that the round's own stamps do not bound about as tightly as the prediction does. */
export const unconfirmed = (known: Known, rtt: DurationNs): readonly End[] => {
  const { shown } = known
  const both = combined(known)
  if (!shown || !both) return ['hi', 'lo']
  const missed = rtt + LATENESS
  return [
    ...(shown.hi > both.hi + missed ? (['hi'] as const) : []),
    ...(shown.lo < both.lo - missed ? (['lo'] as const) : []),
  ]
}

/**
 * For which difference the next request should find the server at its second edge. Of what is confirmed on both
 * sides the middle. Else a point near an end that is not, so that the request confirms that end if the truth
 * lies behind the point, as it mostly does: first one just before the edge, then one just after it. It lies
 * inside, but by half a round trip less, since what is narrow already is confirmed from outside.
 */
export const aimedAt = (
  known: Known,
  staleness: DurationNs,
  rtt: DurationNs,
): DurationNs | undefined => {
  const both = combined(known)
  if (!both) return undefined
  const turns = turning(both, staleness)
  const [end] = unconfirmed(known, rtt)
  if (!end) return midpoint(turns)
  const inside = (width(turns) * 3n) / 8n - margin(rtt)
  return durationNs(end === 'lo' ? turns.lo + inside : turns.hi - inside)
}

/**
 * For which difference a request shows one end again, or disproves it: far enough outside for an answer
 * from the other side of the edge to contradict what is known, whatever the stamp is stale by.
 */
export const outside = (
  known: Interval,
  end: End,
  staleness: DurationNs,
  rtt: DurationNs,
): DurationNs =>
  durationNs(end === 'lo' ? known.lo - staleness - margin(rtt) : known.hi + margin(rtt))

/** What a request may miss its aim by, on the way there and by the timer. */
const margin = (rtt: DurationNs): bigint => rtt / 2n + LATENESS / 4n

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
