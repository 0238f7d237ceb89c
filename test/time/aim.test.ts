import * as fc from 'fast-check'
import t from 'tap'
import { aimedAt, combined, nextEdge, outside, unconfirmed } from '../../src/time/aim.js'
import { interval, midpoint, overlaps } from '../../src/time/interval.js'
import { stampInterval } from '../../src/time/stamp.js'
import { durationNs, milliseconds, monoNs, unixNs } from '../../src/time/units.js'

const SECOND = 1_000_000_000n
const MS = 1_000_000n
const none = durationNs(0n)
const still = { rtt: none, late: none }
const near = { rtt: milliseconds(1), late: none }

void t.test(
  'a request leaves so that it arrives at a second edge, at once or within a second',
  t => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 10n ** 18n }),
        fc.bigInt({ min: -(10n ** 18n), max: 10n ** 19n }),
        fc.bigInt({ min: 0n, max: 10n ** 10n }),
        (now, difference, way) => {
          const at = nextEdge(monoNs(now), durationNs(difference), durationNs(way))
          return (at + way + difference) % SECOND === 0n && at >= now && at < now + SECOND
        },
      ),
    )
    t.end()
  },
)

void t.test('with nothing known there is nothing to aim at', t => {
  t.equal(aimedAt({ predicted: undefined, shown: undefined }, none, still), undefined)
  t.end()
})

void t.test('of what this reading shows on both sides the middle is aimed at', t => {
  const shown = interval(0n, 800n * MS)
  t.equal(aimedAt({ predicted: undefined, shown }, none, still), midpoint(shown))
  t.end()
})

void t.test('a stamp that may be stale turns over later: only the rest is halved', t => {
  const shown = interval(0n, 1800n * MS)
  const known = { predicted: undefined, shown }
  t.equal(aimedAt(known, durationNs(SECOND), still), 400n * MS)
  t.equal(aimedAt(known, durationNs(5n * SECOND), still), 0n, 'never outside of what is known')
  t.end()
})

void t.test('what was predicted is shown from near its ends, the upper one first', t => {
  const predicted = interval(0n, 80n * MS)
  const first = aimedAt({ predicted, shown: undefined }, none, near) ?? none
  t.ok(first > 40n * MS && first < 80n * MS)
  const shown = interval(-900n * MS, 60n * MS)
  const second = aimedAt({ predicted, shown }, none, near) ?? none
  t.ok(second > 0n && second < 40n * MS)
  t.same(unconfirmed({ predicted, shown }, near), ['lo'])
  t.same(unconfirmed({ predicted, shown: interval(20n * MS, 60n * MS) }, near), [])
  t.same(unconfirmed({ predicted, shown: undefined }, near), ['hi', 'lo'])
  t.end()
})

void t.test('what is narrower than a round trip is confirmed from beyond its middle', t => {
  const predicted = interval(0n, MS)
  t.ok((aimedAt({ predicted, shown: undefined }, none, near) ?? none) > MS / 2n)
  const shown = interval(-900n * MS, MS)
  t.ok((aimedAt({ predicted, shown }, none, near) ?? none) < MS / 2n)
  const late = { ...near, late: milliseconds(5) }
  t.ok((aimedAt({ predicted, shown: undefined }, none, late) ?? none) > 5n * MS, 'late timers')
  t.end()
})

void t.test(
  'an answer from the wrong side of an end that is shown from outside contradicts it',
  t => {
    const ns = (most: number) => fc.bigInt({ min: 0n, max: BigInt(most) })
    fc.assert(
      fc.property(ns(1e8), ns(3e8), ns(1e8), (wide, stale, trip) => {
        const known = interval(5n * SECOND, 5n * SECOND + wide)
        const [staleness, rtt] = [durationNs(stale), durationNs(trip)]
        const shownBy = (end: 'lo' | 'hi', isPast: boolean) => {
          const aim = outside(known, end, staleness, { rtt, late: none })
          const way = durationNs(rtt / 2n)
          const sent = nextEdge(monoNs(0n), aim, way)
          const edge = (sent + way + aim) / SECOND
          const stamp = unixNs((isPast ? edge : edge - 1n) * SECOND)
          const received = monoNs(sent + rtt)
          return stampInterval({ sent, received, stamp, resolution: durationNs(SECOND), staleness })
        }
        return !overlaps(known, shownBy('lo', false)) && !overlaps(known, shownBy('hi', true))
      }),
    )
    t.end()
  },
)

void t.test('where a reading contradicts the prediction, the reading is right', t => {
  const known = { predicted: interval(0n, 10n), shown: interval(SECOND, 2n * SECOND) }
  t.same(combined(known), known.shown)
  t.same(unconfirmed(known, still), [])
  t.end()
})
