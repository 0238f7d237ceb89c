import * as fc from 'fast-check'
import { test } from 'tap'
import { contains, width } from '../../src/time/interval.js'
import { type WallReading, catchTick, glanceAtWall, readWall } from '../../src/time/tick.js'
import { holds } from './holds.js'
import { type ReadCost, SimulatedClock } from './simulated-clock.js'

const MICROSECOND = 1_000n
const MILLISECOND = 1_000_000n
const WALL = 1_700_000_000_123_456_789n

/** Somewhere in a millisecond, often at its very ends. */
const wallOffsets = (): fc.Arbitrary<bigint> =>
  fc
    .oneof(fc.bigInt({ min: 0n, max: MILLISECOND }), fc.constantFrom(0n, 1n, MILLISECOND - 1n))
    .map(part => WALL - (WALL % MILLISECOND) + part)

/** Reads cost up to 200 ns, and some of them are interrupted for up to 10 ms. */
const costs = (): fc.Arbitrary<(read: number) => ReadCost> => {
  const short = fc.bigInt({ min: 0n, max: 100n })
  const long = fc.bigInt({ min: 0n, max: 10n * MILLISECOND })
  const part = fc.oneof({ weight: 15, arbitrary: short }, { weight: 1, arbitrary: long })
  const cost = fc.record({ before: part, after: part })
  const slow = fc.record({ before: fc.constant(10n), after: fc.bigInt({ min: 1n, max: 200n }) })
  return fc.tuple(fc.array(cost, { maxLength: 60 }), slow).map(
    ([first, rest]) =>
      read =>
        first[read] ?? rest,
  )
}

/** Interrupted once: at read number `at`, for `length`, before or after the look. */
const interruptedOnce =
  (at: number, length: bigint, side: 'before' | 'after') =>
  (read: number): ReadCost => ({ before: 50n, after: 50n, ...(read === at && { [side]: length }) })

void test('a glance holds the truth, whatever the reads cost', async t => {
  holds(
    t,
    fc.property(wallOffsets(), costs(), (offset, cost) => {
      const clock = new SimulatedClock(offset, cost)
      return contains(glanceAtWall(clock).offset, offset)
    }),
    { numRuns: 1000 },
  )
})

void test('a glance is as wide as the resolution and its own duration', async t => {
  const clock = new SimulatedClock(WALL)
  const { at, offset } = glanceAtWall(clock)
  t.equal(width(offset), MILLISECOND + 200n)
  t.ok(at < clock.now)
})

void test('a tick holds the truth, whatever the reads cost', async t => {
  holds(
    t,
    fc.property(wallOffsets(), costs(), (offset, cost) => {
      const clock = new SimulatedClock(offset, cost)
      const started = clock.now
      const reading = catchTick(clock)
      return (
        reading === undefined ||
        (contains(reading.offset, offset) && started < reading.at && reading.at <= clock.now)
      )
    }),
    { numRuns: 1000 },
  )
})

void test('a tick is known to less than a microsecond where a read costs 100 ns', async t => {
  holds(
    t,
    fc.property(wallOffsets(), offset => {
      const clock = new SimulatedClock(offset)
      const reading = catchTick(clock)
      return (
        reading !== undefined &&
        contains(reading.offset, offset) &&
        width(reading.offset) < MICROSECOND
      )
    }),
    { numRuns: 300 },
  )
})

void test('a standing wall clock is given up after 3 ms', async t => {
  const clock = new SimulatedClock(WALL)
  clock.standing = WALL
  const started = clock.now
  t.equal(catchTick(clock), undefined)
  const spun = clock.now - started
  t.ok(spun >= 3n * MILLISECOND && spun < 4n * MILLISECOND, `${spun} ns`)
})

void test('a wall clock that was set while we spin tells of its new time only', async t => {
  const jumps = fc
    .bigInt({ min: 2n * MILLISECOND, max: 10n ** 16n })
    .chain(size => fc.constantFrom(size, -size))
  holds(
    t,
    fc.property(wallOffsets(), jumps, fc.nat(1000), (offset, jump, at) => {
      const clock = new SimulatedClock(offset, read => {
        if (read === at) clock.wallOffset += jump
        return { before: 50n, after: 50n }
      })
      const reading = catchTick(clock)
      const jumped = clock.reads > at
      return reading !== undefined && contains(reading.offset, offset + (jumped ? jump : 0n))
    }),
    { numRuns: 300 },
  )
})

void test('an interruption across one tick widens the interval, which still holds it', async t => {
  // The wall clock ticks 500 ns after the first of the five reads that see it; it is caught late.
  const offset = WALL - (WALL % MILLISECOND) - 500n
  for (const side of ['before', 'after'] as const) {
    for (const at of [1, 2, 3, 4, 5]) {
      const clock = new SimulatedClock(offset, interruptedOnce(at, MILLISECOND / 2n, side))
      const reading = catchTick(clock)
      t.ok(reading && contains(reading.offset, offset), `read ${at}, ${side} the look`)
    }
  }
})

void test('an interruption across several ticks begins again and catches a later one', async t => {
  const offset = WALL - (WALL % MILLISECOND)
  const clock = new SimulatedClock(offset, interruptedOnce(2, 2n * MILLISECOND + 1n, 'before'))
  const reading = catchTick(clock)
  t.ok(reading && contains(reading.offset, offset))
  t.ok(reading && width(reading.offset) < MICROSECOND)
})

void test('the narrowest of eight ticks is taken, or of as many as are asked for', async t => {
  const readAfter = (ticks?: number): WallReading => {
    let spent = 0n
    const clock = new SimulatedClock(WALL, () => {
      // Reading is slow but in the sixth millisecond.
      const half = spent / MILLISECOND === 5n ? 10n : 1_000n
      spent += 2n * half
      return { before: half, after: half }
    })
    return readWall(clock, ticks)
  }
  const [eight, two] = [readAfter(), readAfter(2)]
  t.ok(contains(eight.offset, WALL))
  t.ok(contains(two.offset, WALL))
  t.equal(width(eight.offset), 80n)
  t.equal(width(two.offset), 8_000n)
})

void test('where no tick is caught a glance is better than nothing', async t => {
  const clock = new SimulatedClock(0n)
  clock.standing = WALL
  const { at, offset } = readWall(clock, 1)
  t.equal(width(offset), MILLISECOND + 200n)
  t.ok(contains(offset, WALL - at))
})

void test('the reading of the wall clock holds the truth, whatever the reads cost', async t => {
  holds(
    t,
    fc.property(wallOffsets(), costs(), (offset, cost) => {
      const clock = new SimulatedClock(offset, cost)
      return contains(readWall(clock, 3).offset, offset)
    }),
    { numRuns: 100 },
  )
})
