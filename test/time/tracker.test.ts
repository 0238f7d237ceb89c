import * as fc from 'fast-check'
import { test } from 'tap'
import { type Interval, contains, interval, width } from '../../src/time/interval.js'
import {
  type Reading,
  type Track,
  ageingPpm,
  drift,
  estimate,
  forget,
  isConsistent,
  newTrack,
  track,
} from '../../src/time/tracker.js'
import { durationNs, milliseconds, monoNs, seconds as toDuration } from '../../src/time/units.js'
import { type Delays, FollowedClock } from './followed-clock.js'
import { holds } from './holds.js'

/** Plain integers, for arithmetic. */
const ms = (n: number): bigint => milliseconds(n)
const seconds = (n: number): bigint => toDuration(n)

const START = 10n ** 15n
const SECOND = seconds(1)
const HOUR = seconds(3600)
/** What the clocks here may run off, but where a test says otherwise. */
const WANDER_PPM = 100
/** 1000 ppb are 1 ppm. */
const WANDER_PPB = WANDER_PPM * 1000
const EMPTY = newTrack(WANDER_PPM)

const readingAt = (at: bigint, lo: bigint, hi: bigint): Reading => ({
  at: monoNs(START + at),
  interval: interval(lo, hi),
})

const following = (...readings: readonly Reading[]): Track => readings.reduce<Track>(track, EMPTY)

const lengths = (least: bigint, most: bigint): fc.Arbitrary<bigint> =>
  fc.oneof(
    fc.bigInt({ min: least, max: least + (most - least) / 1000n }),
    fc.bigInt({ min: least, max: most }),
  )

const wander = fc.integer({ min: -WANDER_PPB, max: WANDER_PPB })

interface Round extends Delays {
  readonly wait: bigint
  /** How the clock runs off until the next question. */
  readonly rate: number
  readonly lost: boolean
}

/** Questions that take `quickest` to `slowest` each way; each fourth is lost. */
const rounds = (
  rate: fc.Arbitrary<number>,
  quickest: bigint,
  slowest: bigint,
  most = 8,
): fc.Arbitrary<Round[]> =>
  fc.array(
    fc.record({
      wait: fc.bigInt({ min: SECOND / 10n, max: 100n * SECOND }),
      rate,
      forward: lengths(quickest, slowest),
      inside: lengths(0n, ms(10)),
      back: lengths(quickest, slowest),
      lost: fc.nat(3).map(n => n === 0),
    }),
    { minLength: 1, maxLength: most },
  )

const offsets = fc.oneof(
  fc.bigInt({ min: -1000n, max: 1000n }),
  fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }),
)
const precisions = fc.integer({ min: -30, max: -6 })

const misses = (state: Track, clock: FollowedClock, at: bigint): boolean => {
  const said = estimate(state, monoNs(at))
  return said !== undefined && !contains(said, clock.truth(at))
}

/** Follows one clock that nobody sets; true where every estimate held the truth. */
const alwaysTrue = (
  clock: FollowedClock,
  questions: readonly Round[],
  after: readonly bigint[],
  empty = EMPTY,
): boolean => {
  let now = START
  let state = empty
  for (const { wait, rate, lost, ...delays } of questions) {
    clock.slew(now, rate)
    now += wait
    if (misses(state, clock, now)) return false
    const reading = clock.read(now, delays)
    if (!reading) return false
    now = reading.at
    if (!lost) state = track(state, reading)
    if ([0n, ...after].some(later => misses(state, clock, now + later))) return false
  }
  return state.contradictions === 0 && isConsistent(state)
}

void test('the estimate holds the truth while a clock runs off by up to 100 ppm', async t => {
  const after = fc.array(lengths(0n, HOUR), { maxLength: 3 })
  holds(
    t,
    fc.property(
      offsets,
      precisions,
      rounds(wander, 0n, ms(500)),
      after,
      (offset, precision, given, instants) =>
        alwaysTrue(new FollowedClock(offset, 0, precision), given, instants),
    ),
    { numRuns: 10_000 },
  )
})

void test('the estimate holds the truth while a clock wanders no more than was said', async t => {
  const rate = fc.constantFrom(-115_000, 115_000, 0)
  holds(
    t,
    fc.property(rounds(rate, 0n, ms(500)), given =>
      alwaysTrue(new FollowedClock(0n, 0), given, [HOUR], newTrack(115)),
    ),
    { numRuns: 2000 },
  )
})

void test('a reading is true at its instant while a clock is slewed by 500 ppm', async t => {
  const rate = fc.constantFrom(-500_000, 500_000, 0)
  const offMuch = (given: readonly Round[]): boolean => {
    const clock = new FollowedClock(0n, 0)
    let now = START
    let state = EMPTY
    return given.every(round => {
      clock.slew(now, round.rate)
      const reading = clock.read(now + round.wait, round)
      if (!reading) return false
      now = reading.at
      state = track(state, reading)
      return !misses(state, clock, now) && state.contradictions === 0
    })
  }
  // 500 ppm of 100 ms there and back are as long as the quickest way.
  holds(t, fc.property(rounds(rate, 50_000n, ms(45)), offMuch), { numRuns: 2000 })
})

void test('nothing is said of a clock that was never read', async t => {
  t.equal(estimate(EMPTY, monoNs(START)), undefined)
  t.equal(drift(EMPTY), undefined)
  t.equal(ageingPpm(EMPTY), 100)
  t.equal(ageingPpm(newTrack(115)), 115)
  t.ok(isConsistent(EMPTY))
})

void test('an estimate widens by 100 ppm of its age', async t => {
  const state = following(readingAt(0n, -1000n, 3000n))
  t.same(estimate(state, monoNs(START)), interval(-1000n, 3000n))
  t.same(estimate(state, monoNs(START + SECOND)), interval(-101_000n, 103_000n))
  t.same(estimate(state, monoNs(START + 1n)), interval(-1001n, 3001n))
})

void test('readings of one instant are intersected', async t => {
  const state = following(readingAt(0n, -10_000n, 1000n), readingAt(0n, -1000n, 10_000n))
  t.same(state.narrowed?.interval, interval(-1000n, 1000n))
  t.same(estimate(state, monoNs(START)), interval(-1000n, 1000n))
  t.equal(state.contradictions, 0)
})

void test('the last reading is preferred unless older ones more than halve it', async t => {
  const older = readingAt(0n, 0n, 1000n)
  const twice = readingAt(0n, -500n, 1500n)
  const more = readingAt(0n, -500n, 1501n)
  t.same(estimate(following(older, twice), twice.at), twice.interval)
  t.same(estimate(following(older, more), more.at), older.interval)
})

void test('what narrows a reading was widened by the fastest slew of a time daemon', async t => {
  const state = following(readingAt(0n, 0n, 1000n), readingAt(SECOND, -(10n ** 9n), 10n ** 9n))
  t.same(state.narrowed?.interval, interval(-500_000n, 501_000n))
  t.same(state.narrowed?.at, START + SECOND)
})

void test('a step is seen at the next reading, with a size within its error', async t => {
  const sizes = fc
    .bigInt({ min: ms(400), max: 10n ** 17n })
    .chain(size => fc.constantFrom(size, -size))
  const questions = rounds(wander, 0n, ms(20))
  holds(
    t,
    fc.property(wander, sizes, questions, questions, (rate, size, before, after) => {
      const clock = new FollowedClock(0n, rate)
      let now = START
      let state = EMPTY
      const counts = (): string => `${state.steps} steps, ${state.contradictions} contradictions`
      const follow = (given: readonly Round[]): boolean =>
        given.every(round => {
          now += round.wait
          const reading = clock.read(now, round)
          if (!reading) return false
          now = reading.at
          state = track(state, reading)
          return !misses(state, clock, now + HOUR)
        })
      if (!follow(before) || counts() !== '0 steps, 0 contradictions') return false
      clock.step(size)
      if (!follow(after.slice(0, 1))) return false
      const { lastStep } = state
      if (lastStep?.at !== now || counts() !== '1 steps, 1 contradictions') return false
      const off = lastStep.size - size
      const known = off <= lastStep.error && -off <= lastStep.error && lastStep.error < ms(150)
      return known && follow(after.slice(1)) && counts() === '1 steps, 1 contradictions'
    }),
    { numRuns: 1000 },
  )
})

void test('a jump of 128 ms or more is a step, a smaller one a contradiction only', async t => {
  const first = readingAt(0n, 0n, 0n)
  for (const sign of [1n, -1n]) {
    const at = sign * ms(128)
    const step = following(first, readingAt(0n, at, at))
    t.match(step, { steps: 1, contradictions: 1 })
    t.same(step.lastStep, { at: START, size: at, error: 0n })
    t.equal(step.history.length, 1)
    const short = at - sign
    const slewed = following(first, readingAt(0n, short, short))
    t.match(slewed, { steps: 0, contradictions: 1 })
    t.equal(slewed.lastStep, undefined)
    t.same(estimate(slewed, first.at), interval(short, short))
  }
})

void test('a step keeps nothing of the past', async t => {
  const after = readingAt(SECOND, seconds(60), seconds(61))
  const state = following(readingAt(0n, 0n, 1n), after)
  t.same(state.narrowed, after)
  t.same(state.history, [after])
  t.same(estimate(state, after.at), after.interval)
})

void test('the size of a step is told between the middles, its error from both widths', async t => {
  const state = following(readingAt(0n, 0n, 10n), readingAt(0n, seconds(1), seconds(1) + 31n))
  t.same(state.lastStep, { at: START, size: seconds(1) + 10n, error: 21n })
})

void test('a faster slew is a contradiction, no step, and the estimate holds at once', async t => {
  const slews = fc
    .integer({ min: 700_000, max: 2_000_000 })
    .chain(rate => fc.constantFrom(rate, -rate))
  const quick = fc.record({
    forward: lengths(20_000n, 500_000n),
    inside: lengths(0n, 100_000n),
    back: lengths(20_000n, 500_000n),
  })
  const series = fc.array(quick, { minLength: 1, maxLength: 6 })
  const later = lengths(0n, HOUR)
  holds(
    t,
    fc.property(wander, slews, series, series, later, (rate, slewed, calm, during, instant) => {
      const clock = new FollowedClock(0n, rate)
      let now = START
      let state = EMPTY
      const follow = (delays: Delays): boolean => {
        const reading = clock.read(now + 16n * SECOND, delays)
        if (!reading) return false
        now = reading.at
        state = track(state, reading)
        return !misses(state, clock, now) && !misses(state, clock, now + instant)
      }
      if (!calm.every(follow) || state.contradictions > 0) return false
      clock.slew(now, slewed)
      const [first, ...rest] = during
      if (!first || !follow(first) || state.contradictions !== 1) return false
      const learned = (): boolean => {
        const known = drift(state)
        return !known || Math.abs(known.ratio - slewed * 1e-9) <= known.error + 1e-9
      }
      const settled = learned() && rest.every(delays => follow(delays) && learned())
      return settled && state.steps === 0 && state.contradictions === 1
    }),
    { numRuns: 2000 },
  )
})

/** 64 readings, one each 16 s, ± `half` ms, of a clock that is `ahead` ms ahead at the nth. */
const readings64 = (half: number, ahead: (n: number) => number): Reading[] =>
  Array.from({ length: 64 }, (_, n) =>
    readingAt(seconds(n * 16), ms(ahead(n) - half), ms(ahead(n) + half)),
  )

void test('a drift counts that shows over all readings, over eight or over two', async t => {
  const table: readonly [string, half: number, ahead: (n: number) => number, number][] = [
    // 150 ppm ± 10 over all, ± 89 over eight, ± 625 over two.
    ['always 150 ppm', 5, n => n * 2.4, 300],
    // 200 ppm ± 36 over eight, and 22 ppm over all.
    ['200 ppm for two minutes', 2, n => Math.max(0, n - 56) * 3.2, 400],
    // 400 ppm ± 25 over two, 57 ppm over eight.
    ['400 ppm since the last but one', 0.2, n => Math.max(0, n - 62) * 6.4, 800],
  ]
  for (const [name, half, ahead, expected] of table) {
    const state = following(...readings64(half, ahead))
    t.equal(state.contradictions, 0, name)
    t.ok(Math.abs(ageingPpm(state) - expected) < 1e-6, `${name}: ${ageingPpm(state)}`)
  }
})

void test('a slew of 500 ppm is known after one reading, however calm the past was', async t => {
  const delays = fc.record({
    forward: lengths(20_000n, 200_000n),
    inside: lengths(0n, 100_000n),
    back: lengths(20_000n, 200_000n),
  })
  const calm = fc.array(delays, { minLength: 1, maxLength: 80 })
  const during = fc.array(delays, { minLength: 1, maxLength: 6 })
  const slews = fc.integer({ min: -500_000, max: 500_000 })
  holds(
    t,
    fc.property(calm, during, slews, lengths(0n, HOUR), (before, after, slewed, instant) => {
      const clock = new FollowedClock(0n, 0)
      let now = START
      let state = EMPTY
      const follow = (given: Delays): boolean => {
        const reading = clock.read(now + 16n * SECOND, given)
        if (!reading) return false
        now = reading.at
        state = track(state, reading)
        return !misses(state, clock, now) && !misses(state, clock, now + instant)
      }
      if (!before.every(follow)) return false
      clock.slew(now, slewed)
      return after.every(follow) && state.contradictions === 0
    }),
    { numRuns: 500 },
  )
})

void test('old readings are widened by twice the drift where that is more', async t => {
  const table: readonly [string, Reading[], number][] = [
    ['unknown', [readingAt(0n, 0n, 0n)], 100],
    ['none', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, 0n, 0n)], 100],
    ['40 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, ms(4), ms(4))], 100],
    ['300 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, ms(30), ms(30))], 600],
    ['-300 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, -ms(30), -ms(30))], 600],
    ['300 ± 40 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, ms(26), ms(34))], 600],
    ['300 ± 100 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, ms(20), ms(40))], 400],
    ['100 ± 200 ppm', [readingAt(0n, 0n, 0n), readingAt(100n * SECOND, -ms(10), ms(30))], 100],
  ]
  for (const [name, readings, expected] of table) {
    const state = following(...readings)
    t.ok(Math.abs(ageingPpm(state) - expected) < 1e-6, `${name}: ${ageingPpm(state)}`)
  }
  const fast = following(readingAt(0n, 0n, 0n), readingAt(100n * SECOND, ms(30), ms(30)))
  const said = estimate(fast, monoNs(START + 101n * SECOND))
  t.same(said, interval(ms(30) - 600_000n, ms(30) + 600_000n))
})

/** At this second the clock is this many milliseconds ahead, exactly. */
const exactly = (second: number, ahead: number): Reading =>
  readingAt(seconds(second), ms(ahead), ms(ahead))

void test('after a slew the history begins with the readings that show the new rate', async t => {
  const state = following(exactly(0, 0), exactly(16, 0), exactly(32, 0), exactly(48, 16))
  t.match(state, { contradictions: 1, steps: 0 })
  t.same(state.history, [exactly(32, 0), exactly(48, 16)])
  t.ok(Math.abs(ageingPpm(state) - 2000) < 1e-6)
  t.equal(drift(state), undefined, 'it may have been a small jump')
  const settled = [exactly(64, 16), exactly(80, 16)].reduce<Track>(track, state)
  t.equal(drift(settled)?.ratio, 0, 'and the readings since then say that it was one')
  const going = [exactly(64, 32), exactly(80, 48)].reduce<Track>(track, state)
  t.ok(Math.abs((drift(going)?.ratio ?? 0) - 0.001) < 1e-9, 'or that it goes on')
})

void test('the drift is within its error, and is told once it is known to 50 ppm', async t => {
  const rates = fc.integer({ min: -WANDER_PPB, max: WANDER_PPB })
  holds(
    t,
    fc.property(rates, precisions, rounds(wander, 0n, ms(50), 10), (rate, precision, all) => {
      const clock = new FollowedClock(0n, rate, precision)
      let now = START
      let state = EMPTY
      return all.every(({ wait, lost, ...delays }) => {
        now += wait
        const reading = clock.read(now, delays)
        if (!reading) return false
        now = reading.at
        if (!lost) state = track(state, reading)
        const known = drift(state)
        return (
          !known ||
          (Math.abs(known.ratio - rate * 1e-9) <= known.error + 1e-12 && known.error <= 50e-6)
        )
      })
    }),
    { numRuns: 2000 },
  )
  const after = (half: bigint): Track =>
    following(readingAt(0n, -half, half), readingAt(100n * SECOND, -half, half))
  t.same(drift(following(readingAt(0n, 0n, 0n))), undefined)
  t.strictSame(drift(after(ms(2))), { ratio: 0, error: 40e-6 })
  t.ok(drift(after(ms(2.499))))
  t.equal(drift(after(ms(2.501))), undefined)
  t.equal(drift(following(readingAt(0n, 0n, 9n), readingAt(0n, 0n, 9n))), undefined)
})

void test('several clocks at one address are inconsistent, and nothing is said', async t => {
  const ahead = new FollowedClock(5n * SECOND, 10_000)
  const behind = new FollowedClock(0n, -20_000)
  const delays = { forward: 100_000n, inside: 1000n, back: 200_000n }
  let now = START
  let state = EMPTY
  const read = (clock: FollowedClock): Track => {
    const reading = clock.read((now += 15n * SECOND), delays)
    if (reading) state = track(state, reading)
    return state
  }
  const said = (): Interval | undefined => estimate(state, monoNs(now))
  t.ok(isConsistent(read(ahead)))
  t.ok(isConsistent(read(behind)))
  t.ok(isConsistent(read(ahead)))
  t.ok(said(), 'two steps may be two steps')
  t.notOk(isConsistent(read(behind)), 'three are none')
  t.equal(said(), undefined)
  for (let i = 0; i < 5; i++) {
    read(behind)
    t.equal(said(), undefined, `${i} readings of one clock are not yet enough`)
  }
  t.ok(isConsistent(read(behind)), 'when the steps are eight readings ago, all is well')
  t.ok(said())
  t.match(state, { steps: 3, contradictions: 3 })
})

void test('to forget is to keep the counts and nothing else', async t => {
  const jumping = [0, 1, 2, 3].map(n => readingAt(seconds(n * 15), seconds(n), seconds(n) + 10n))
  const state = following(...jumping)
  t.match(state, { steps: 3, contradictions: 3 })
  const forgotten = forget(state)
  t.strictSame(forgotten, { ...EMPTY, steps: 3, contradictions: 3, lastStep: state.lastStep })
  t.equal(estimate(forgotten, monoNs(START + HOUR)), undefined)
  t.ok(isConsistent(forgotten))
  const slow = readingAt(HOUR, -seconds(9), -seconds(9) + 1n)
  t.match(track(forgotten, slow), { steps: 3, contradictions: 3 }, 'what follows is no step')
  t.same(estimate(track(forgotten, slow), slow.at), slow.interval)
  t.strictSame(forget(newTrack(115)), newTrack(115))
})

void test('a clock that is read for ever takes no more room', async t => {
  let state = EMPTY
  for (let i = 0n; i < 200n; i++) state = track(state, readingAt(i * SECOND, 0n, 1000n))
  t.equal(state.history.length, 64)
  t.equal(state.history.at(-1)?.at, START + 199n * SECOND)
  t.equal(state.recent.length, 8)
})

void test('many readings with changing delays narrow each other', async t => {
  const clock = new FollowedClock(0n, 0)
  const read = (n: number): Reading | undefined => {
    const [forward, back] = n % 2 ? [100_000n, 5_000_000n] : [5_000_000n, 100_000n]
    return clock.read(START + BigInt(n) * SECOND, { forward, inside: 0n, back })
  }
  const state = following(...[0, 1, 2, 3].flatMap(n => read(n) ?? []))
  const said = estimate(state, state.last?.at ?? monoNs(0n))
  t.ok(state.last && width(state.last.interval) > durationNs(5_000_000n))
  t.ok(said && width(said) < ms(1) && contains(said, clock.truth(START)))
})

void test('what contradicts itself within readings is counted, and is several clocks in the end', async t => {
  const one = (i: bigint, contradictions: number): Reading => ({
    ...readingAt(i * SECOND, 0n, ms(100)),
    contradictions,
  })
  const twice = following(one(0n, 1), one(1n, 3))
  t.equal(twice.contradictions, 4)
  t.equal(isConsistent(twice), true, 'a clock may be set while it is read')
  const several = following(one(0n, 1), one(1n, 5), one(2n, 1))
  t.match(several, { contradictions: 7, steps: 0 })
  t.equal(isConsistent(several), false)
  t.equal(estimate(several, monoNs(START + 3n * SECOND)), undefined)
  const good = Array.from({ length: 8 }, (_, i) => one(BigInt(4 + i), 0))
  t.equal(isConsistent(good.reduce<Track>(track, several)), true, 'until it is over')
})

void test('a reading that stands alone is told as it is, and contradicts the past like any other', async t => {
  const wide = { ...readingAt(SECOND, 0n, ms(1000)), standsAlone: true }
  const state = following(readingAt(0n, 0n, ms(1)), wide)
  const said = estimate(state, wide.at)
  t.strictSame(said, wide.interval, 'the narrow past does not narrow it')
  const apart = { ...readingAt(SECOND, ms(5000), ms(6000)), standsAlone: true }
  t.match(following(readingAt(0n, 0n, ms(1)), apart), { steps: 1 })
})

void test('a step does not hide behind a wide reading that stands alone', async t => {
  const alone = (at: bigint, lo: bigint, hi: bigint): Reading => ({
    ...readingAt(at, lo, hi),
    standsAlone: true,
  })
  const wide = alone(SECOND, ms(-1000), ms(1))
  const after = alone(2n * SECOND, ms(-500), ms(-499))
  const state = following(alone(0n, 0n, ms(1)), wide, after)
  t.match(state, { steps: 1, contradictions: 1 })
  t.strictSame(estimate(state, after.at), after.interval)
  t.strictSame(drift(state), undefined)
})
