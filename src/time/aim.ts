import { type Interval, intersect, interval, midpoint, width } from './interval.js'
import { SECOND } from './stamp.js'
import { type DurationNs, type MonoNs, durationNs, max, milliseconds, monoNs } from './units.js'

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
export const unconfirmed = (known: Known, journey: Journey): readonly End[] => {
  const { shown } = known
  const both = combined(known)
  if (!shown || !both) return ['hi', 'lo']
  const missed = slackOf(journey) + LATENESS
  return [
    ...(shown.hi > both.hi + missed ? (['hi'] as const) : []),
    ...(shown.lo < both.lo - missed ? (['lo'] as const) : []),
  ]
}

/** What a request goes through. */
export interface Journey {
  /** There and back, at the shortest. */
  readonly rtt: DurationNs
  /** How late our own timers may be. */
  readonly late: DurationNs
}

/** What a request may miss its aim by, there and back. */
const slackOf = ({ rtt, late }: Journey): DurationNs => durationNs(rtt + 2n * late)

/**
 * For which difference the next request should find the server at its second edge. Of what is confirmed on both
 * sides the middle. Else a point near an end that is not, so that the request confirms that end if the truth
 * lies behind the point, as it mostly does: first one just before the edge, then one just after it. It lies
 * inside, but for what the timer may miss it by.
 */
export const aimedAt = (
  known: Known,
  staleness: DurationNs,
  journey: Journey,
): DurationNs | undefined => {
  const both = combined(known)
  if (!both) return undefined
  const turns = turning(both, staleness, journey.rtt)
  const [end] = unconfirmed(known, journey)
  if (!end) return midpoint(turns)
  const inside = (width(turns) * 3n) / 8n - LATENESS / 4n - journey.late
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
  journey: Journey,
): DurationNs => {
  const margin = slackOf(journey) / 2n + LATENESS / 4n
  return durationNs(end === 'lo' ? known.lo - staleness - margin : known.hi + margin)
}

/**
 * Where the stamps turn over: the difference less what the stamp is stale by, which is somewhere from 0
 * to `staleness` and, as long as the server renews it in one rhythm, always the same. What is known has half a
 * round trip on either side that is nobody's fault.
 */
const turning = (difference: Interval, staleness: DurationNs, rtt: DurationNs): Interval => {
  const lo = difference.lo + rtt / 2n
  const hi = difference.hi - staleness - rtt / 2n
  if (lo <= hi) return interval(lo, hi)
  const middle = max(difference.lo, durationNs((lo + hi) / 2n))
  return interval(middle, middle)
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
