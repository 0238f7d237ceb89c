import { type Interval, interval, overlaps } from './interval.js'

/** One source's word: the truth is in `interval`. */
export interface Vote<Id = string> {
  readonly id: Id
  readonly interval: Interval
}

/**
 * What the votes come to. `interval` holds the truth as long as a majority of the `electorate` is
 * right; `members` agree with it, `falsetickers` do not.
 */
export type Quorum<Id = string> =
  | {
      readonly ok: true
      readonly interval: Interval
      readonly members: readonly Id[]
      readonly falsetickers: readonly Id[]
    }
  | { readonly ok: false; readonly reason: 'too_few' | 'disagree' }

/** The smallest majority of n. */
export const majority = (n: number): number => Math.floor(n / 2) + 1

/**
 * The quorum of `electorate` sources (all that are configured, silent ones too) of which `votes`
 * answered. After Marzullo: a set of intervals agrees when one point is in all of them. A majority
 * of the electorate has to agree; at most the others lie, so the truth is among the points that lie in
 * all intervals but as many, and the hull of those is the answer.
 *
 * The intersection of the largest agreeing set, which NTP takes (RFC 5905 §11.2.1), is narrower, but
 * a liar whose interval overlaps the honest ones pulls it off the truth: of [-5,5], [-1,9] and a lie
 * [3,4] it would choose [3,4]. Here the truth is always inside.
 * A majority of those that happened to answer would let one liar alone speak for three; hence the
 * electorate. Where two sets are equally large, the hull keeps both.
 */
export const quorum = <Id>(votes: readonly Vote<Id>[], electorate: number): Quorum<Id> => {
  const needed = majority(Math.max(electorate, votes.length))
  if (votes.length < needed) return { ok: false, reason: 'too_few' }
  if (!coveredBy(needed, votes)) return { ok: false, reason: 'disagree' }
  // The liars may all have answered and honest ones be silent: the truth is then in fewer intervals.
  const liars = Math.max(electorate, votes.length) - needed
  const hull = coveredBy(Math.max(1, votes.length - liars), votes)
  if (!hull) return { ok: false, reason: 'disagree' }
  const agrees = (vote: Vote<Id>): boolean => overlaps(vote.interval, hull)
  return {
    ok: true,
    interval: hull,
    members: votes.filter(agrees).map(vote => vote.id),
    falsetickers: votes.filter(vote => !agrees(vote)).map(vote => vote.id),
  }
}

/** The hull of all points that are in at least `needed` intervals; ends are inside (closed). */
const coveredBy = (needed: number, votes: readonly Vote<unknown>[]): Interval | undefined => {
  const edges = votes.flatMap(({ interval: { lo, hi } }) => [
    { at: lo, step: 1 },
    { at: hi, step: -1 },
  ])
  // At one point an interval that begins is counted before one that ends: touching is overlapping.
  edges.sort((a, b) => (a.at === b.at ? b.step - a.step : a.at < b.at ? -1 : 1))
  let depth = 0
  let lo: bigint | undefined
  let hi: bigint | undefined
  for (const { at, step } of edges) {
    if (step === 1 && ++depth === needed) lo ??= at
    if (step === -1 && depth-- === needed) hi = at
  }
  return lo === undefined || hi === undefined ? undefined : interval(lo, hi)
}
