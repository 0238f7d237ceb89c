import * as fc from 'fast-check'
import t, { type Test } from 'tap'
import { failure } from '../../src/net/failure.js'
import type { ProbeReading } from '../../src/probers/prober.js'
import {
  type Interval,
  contains,
  halfWidth,
  overlaps,
  widen,
  width,
} from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import { Seconds, jitter } from './seconds.js'
import { hours } from './world.js'

const MICROSECOND = durationNs(1000n)
const OFFSETS = [durationNs(0n), hours(-6), seconds(90.5), seconds(0.4), seconds(-0.001)]

/** A reading that succeeded and holds the truth as it is now. */
const trueReading = async (t: Test, seen: Seconds): Promise<ProbeReading> => {
  const result = await seen.read()
  if (!result.ok) throw new Error(`${result.reason}: ${result.detail}`)
  // Up to the step of 5 ms in which time passes, the clocks ran alike since.
  t.ok(contains(result.interval, seen.truth()), 'the truth is inside')
  return result
}

void t.test(
  'a dozen requests find the second edge, then two or three a reading keep it',
  async t => {
    for (const offset of OFFSETS) {
      const seen = new Seconds({ server: { offset, out: jitter(0.2, 1), back: jitter(0.2, 1, 7) } })
      const first = await trueReading(t, seen)
      t.ok(seen.requests <= 14, 'the first reading finds it')
      t.ok(halfWidth(first.interval) < milliseconds(20))
      const before = seen.requests
      for (let round = 0; round < 20; round++) {
        await seen.world.pass(seconds(12))
        const { interval, acquiring } = await trueReading(t, seen)
        t.ok(halfWidth(interval) < milliseconds(5), 'and each later one keeps it')
        t.notOk(acquiring)
      }
      // Two each, one more in every other one, and what begins with the checks of a clock just found.
      t.ok(seen.requests - before <= 3 * 20, `${seen.requests - before} requests for 20 readings`)
    }
  },
)

void t.test('each request halves what is known until the round trip is reached', async t => {
  for (const rtt of [1, 10, 50]) {
    const half = () => milliseconds(rtt / 2)
    const seen = new Seconds({
      server: { offset: seconds(1.234), out: half, back: half },
      timeout: seconds(20),
    })
    const { interval } = await trueReading(t, seen)
    t.ok(toMilliseconds(width(interval)) <= 2 * rtt + 4, `rtt ${rtt} ms`)
    t.ok(seen.requests <= 14, `${seen.requests} requests`)
  }
})

void t.test(
  'readings that had no time to find the edge go on where the last one stopped',
  async t => {
    const seen = new Seconds({ server: { offset: seconds(7.7) }, timeout: seconds(1.5) })
    const widths: number[] = []
    for (let i = 0; i < 8; i++) {
      const { interval, acquiring } = await trueReading(t, seen)
      widths.push(toMilliseconds(width(interval)))
      if (i === 0) t.equal(acquiring, true)
      await seen.world.pass(seconds(4))
    }
    t.ok((widths[0] ?? 0) > 100)
    t.ok((widths.at(-1) ?? 1000) < 12, widths.join(' '))
  },
)

void t.test('whatever the delays, the drift and the staleness, the truth is inside', async () => {
  const millisecondsOf = fc.double({ min: 0.01, max: 40, noNaN: true })
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        offset: fc.integer({ min: -100_000_000, max: 100_000_000 }),
        out: millisecondsOf,
        back: millisecondsOf,
        spread: fc.double({ min: 1, max: 10, noNaN: true }),
        driftPpm: fc.integer({ min: -100, max: 100 }),
        staleness: fc.constantFrom(0, 16, 1000, 3000),
        stale: fc.double({ min: 0, max: 1, noNaN: true }),
        renewed: fc.boolean(),
        seed: fc.integer({ min: 1, max: 1_000_000 }),
      }),
      async ({ offset, out, back, spread, driftPpm, staleness, stale, renewed, seed }) => {
        const seen = new Seconds({
          server: {
            offset: milliseconds(offset / 1000),
            driftPpm,
            out: jitter(out, out * spread, seed),
            back: jitter(back, back * spread, seed + 1),
          },
          staleness: milliseconds(staleness),
        })
        const limit = milliseconds(staleness)
        // Either as stale as each request finds it, or renewed in a rhythm of its own.
        const random = jitter(0, staleness * stale, seed + 2)
        seen.tell = clock =>
          renewed && limit > 0n ? clock - (((clock % limit) + limit) % limit) : clock - random()
        for (let round = 0; round < 6; round++) {
          const result = await seen.read()
          if (!result.ok) throw new Error(result.detail)
          // Since then, at most 5 ms ago, the clocks ran off from each other by less than that.
          const { lo, hi } = widen(result.interval, MICROSECOND)
          if (lo > seen.truth() || hi < seen.truth()) throw new Error('the truth is outside')
          await seen.world.pass(seconds(11))
        }
      },
    ),
    { numRuns: 60 },
  )
})
const STEPS = [-21_600, -2, -1, -0.4, -0.05, 0.05, 0.4, 1, 3.2, 5400]

for (const staleness of [0, 16]) {
  void t.test(
    `a clock that was set between two readings is found anew (${staleness} ms)`,
    async t => {
      for (const step of STEPS) {
        const seen = new Seconds({
          server: { offset: seconds(3.3) },
          staleness: milliseconds(staleness),
        })
        const before = await trueReading(t, seen)
        await seen.world.pass(seconds(10))
        seen.server.offset = durationNs(seen.server.offset + seconds(step))
        const after = await trueReading(t, seen)
        t.notOk(overlaps(before.interval, after.interval), `${step} s`)
        t.ok(halfWidth(after.interval) < milliseconds(300), 'and found again in the same reading')
      }
    },
  )
}

void t.test('a clock that is off by less than a stamp may be stale is read as it is', async t => {
  for (const step of [-0.015, -0.005, 0.005, 0.015]) {
    const seen = new Seconds({ staleness: milliseconds(16) })
    for (let i = 0; i < 3; i++) {
      await trueReading(t, seen)
      await seen.world.pass(seconds(10))
    }
    seen.server.offset = durationNs(seen.server.offset + seconds(step))
    for (let i = 0; i < 3; i++) {
      await trueReading(t, seen)
      await seen.world.pass(seconds(10))
    }
  }
})

void t.test('a clock that is set while it is read contradicts itself, and is read on', async t => {
  const seen = new Seconds({ server: { offset: seconds(3.3) } })
  let steps = 0
  const result = await seen.read(() => {
    if (seen.requests !== 5 || steps++ > 0) return
    seen.server.offset = durationNs(seen.server.offset - seconds(0.4))
  })
  t.match(result, { ok: true, contradictions: 1 })
  t.ok(result.ok && contains(result.interval, seen.truth()))
})

void t.test('two clocks that answer in turn contradict each other', async t => {
  for (const apart of [0.3, 40]) {
    const seen = new Seconds({ samples: 3 })
    seen.tell = clock => (seen.requests % 2 ? clock : clock + seconds(apart))
    let inDoubt = 0
    let before: Interval | undefined
    for (let i = 0; i < 8; i++) {
      const result = await seen.read()
      if (!result.ok) return t.fail(result.detail)
      const jumped = before !== undefined && !overlaps(before, result.interval)
      if (jumped || (result.contradictions ?? 0) > 0) inDoubt++
      before = result.interval
      await seen.world.pass(seconds(10))
    }
    t.ok(inDoubt >= 3, `${apart} s apart: seen in ${inDoubt} of 8 readings`)
  }
})

void t.test('random bytes are no time, and three of them say so', async t => {
  const seen = new Seconds({ samples: 3 })
  seen.tell = () => BigInt(Math.imul(seen.requests, 0x9e37_79b1) >>> 0) * 1_000_000_000n
  t.match(await seen.read(), { ok: false, reason: 'no_time' })
  t.equal(seen.requests, 3)
})

void t.test('bytes that stand still are no time, even where they are near it', async t => {
  const seen = new Seconds({ samples: 3 })
  const constant = seen.world.clockOf(seen.server)
  seen.tell = () => constant
  for (let i = 0; i < 3; i++) {
    t.match(await seen.read(), { ok: false, reason: 'no_time' })
    t.ok(seen.requests <= (i + 1) * 8, 'and it is not asked without end')
    await seen.world.pass(seconds(10))
  }
})

void t.test('no stamp is believed before three are in step', async t => {
  const seen = new Seconds({ samples: 3, timeout: seconds(1) })
  const results = []
  for (let i = 0; i < 4; i++) {
    results.push(await seen.read())
    if (seen.requests < 3) t.match(results.at(-1), { ok: false, reason: 'timeout' })
    await seen.world.pass(seconds(5))
  }
  t.match(results.at(-1), { ok: true })
})

void t.test('a clock that is believed and then set is read again in the same reading', async t => {
  const seen = new Seconds({ samples: 3 })
  for (let i = 0; i < 5; i++) {
    await trueReading(t, seen)
    await seen.world.pass(seconds(10))
  }
  seen.server.offset = hours(-6)
  await trueReading(t, seen)
})

void t.test(
  'what was shown before a request failed is a reading; nothing shown is the failure',
  async t => {
    const refused = failure('refused', 'the port is closed')
    const seen = new Seconds()
    seen.fails = n => (n >= 4 ? refused : undefined)
    const { interval } = await trueReading(t, seen)
    t.ok(halfWidth(interval) < milliseconds(300))
    t.match(await seen.read(), refused)
  },
)

void t.test('a request that our own machine slept through ends the reading', async t => {
  const slept = failure('aborted', 'this machine slept during the exchange')
  const seen = new Seconds()
  seen.fails = n => (n === 4 ? slept : undefined)
  t.match(await seen.read(), slept)
})

void t.test('a server that falls silent ends the reading at its timeout', async t => {
  const seen = new Seconds({ samples: 3 })
  seen.server.out = () => seconds(3600)
  const started = seen.world.mono()
  t.match(await seen.read(), { ok: false })
  t.ok(seen.world.mono() - started <= seconds(5.1))
})

void t.test('a sleep between two requests makes the reading worth nothing', async t => {
  const seen = new Seconds({ server: { offset: seconds(3.3) } })
  let slept = false
  const result = await seen.read(() => {
    if (seen.requests !== 3 || slept) return
    slept = true
    seen.world.suspend(seconds(700))
  })
  t.match(result, { ok: false, reason: 'aborted' })
})

void t.test('a longer way than before is aimed for after one reading', async t => {
  const seen = new Seconds({ server: { offset: seconds(3.3) } })
  await trueReading(t, seen)
  seen.server.out = seen.server.back = () => milliseconds(40)
  for (let i = 0; i < 3; i++) {
    await seen.world.pass(seconds(10))
    const before = seen.requests
    const { rtt } = await trueReading(t, seen)
    t.equal(rtt, milliseconds(80))
    t.ok(seen.requests - before <= 6)
  }
})

void t.test('the time that a new connection takes is aimed for too', async t => {
  const seen = new Seconds({ server: { offset: seconds(3.3) } })
  seen.lead = () => milliseconds(40)
  await trueReading(t, seen)
  for (let i = 0; i < 6; i++) {
    await seen.world.pass(seconds(10))
    const { interval } = await trueReading(t, seen)
    t.ok(halfWidth(interval) < milliseconds(8), 'and what is found is kept')
  }
})

void t.test('a clock that runs off is followed, and costs no more requests', async t => {
  for (const driftPpm of [-300, -150, 150, 300]) {
    const seen = new Seconds({ server: { offset: seconds(3.3), driftPpm } })
    for (let i = 0; i < 14; i++) {
      await seen.read()
      await seen.world.pass(seconds(10))
    }
    const before = seen.requests
    for (let i = 0; i < 20; i++) {
      const result = await seen.read()
      if (!result.ok) return t.fail(result.detail)
      const { lo, hi } = widen(result.interval, milliseconds(0.01))
      t.ok(lo <= seen.truth() && seen.truth() <= hi, 'the truth is inside')
      await seen.world.pass(seconds(10))
    }
    t.ok(seen.requests - before <= 80, `${driftPpm} ppm: ${seen.requests - before} for 20 readings`)
  }
})

void t.test('what is kept is not much wider than the way there and back', async t => {
  for (const rtt of [20, 100, 300]) {
    const half = () => milliseconds(rtt / 2)
    const seen = new Seconds({ server: { offset: seconds(3.3), out: half, back: half } })
    for (let i = 0; i < 12; i++) {
      const { interval } = await trueReading(t, seen)
      if (i > 5)
        t.ok(toMilliseconds(width(interval)) < 2 * rtt + 8, `rtt ${rtt} ms: ${width(interval)}`)
      await seen.world.pass(seconds(10))
    }
  }
})
