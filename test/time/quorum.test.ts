import * as fc from 'fast-check'
import { test } from 'tap'
import { type Interval, contains, interval as between, overlaps } from '../../src/time/interval.js'
import { type Quorum, type Vote, majority, quorum } from '../../src/time/quorum.js'
import { pointed } from './arbitraries.js'
import { holds } from './holds.js'

type Ends = readonly [lo: number, hi: number]

/** Votes of sources that are named a, b, c … in their order. */
const votes = (...ends: readonly Ends[]): Vote[] =>
  ends.map(([lo, hi], i) => ({
    id: String.fromCharCode(97 + i),
    interval: between(BigInt(lo), BigInt(hi)),
  }))

const agreed = (interval: Interval, members: string, falsetickers = ''): Quorum => ({
  ok: true,
  interval,
  members: members.split(''),
  falsetickers: falsetickers.split(''),
})

/** The same by its definition: all ends that lie in enough intervals, from first to last. */
const byDefinition = (given: readonly Vote[], electorate: number): Interval | undefined => {
  const electors = Math.max(electorate, given.length)
  const needed = Math.floor(electors / 2) + 1
  const ends = given.flatMap(({ interval: { lo, hi } }) => [lo, hi] as bigint[])
  const holding = (end: bigint): number => given.filter(vote => contains(vote.interval, end)).length
  if (!ends.some(end => holding(end) >= needed)) return undefined
  // As many as may lie may have answered, all of them.
  const covered = ends.filter(
    end => holding(end) >= Math.max(1, given.length - (electors - needed)),
  )
  covered.sort((a, b) => (a < b ? -1 : 1))
  const [lo, hi] = [covered[0], covered.at(-1)]
  return lo === undefined || hi === undefined ? undefined : between(lo, hi)
}

/** Honest votes, which hold the truth, and lies: anywhere, or near the truth, or on honest ends. */
const elections = () =>
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.bigInt({ min: -50n, max: 50n }))
    .chain(([electorate, truth]) => {
      const needed = majority(electorate)
      const below = fc.bigInt({ min: 0n, max: 20n })
      const honest = fc.array(
        fc.tuple(below, below).map(([lo, hi]) => between(truth - lo, truth + hi)),
        { minLength: needed, maxLength: electorate },
      )
      const near = fc
        .tuple(fc.bigInt({ min: -40n, max: 40n }), below)
        .map(([lo, length]) => between(truth + lo, truth + lo + length))
      const lie = fc.oneof(
        near,
        pointed().map(({ i }) => i),
      )
      const lies = fc.array(lie, { maxLength: electorate - needed })
      return fc.record({
        electorate: fc.constant(electorate),
        truth: fc.constant(truth),
        honest,
        lies,
      })
    })
    .chain(({ electorate, truth, honest, lies }) => {
      const all = [
        ...honest.map((i, n) => ({ id: `honest ${n}`, interval: i })),
        ...lies
          .slice(0, electorate - honest.length)
          .map((i, n) => ({ id: `liar ${n}`, interval: i })),
      ]
      return fc
        .shuffledSubarray(all, { minLength: all.length })
        .map(given => ({ electorate, truth, given }))
    })

void test('a majority is more than half', async t => {
  t.same(
    [1, 2, 3, 4, 5, 6, 7].map(n => majority(n)),
    [1, 2, 2, 3, 3, 4, 4],
  )
})

void test('what the votes come to', async t => {
  const far: Ends = [1000, 1001]
  const table: readonly [string, Vote[], number, Quorum][] = [
    ['one server of one is believed', votes([2, 4]), 1, agreed(between(2n, 4n), 'a')],
    ['two that overlap agree', votes([0, 5], [3, 9]), 2, agreed(between(3n, 5n), 'ab')],
    ['two that touch agree', votes([0, 5], [5, 9]), 2, agreed(between(5n, 5n), 'ab')],
    ['two apart disagree', votes([0, 5], [6, 9]), 2, { ok: false, reason: 'disagree' }],
    [
      'a liar within the honest bounds does not pull the answer to itself',
      votes([-5, 5], [-1, 9], [3, 4]),
      3,
      agreed(between(-1n, 5n), 'abc'),
    ],
    [
      'one liar far off is a falseticker',
      votes([0, 9], far, [2, 4]),
      3,
      agreed(between(2n, 4n), 'ac', 'b'),
    ],
    [
      'two liars apart are two falsetickers',
      votes([0, 9], far, [2, 4], [-60, -50], [3, 8]),
      5,
      agreed(between(3n, 4n), 'ace', 'bd'),
    ],
    [
      'of two equally large sets both are kept',
      votes([0, 20], [0, 5], [1, 4], [10, 20], [12, 15]),
      5,
      agreed(between(1n, 15n), 'abcde'),
    ],
    [
      'three that touch in one point agree on it',
      votes([0, 5], [5, 9], [5, 5]),
      3,
      agreed(between(5n, 5n), 'abc'),
    ],
    [
      'all that lie differently disagree',
      votes([0, 1], [10, 11], [20, 21], [30, 31], [40, 41]),
      5,
      { ok: false, reason: 'disagree' },
    ],
    ['one of three is too few', votes([0, 5]), 3, { ok: false, reason: 'too_few' }],
    ['two of four are too few', votes([0, 5], [0, 5]), 4, { ok: false, reason: 'too_few' }],
    ['two of three are enough', votes([0, 5], [4, 9]), 3, agreed(between(0n, 9n), 'ab')],
    ['two of three may disagree', votes([0, 1], [4, 9]), 3, { ok: false, reason: 'disagree' }],
    ['nobody is too few', [], 3, { ok: false, reason: 'too_few' }],
    ['nobody of nobody is too few', [], 0, { ok: false, reason: 'too_few' }],
    [
      'more votes than the electorate are an electorate of their own',
      votes([0, 1], [0, 1], [4, 5], [6, 7]),
      1,
      { ok: false, reason: 'disagree' },
    ],
  ]
  for (const [name, given, electorate, expected] of table) {
    t.strictSame(quorum(given, electorate), expected, name)
  }
})

void test('liars never move the quorum off the truth while a majority is honest', async t => {
  holds(
    t,
    fc.property(elections(), ({ electorate, truth, given }) => {
      const verdict = quorum(given, electorate)
      return verdict.ok && contains(verdict.interval, truth)
    }),
    { numRuns: 5000 },
  )
})

void test('liars never move the quorum while a part of the honest majority is silent', async t => {
  t.strictSame(quorum(votes([-5, 5], [4, 5]), 3), agreed(between(-5n, 5n), 'ab'))
  const some = elections().chain(({ electorate, truth, given }) =>
    fc.subarray(given).map(heard => ({ electorate, truth, heard })),
  )
  holds(
    t,
    fc.property(some, ({ electorate, truth, heard }) => {
      const verdict = quorum(heard, electorate)
      if (!verdict.ok) return true
      const accused = verdict.falsetickers.filter(id => id.startsWith('honest'))
      return contains(verdict.interval, truth) && accused.length === 0
    }),
    { numRuns: 2000 },
  )
})

void test('an honest source is never called a falseticker, and a liar apart always is', async t => {
  holds(
    t,
    fc.property(elections(), ({ electorate, given }) => {
      const verdict = quorum(given, electorate)
      if (!verdict.ok) return false
      const named = [...verdict.members, ...verdict.falsetickers].sort().join()
      const apart = given.filter(vote => !overlaps(vote.interval, verdict.interval))
      return (
        named ===
          given
            .map(vote => vote.id)
            .sort()
            .join() &&
        verdict.falsetickers.every(id => id.startsWith('liar')) &&
        verdict.falsetickers.join() === apart.map(vote => vote.id).join()
      )
    }),
    { numRuns: 2000 },
  )
})

void test('the quorum is the hull of all points that enough votes hold', async t => {
  const ends = fc.integer({ min: -12, max: 12 })
  const vote = fc.tuple(ends, fc.nat(10)).map(([lo, length]): Ends => [lo, lo + length])
  const cases = fc.tuple(fc.array(vote, { maxLength: 7 }), fc.nat(8))
  holds(
    t,
    fc.property(cases, ([all, electorate]) => {
      const given = votes(...all)
      const verdict = quorum(given, electorate)
      const expected = byDefinition(given, electorate)
      if (!verdict.ok) {
        const fewer = given.length < majority(Math.max(electorate, given.length))
        return expected === undefined && verdict.reason === (fewer ? 'too_few' : 'disagree')
      }
      return verdict.interval.lo === expected?.lo && verdict.interval.hi === expected.hi
    }),
    { numRuns: 5000 },
  )
})

const told = (verdict: Quorum): string => {
  if (!verdict.ok) return verdict.reason
  const { interval, members, falsetickers } = verdict
  return [interval.lo, interval.hi, [...members].sort(), [...falsetickers].sort()].join('|')
}

void test('the order of the votes does not matter', async t => {
  const shuffled = elections().chain(({ electorate, given }) =>
    fc.tuple(
      fc.constant(electorate),
      fc.constant(given),
      fc.shuffledSubarray(given, { minLength: given.length }),
    ),
  )
  holds(
    t,
    fc.property(
      shuffled,
      ([electorate, given, again]) =>
        told(quorum(given, electorate)) === told(quorum(again, electorate)),
    ),
    { numRuns: 1000 },
  )
})
