import t from 'tap'
import { type Failure, failure } from '../../src/net/failure.js'
import { readBurst } from '../../src/probers/burst.js'
import type { ProbeReading, ProbeSession } from '../../src/probers/prober.js'
import { interval } from '../../src/time/interval.js'
import { durationNs, monoNs } from '../../src/time/units.js'

const reading = (change: Partial<ProbeReading> = {}): ProbeReading => ({
  ok: true,
  at: monoNs(1000n),
  interval: interval(0n, 100n),
  rtt: durationNs(10n),
  facts: {},
  ...change,
})

const session = (...results: (ProbeReading | Failure)[]) => {
  let asked = 0
  const made: ProbeSession = {
    read: async () => results[asked++] ?? failure('timeout', 'no more'),
    close: () => undefined,
  }
  return { made, asked: () => asked }
}

const NEVER = new AbortController().signal

void t.test('readings are intersected, and the quickest tells the round trip', async t => {
  const { made } = session(
    reading({ interval: interval(0n, 60n), rtt: durationNs(5n) }),
    reading({ interval: interval(40n, 100n), facts: { stratum: 3 } }),
  )
  t.match(await readBurst(made, 2, NEVER), {
    ok: true,
    interval: { lo: 40n, hi: 60n },
    rtt: 5n,
    facts: { stratum: 3 },
    contradictions: 0,
  })
})

void t.test('a prober that aims is read until its aim is found', async t => {
  const far = reading({ acquiring: true })
  const near = reading({ acquiring: false, interval: interval(50n, 51n) })
  const found = session(far, far, near, near)
  t.match(await readBurst(found.made, 8, NEVER), { interval: { lo: 50n, hi: 51n } })
  t.equal(found.asked(), 3)
  const never = session(...Array.from({ length: 20 }, () => far))
  t.match(await readBurst(never.made, 8, NEVER), { ok: true })
  t.equal(never.asked(), 8)
})

void t.test('one that does not aim is read as often as was asked', async t => {
  const { made, asked } = session(...Array.from({ length: 20 }, () => reading()))
  await readBurst(made, 8, NEVER)
  t.equal(asked(), 8)
})

void t.test('a failure ends it with what there is; the first one is the outcome', async t => {
  const one = session(reading(), failure('refused', 'closed'))
  t.match(await readBurst(one.made, 8, NEVER), { ok: true })
  t.equal(one.asked(), 2)
  const none = session(failure('refused', 'closed'))
  t.match(await readBurst(none.made, 8, NEVER), { ok: false, reason: 'refused' })
})

void t.test('when time is up nothing more is asked', async t => {
  const controller = new AbortController()
  let asked = 0
  const made: ProbeSession = {
    read: async () => {
      if (++asked === 2) controller.abort()
      return reading()
    },
    close: () => undefined,
  }
  t.match(await readBurst(made, 8, controller.signal), { ok: true })
  t.equal(asked, 2)
})

void t.test('contradictions are counted: within readings, and between them', async t => {
  const far = interval(5_000_000_000n, 5_000_000_001n)
  const { made } = session(reading({ contradictions: 3 }), reading({ interval: far }), reading())
  t.match(await readBurst(made, 3, NEVER), { ok: true, contradictions: 5 })
})
