import * as fc from 'fast-check'
import { test } from 'tap'
import {
  abs,
  durationNs,
  elapsed,
  later,
  max,
  milliseconds,
  min,
  monoNs,
  ppm,
  seconds,
  toMilliseconds,
  toSeconds,
} from '../../src/time/units.js'
import { nanoseconds } from './arbitraries.js'
import { holds } from './holds.js'

const SECOND = 1_000_000_000n
/** The largest duration that a Number holds exactly: 104 days. */
const EXACT = BigInt(Number.MAX_SAFE_INTEGER)

void test('ppm of a duration, with its fraction rounded up', async t => {
  const table: readonly [rate: number, of: bigint, expected: bigint][] = [
    [15, SECOND, 15_000n],
    [100, SECOND, 100_000n],
    [100, 1n, 1n],
    [100, 10_000n, 1n],
    [100, 10_001n, 2n],
    [0.5, SECOND, 500n],
    [0.0001, SECOND, 1n],
    [15, -SECOND, 15_000n],
    [1e6, 7n, 7n],
    [0, SECOND, 0n],
    [100, 0n, 0n],
  ]
  for (const [rate, of, expected] of table) {
    t.equal(ppm(rate, durationNs(of)), expected, `${rate} ppm of ${of} ns`)
  }
})

void test('ppm rounds up, never down, and by less than a thousandth of a ppm', async t => {
  const thousandths = fc.integer({ min: 0, max: 5_000_000 })
  holds(
    t,
    fc.property(thousandths, nanoseconds(), (rate, of) => {
      const scaled = ppm(rate / 1000, durationNs(of)) * SECOND
      const size = of < 0n ? -of : of
      return (
        scaled >= BigInt(rate) * size && scaled < BigInt(rate + 1) * size + (size ? SECOND : 1n)
      )
    }),
    { numRuns: 2000 },
  )
})

void test('a duration in seconds is the nearest Number', async t => {
  const table: readonly [ns: bigint, expected: number][] = [
    [0n, 0],
    [1n, 1e-9],
    [-1n, -1e-9],
    [100_000_000n, 0.1],
    [-1_500_000_000n, -1.5],
    [EXACT, 9007199.254740991],
    [-EXACT, -9007199.254740991],
    [1_700_000_000n * SECOND, 1_700_000_000],
    [-1_700_000_000n * SECOND - 500_000_000n, -1_700_000_000.5],
  ]
  for (const [ns, expected] of table) t.equal(toSeconds(ns), expected, `${ns} ns`)
  holds(
    t,
    fc.property(fc.bigInt({ min: -EXACT, max: EXACT }), ns => toSeconds(ns) === Number(`${ns}e-9`)),
    { numRuns: 2000 },
  )
})

void test('an instant of our time in seconds is right to a microsecond', async t => {
  const instants = fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n })
  holds(
    t,
    fc.property(instants, ns => Math.abs(toSeconds(ns) - Number(`${ns}e-9`)) < 1e-6),
  )
})

void test('milliseconds and seconds are rounded to the nearest nanosecond', async t => {
  t.equal(milliseconds(250), 250_000_000n)
  t.equal(milliseconds(1.5), 1_500_000n)
  t.equal(milliseconds(-0.25), -250_000n)
  t.equal(milliseconds(0.0000007), 1n)
  t.equal(seconds(1), SECOND)
  t.equal(seconds(0.1), 100_000_000n)
  t.equal(seconds(-2.5), -2_500_000_000n)
  t.equal(toMilliseconds(1_500_000n), 1.5)
  t.equal(toMilliseconds(-250_000n), -0.25)
})

void test('seconds read back what was told in seconds, for 48 days', async t => {
  const days = 48n * 86_400n * SECOND
  const durations = fc.bigInt({ min: -days, max: days })
  holds(
    t,
    fc.property(durations, d => seconds(toSeconds(d)) === d),
    { numRuns: 2000 },
  )
})

void test('elapsed and later undo each other', async t => {
  holds(
    t,
    fc.property(nanoseconds(), nanoseconds(), (from, by) => {
      const start = monoNs(from)
      const end = later(start, durationNs(by))
      return end === from + by && elapsed(start, end) === by && elapsed(end, start) === -by
    }),
  )
})

void test('abs, min and max are those of the integers', async t => {
  t.equal(abs(-3n), 3n)
  t.equal(abs(3n), 3n)
  t.equal(abs(0n), 0n)
  t.equal(min(-3n, 2n), -3n)
  t.equal(min(2n, -3n), -3n)
  t.equal(max(-3n, 2n), 2n)
  t.equal(max(2n, -3n), 2n)
})
