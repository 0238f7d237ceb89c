import * as fc from 'fast-check'
import t from 'tap'
import { judgeClocks } from '../../../src/calls/explain/clocks.js'
import type { TraceOffset } from '../../../src/calls/trace-clocks.js'

/** What traces would tell of servers with these clocks, of which those pairs have messages in common. */
const told = (
  clocks: Readonly<Record<string, number>>,
  pairs: readonly (readonly [string, string])[],
  error = 0.1,
): readonly TraceOffset[] =>
  pairs.flatMap(([a, b]) => {
    const offset = (clocks[a] ?? 0) - (clocks[b] ?? 0)
    return [
      { server: a, peer: b, offset, error },
      { server: b, peer: a, offset: -offset, error },
    ]
  })

const NONE = new Set<string>()

void t.test('of three, the one that differs from the other two is wrong', async t => {
  const offsets = told({ a: 0, b: 1, c: -21_600 }, [
    ['a', 'b'],
    ['a', 'c'],
  ])
  t.match(judgeClocks(offsets, NONE, true), {
    verdict: 'wrong_by_majority',
    offsets: [{ server: 'c', peer: 'a', offset: -21_600, error: 0.1 }],
    agreeing: ['a', 'b'],
  })
})

void t.test(
  'a server is compared over others where no message is common, errors added',
  async t => {
    const offsets = told({ a: 0, b: 0, c: 0, d: 7200 }, [
      ['a', 'b'],
      ['b', 'c'],
      ['a', 'd'],
    ]).filter(({ server, peer }) => server !== 'a' || peer !== 'b')
    const { offsets: wrong } = judgeClocks(offsets, NONE, true)
    t.match(wrong, [{ server: 'd', peer: 'a', offset: 7200 }])
  },
)

void t.test('of two, the one that refuses calls is likelier to be wrong; else neither', async t => {
  const offsets = told({ a: 0, b: 3600 }, [['a', 'b']])
  t.match(judgeClocks(offsets, new Set(['b']), true), {
    verdict: 'wrong_by_failures',
    offsets: [{ server: 'b', peer: 'a', offset: 3600 }],
    agreeing: ['a'],
  })
  t.match(judgeClocks(offsets, new Set(['a', 'b']), true), {
    verdict: 'contradiction',
    offsets: [{ offset: 3600 }],
    agreeing: [],
  })
  t.equal(judgeClocks(offsets, NONE, false).verdict, 'contradiction')
})

void t.test('two against two is no majority', async t => {
  const pairs = [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
  ] as const
  const offsets = told({ a: 0, b: 0, c: 3600, d: 3600 }, pairs)
  t.equal(judgeClocks(offsets, NONE, true).verdict, 'contradiction')
  t.match(judgeClocks(offsets, new Set(['d']), true), {
    verdict: 'wrong_by_failures',
    agreeing: ['a', 'b'],
  })
})

void t.test('servers of which nothing is common are judged apart; the worst is told', async t => {
  const offsets = told({ a: 0, b: 0, c: 0, d: 3600, e: 0 }, [
    ['a', 'b'],
    ['c', 'd'],
    ['c', 'e'],
  ])
  t.match(judgeClocks(offsets, NONE, true), {
    verdict: 'wrong_by_majority',
    offsets: [{ server: 'd' }],
  })
})

void t.test('what differs by less than the errors and a minute agrees', async t => {
  const near = told({ a: 0, b: 59 }, [['a', 'b']])
  t.equal(judgeClocks(near, NONE, false).verdict, 'agreement')
  t.equal(judgeClocks(near, NONE, true).verdict, 'elsewhere')
  const vague = told({ a: 0, b: 90 }, [['a', 'b']], 40)
  t.equal(judgeClocks(vague, NONE, false).verdict, 'agreement')
  t.equal(judgeClocks([], NONE, true).verdict, 'not_compared')
})

void t.test('a single wrong clock among right ones is found, however they are linked', async t => {
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 8 }),
      fc.array(fc.nat(), { minLength: 7, maxLength: 7 }),
      fc.nat(),
      fc.integer({ min: 120, max: 1e6 }),
      (count, parents, which, size) => {
        const names = Array.from({ length: count }, (_, i) => `s${i}`)
        const pairs = names
          .slice(1)
          .map((name, i) => [name, names[(parents[i] ?? 0) % (i + 1)] ?? 's0'] as const)
        const wrong = names[which % count] ?? 's0'
        const judged = judgeClocks(told({ [wrong]: size }, pairs, 0.1), NONE, true)
        t.equal(judged.verdict, 'wrong_by_majority')
        t.same(
          judged.offsets.map(one => one.server),
          [wrong],
        )
        t.equal(Math.round(judged.offsets[0]?.offset ?? 0), size)
      },
    ),
    { numRuns: 50 },
  )
})
