import * as fc from 'fast-check'
import t from 'tap'
import { isCorrectable } from '../../src/protocol/correction.js'
import { holds } from '../time/holds.js'

const within15h = { ahead: 54_000, back: 54_000 }

void t.test('a limit is held against what the interval leaves no doubt of', t => {
  const cases: [number, number, boolean | undefined][] = [
    [0, 0.1, true],
    [-54_000, 0, true],
    [-53_999, 0.5, true],
    [-54_000, 1, undefined],
    [-54_002, 1, false],
    [54_002, 1, false],
    [0, 54_001, undefined],
    [0, Infinity, undefined],
  ]
  for (const [offset, error, expected] of cases) {
    t.equal(isCorrectable(within15h, { offset, error }), expected, `${offset} ± ${error}`)
  }
  t.end()
})

void t.test(
  'a clock that is behind is held against the limit ahead, and one ahead against back',
  t => {
    const limits = { ahead: 100, back: 10 }
    t.equal(isCorrectable(limits, { offset: -50, error: 1 }), true)
    t.equal(isCorrectable(limits, { offset: 50, error: 1 }), false)
    t.equal(isCorrectable({ ahead: Infinity, back: 10 }, { offset: -1e9, error: 1 }), true)
    t.end()
  },
)

void t.test('what is told of an interval is true of every offset in it', t => {
  const limit = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(Infinity))
  const offset = fc.integer({ min: -60, max: 60 })
  holds(
    t,
    fc.property(limit, limit, offset, fc.nat(60), fc.integer({ min: -60, max: 60 }), (...drawn) => {
      const [ahead, back, middle, error, part] = drawn
      const told = isCorrectable({ ahead, back }, { offset: middle, error })
      const truth = middle + (error * part) / 60
      const corrected = truth > 0 ? truth <= back : -truth <= ahead
      return told === undefined || told === corrected
    }),
    { numRuns: 2000 },
  )
  t.end()
})
