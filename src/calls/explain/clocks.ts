import type { Seconds } from '../../time/units.js'
import type { TraceOffset } from '../trace-clocks.js'

/**
 * What the traces say of the clocks. `wrong_by_majority`: more than half of three or more servers agree,
 * and the others are wrong. `wrong_by_failures`: the servers at which calls fail by clock skew differ from
 * the others, and are the likelier to be wrong. `contradiction`: they differ, and nothing tells which is
 * wrong. `agreement`: they agree. `elsewhere`: they agree, and yet calls fail by clock skew: the wrong
 * clock is one that has no trace here. `not_compared`: no two servers' traces hold the same messages.
 */
export type Verdict =
  | 'wrong_by_majority'
  | 'wrong_by_failures'
  | 'contradiction'
  | 'agreement'
  | 'elsewhere'
  | 'not_compared'

export interface Judgement {
  readonly verdict: Verdict
  /** The wrong ones, each against one that is held for right; or those of `contradiction`. */
  readonly offsets: readonly TraceOffset[]
  /** Those that are held for right. */
  readonly agreeing: readonly string[]
}

/** Clocks that surely differ by more do not agree. Far above what a stamp is worth, far below any window. */
const AGREEMENT: Seconds = 60

/**
 * Which clock is wrong. `failing`: the servers that refuse calls for clock skew; `skewed`: whether any does.
 * Servers that are linked by no common message are judged apart; the worst verdict is told.
 */
export const judgeClocks = (
  offsets: readonly TraceOffset[],
  failing: ReadonlySet<string>,
  skewed: boolean,
): Judgement => {
  if (offsets.length === 0) return { verdict: 'not_compared', offsets: [], agreeing: [] }
  const judged = componentsOf(offsets).map(one => judge(one, offsets, failing))
  const differing = judged.filter(one => one.verdict !== 'agreement')
  if (differing.length > 0) {
    const verdict = verdicts.find(each => differing.some(one => one.verdict === each))
    return {
      verdict: verdict ?? 'contradiction',
      offsets: differing.filter(one => one.verdict === verdict).flatMap(one => one.offsets),
      agreeing: judged.flatMap(one => one.agreeing),
    }
  }
  const agreeing = judged.flatMap(one => one.agreeing)
  return { verdict: skewed ? 'elsewhere' : 'agreement', offsets: [], agreeing }
}

/** The surest first. */
const verdicts = ['wrong_by_majority', 'wrong_by_failures', 'contradiction'] as const

/** Every server that can be reached from one over common messages, with its clock − that one's clock. */
type Reached = ReadonlyMap<string, { readonly offset: Seconds; readonly error: Seconds }>

const componentsOf = (offsets: readonly TraceOffset[]): readonly Reached[] => {
  const found: Reached[] = []
  for (const { server } of offsets) {
    if (!found.some(one => one.has(server))) found.push(reachedFrom(server, offsets))
  }
  return found
}

/** Dijkstra's: over several servers the errors add up, and the way of the least error is told. */
const reachedFrom = (start: string, offsets: readonly TraceOffset[]): Reached => {
  const reached = new Map([[start, { offset: 0, error: 0 }]])
  const open = new Set([start])
  while (open.size > 0) {
    const errorOf = (name: string): Seconds => reached.get(name)?.error ?? Infinity
    const nearest = [...open].reduce((a, b) => (errorOf(b) < errorOf(a) ? b : a))
    open.delete(nearest)
    const at = reached.get(nearest)
    for (const { server, peer, offset, error } of offsets) {
      if (peer !== nearest || !at || at.error + error >= errorOf(server)) continue
      reached.set(server, { offset: at.offset + offset, error: at.error + error })
      open.add(server)
    }
  }
  return reached
}

const judge = (
  reached: Reached,
  offsets: readonly TraceOffset[],
  failing: ReadonlySet<string>,
): Judgement => {
  const groups = groupsOf(reached)
  const [largest = [], ...others] = groups
  if (others.length === 0) return { verdict: 'agreement', offsets: [], agreeing: largest }
  const pairs = (servers: readonly string[], peers: readonly string[]): readonly TraceOffset[] =>
    servers.map(server => nearestTo(server, peers, offsets))
  if (reached.size >= 3 && largest.length > reached.size / 2) {
    const offsetsOf = pairs(others.flat(), largest)
    return { verdict: 'wrong_by_majority', offsets: offsetsOf, agreeing: largest }
  }
  const suspects = groups.filter(group => group.some(name => failing.has(name)))
  const [suspect = []] = suspects
  const rest = groups.filter(group => group !== suspect)
  // With two groups, all of the one that refuses calls is wrong, those that had none to refuse too.
  if (suspects.length === 1 && rest.length === 1) {
    const agreeing = rest.flat()
    return { verdict: 'wrong_by_failures', offsets: pairs(suspect, agreeing), agreeing }
  }
  const contradicting = others.flatMap(group => pairs(group.slice(0, 1), largest))
  return { verdict: 'contradiction', offsets: contradicting, agreeing: [] }
}

/** Servers whose clocks agree, the largest group first, their names in order. */
const groupsOf = (reached: Reached): readonly (readonly string[])[] => {
  const groups: string[][] = []
  let before: { readonly offset: Seconds; readonly error: Seconds } | undefined
  for (const [name, clock] of [...reached].sort((a, b) => a[1].offset - b[1].offset)) {
    const apart = before
      ? clock.offset - before.offset - clock.error - before.error > AGREEMENT
      : true
    if (apart) groups.push([])
    groups.at(-1)?.push(name)
    before = clock
  }
  return groups.map(group => group.sort()).sort((a, b) => b.length - a.length)
}

/** The server against the one of its peers to which its offset is known best. */
const nearestTo = (
  server: string,
  peers: readonly string[],
  offsets: readonly TraceOffset[],
): TraceOffset => {
  const reached = reachedFrom(server, offsets)
  const candidates = peers.flatMap(peer => {
    const clock = reached.get(peer)
    return clock ? [{ server, peer, offset: 0 - clock.offset, error: clock.error }] : []
  })
  return candidates.reduce((a, b) => (b.error < a.error ? b : a))
}
