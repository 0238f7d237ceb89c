import * as fc from 'fast-check'
import { test } from 'tap'
import {
  type Interval,
  contains,
  gap,
  halfWidth,
  intersect,
  interval,
  midpoint,
  minus,
  overlaps,
  widen,
  width,
} from '../../src/time/interval.js'
import { durationNs } from '../../src/time/units.js'
import { intervals, lengths, nanoseconds, pointed } from './arbitraries.js'
import { holds } from './holds.js'

const inside = (inner: Interval, outer: Interval): boolean =>
  outer.lo <= inner.lo && inner.hi <= outer.hi

void test('an interval that holds nothing is refused, one that holds a point is not', async t => {
  t.throws(() => interval(1n, 0n), RangeError)
  t.same(interval(3n, 3n), { lo: 3n, hi: 3n })
  t.equal(width(interval(3n, 3n)), 0n)
  t.equal(width(interval(-3n, 4n)), 7n)
})

void test('both ends belong to an interval', async t => {
  const i = interval(-2n, 3n)
  for (const value of [-2n, 0n, 3n]) t.ok(contains(i, value), `${value}`)
  for (const value of [-3n, 4n]) t.notOk(contains(i, value), `${value}`)
})

void test('an intersection holds exactly what both hold', async t => {
  holds(
    t,
    fc.property(intervals(), intervals(), nanoseconds(), (a, b, value) => {
      const both = intersect(a, b)
      const held = both !== undefined && contains(both, value)
      return held === (contains(a, value) && contains(b, value))
    }),
    { numRuns: 2000 },
  )
})

void test('an intersection lies within both and is there where they overlap', async t => {
  holds(
    t,
    fc.property(intervals(), intervals(), (a, b) => {
      const both = intersect(a, b)
      const reversed = intersect(b, a)
      if (!both) return !overlaps(a, b) && !overlaps(b, a) && reversed === undefined
      const same = reversed?.lo === both.lo && reversed.hi === both.hi
      return overlaps(a, b) && same && inside(both, a) && inside(both, b)
    }),
    { numRuns: 2000 },
  )
})

void test('intervals that touch overlap in one point', async t => {
  t.same(intersect(interval(0n, 5n), interval(5n, 9n)), interval(5n, 5n))
  t.ok(overlaps(interval(5n, 9n), interval(0n, 5n)))
  t.equal(intersect(interval(0n, 5n), interval(6n, 9n)), undefined)
  t.notOk(overlaps(interval(6n, 9n), interval(0n, 5n)))
})

void test('a difference of intervals holds every difference and nothing more', async t => {
  holds(
    t,
    fc.property(pointed(), pointed(), (a, b) => {
      const difference = minus(a.i, b.i)
      return (
        contains(difference, a.value - b.value) &&
        difference.lo === a.i.lo - b.i.hi &&
        difference.hi === a.i.hi - b.i.lo
      )
    }),
  )
})

void test('the midpoint ± the half-width covers the interval, by a nanosecond at most', async t => {
  t.equal(midpoint(interval(-3n, 0n)), -2n)
  t.equal(halfWidth(interval(-3n, 0n)), 2n)
  holds(
    t,
    fc.property(intervals(), i => {
      const [middle, half] = [midpoint(i), halfWidth(i)]
      const excess = 2n * half - width(i)
      return (
        contains(i, middle) &&
        middle - half <= i.lo &&
        i.hi <= middle + half &&
        (excess === 0n || excess === 1n)
      )
    }),
    { numRuns: 1000 },
  )
})

void test('widening moves both ends out by the same length', async t => {
  holds(
    t,
    fc.property(intervals(), lengths(), (i, by) => {
      const wide = widen(i, durationNs(by))
      return i.lo - wide.lo === by && wide.hi - i.hi === by
    }),
  )
})

void test('a gap is how far the second must move to touch the first', async t => {
  t.equal(gap(interval(0n, 1n), interval(4n, 9n)), 3n)
  t.equal(gap(interval(4n, 9n), interval(0n, 1n)), -3n)
  t.equal(gap(interval(0n, 4n), interval(4n, 9n)), 0n)
  t.equal(gap(interval(0n, 9n), interval(3n, 5n)), 0n)
  holds(
    t,
    fc.property(intervals(), intervals(), (a, b) => {
      const distance = gap(a, b)
      if (overlaps(a, b)) return distance === 0n
      const touching = intersect(a, interval(b.lo - distance, b.hi - distance))
      return touching !== undefined && width(touching) === 0n && gap(b, a) + distance === 0n
    }),
  )
})
