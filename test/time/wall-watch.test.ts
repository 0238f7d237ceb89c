import * as fc from 'fast-check'
import { test } from 'tap'
import { type HostEvent, hostEvent, lookAtHost, wallJump } from '../../src/time/wall-watch.js'
import { glanceAtWall } from '../../src/time/tick.js'
import { holds } from './holds.js'
import { type ReadCost, SimulatedClock, hundredNanoseconds } from './simulated-clock.js'

const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n
const WALL = 1_700_000_000_123_456_789n

/** What is told of two looks, `apart` each other, when `meanwhile` happens between them. */
const between = (
  meanwhile: (clock: SimulatedClock) => void,
  apart = SECOND,
  cost: (read: number) => ReadCost = hundredNanoseconds,
  resolution = SECOND,
  ran = 0n,
): HostEvent | undefined => {
  const clock = new SimulatedClock(WALL, cost)
  clock.resolution = resolution
  clock.pass(ran)
  const earlier = lookAtHost(clock)
  clock.pass(apart)
  meanwhile(clock)
  return hostEvent(earlier, lookAtHost(clock))
}

const setBy = (size: bigint) => (clock: SimulatedClock) => {
  clock.wallOffset += size
}

const sleepFor = (length: bigint) => (clock: SimulatedClock) => {
  clock.wallOffset += length
  clock.slept += length
}

const near = (size: bigint, expected: bigint, by: bigint): boolean =>
  size >= expected - by && size <= expected + by

void test('nothing happened while the clocks run on', async t => {
  t.equal(
    between(() => undefined),
    undefined,
  )
  t.equal(
    between(() => undefined, 86_400n * SECOND),
    undefined,
  )
})

void test('a set wall clock is a step, with its sign and its size', async t => {
  for (const size of [3600n * SECOND, -3600n * SECOND, 2n * SECOND, -SECOND, -10n * MILLISECOND]) {
    const event = between(setBy(size))
    t.equal(event?.kind, 'step', `${size} ns`)
    t.ok(event && near(event.size, size, MILLISECOND + 1_000n), `${event?.size} ns`)
  }
})

void test('every jump of the wall clock back by more than 5 ms is a step', async t => {
  const sizes = fc.bigInt({ min: 5n * MILLISECOND, max: 10n ** 18n })
  holds(
    t,
    fc.property(sizes, fc.bigInt({ min: 0n, max: SECOND }), (size, apart) => {
      const event = between(setBy(-size), apart)
      return event?.kind === 'step' && near(event.size, -size, MILLISECOND + 1_000n)
    }),
  )
})

void test('what only the time since boot counts is a suspend', async t => {
  for (const length of [2n * SECOND, 3600n * SECOND]) {
    const event = between(sleepFor(length))
    t.equal(event?.kind, 'suspend')
    t.ok(event && near(event.size, length, SECOND), `${event?.size} ns`)
  }
})

void test('a fine time since boot tells a short sleep, and a short step from a sleep', async t => {
  const fine = (meanwhile: (clock: SimulatedClock) => void) =>
    between(
      clock => {
        meanwhile(clock)
      },
      SECOND,
      hundredNanoseconds,
      10n * MILLISECOND,
    )
  for (const length of [30n * MILLISECOND, 500n * MILLISECOND, 5n * SECOND]) {
    const slept = fine(sleepFor(length))
    t.equal(slept?.kind, 'suspend', `${length} ns`)
    t.ok(slept && near(slept.size, length, 11n * MILLISECOND))
    t.equal(fine(setBy(length))?.kind, 'step', `${length} ns`)
  }
  t.equal(fine(setBy(7n * MILLISECOND))?.kind, 'unclear')
})

void test('a suspend is told even when the wall clock was set back meanwhile', async t => {
  const event = between(clock => {
    sleepFor(60n * SECOND)(clock)
    setBy(-60n * SECOND)(clock)
  })
  t.equal(event?.kind, 'suspend')
  t.ok(event && near(event.size, 60n * SECOND, SECOND))
})

void test('a jump ahead too short for the time since boot to tell is unclear', async t => {
  for (const size of [10n * MILLISECOND, 500n * MILLISECOND, SECOND - MILLISECOND]) {
    const event = between(setBy(size))
    t.equal(event?.kind, 'unclear', `${size} ns`)
    t.ok(event && near(event.size, size, MILLISECOND + 1_000n), `${event?.size} ns`)
  }
  t.equal(between(setBy(2n * SECOND + 20n * MILLISECOND))?.kind, 'step')
})

void test('a time since boot that is cut to its resolution is no suspend', async t => {
  holds(
    t,
    fc.property(
      fc.constantFrom(10n * MILLISECOND, SECOND),
      fc.bigInt({ min: 0n, max: 5n * SECOND }),
      fc.bigInt({ min: 0n, max: SECOND }),
      (resolution, apart, ran) =>
        between(() => undefined, apart, hundredNanoseconds, resolution, ran) === undefined,
    ),
    { numRuns: 1000 },
  )
})

void test('a slew of 500 ppm is nothing, over a second as over an hour', async t => {
  for (const apart of [SECOND, 16n * SECOND, 3600n * SECOND]) {
    for (const slewed of [apart / 2000n, -apart / 2000n]) {
      t.equal(between(setBy(slewed), apart), undefined, `${slewed} ns in ${apart} ns`)
    }
  }
})

void test('a jump on top of a slew is told', async t => {
  const apart = 16n * SECOND
  const slewed = apart / 2000n
  t.equal(between(setBy(-slewed - 5n * MILLISECOND), apart)?.kind, 'step')
})

void test('a jump of 4 ms is told wherever the looks fall, and one of 2 ms is nothing', async t => {
  const aparts = fc.bigInt({ min: 0n, max: SECOND })
  const signs = fc.constantFrom(1n, -1n)
  holds(
    t,
    fc.property(aparts, signs, (apart, sign) => {
      const told = 4n * MILLISECOND + apart / 2000n + 1_000n
      return (
        between(setBy(sign * told), apart) !== undefined &&
        between(setBy(sign * 2n * MILLISECOND), apart) === undefined
      )
    }),
    { numRuns: 1000 },
  )
})

void test('rounding to a millisecond is nothing, wherever in it the looks fall', async t => {
  holds(
    t,
    fc.property(fc.bigInt({ min: 0n, max: 4n * SECOND }), apart => {
      return between(() => undefined, apart) === undefined
    }),
    { numRuns: 1000 },
  )
})

void test('a look that was interrupted is nothing, however long it took', async t => {
  const lengths = fc.bigInt({ min: 0n, max: 5n * SECOND })
  const sides = fc.constantFrom('before' as const, 'after' as const)
  // Reads 0–2 are the earlier glance, 5–7 the later one; the others are the time since boot.
  const reads = fc.nat(9)
  holds(
    t,
    fc.property(lengths, sides, reads, lengths, (length, side, at, apart) => {
      const cost = (read: number): ReadCost => ({
        before: 50n,
        after: 50n,
        ...(read === at && { [side]: length }),
      })
      return between(() => undefined, apart, cost, 10n * MILLISECOND) === undefined
    }),
    { numRuns: 1000 },
  )
})

void test('a slew of 500 ppm is nothing, even where a look was interrupted', async t => {
  const slews = fc.integer({ min: -500, max: 500 })
  const aparts = fc.bigInt({ min: 0n, max: 20n * SECOND })
  const lengths = fc.bigInt({ min: 0n, max: SECOND })
  const reads = fc.nat(9)
  holds(
    t,
    fc.property(slews, aparts, lengths, reads, (slew, apart, length, at) => {
      const cost = (read: number): ReadCost => ({
        before: read === at ? length : 50n,
        after: 50n,
      })
      return between(setBy((apart * BigInt(slew)) / 1_000_000n), apart, cost) === undefined
    }),
    { numRuns: 2000 },
  )
})

void test('a step is told although the earlier look was interrupted', async t => {
  const cost = (read: number): ReadCost => ({ before: read === 2 ? SECOND : 50n, after: 50n })
  t.equal(between(setBy(-5n * SECOND), SECOND, cost)?.kind, 'step')
})

void test('a look takes the time since boot against the monotonic clock', async t => {
  const clock = new SimulatedClock(WALL)
  clock.slept = 77n * SECOND
  clock.resolution = 10n * MILLISECOND
  const { glance, slept } = lookAtHost(clock)
  t.ok(slept.lo <= 77n * SECOND && slept.hi >= 77n * SECOND)
  t.ok(slept.hi - slept.lo <= 10n * MILLISECOND + 1_000n)
  t.ok(glance.at < clock.now)
})

void test('glances of an exchange tell a jump without the time since boot', async t => {
  const clock = new SimulatedClock(WALL)
  const earlier = glanceAtWall(clock)
  clock.pass(SECOND)
  t.equal(wallJump(earlier, glanceAtWall(clock)), undefined)
  clock.wallOffset += 10n * MILLISECOND
  const jump = wallJump(earlier, glanceAtWall(clock))
  t.ok(jump !== undefined && near(jump, 10n * MILLISECOND, MILLISECOND + 1_000n))
})
