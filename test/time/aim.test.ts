import * as fc from 'fast-check'
import t from 'tap'
import { aimedAt, combined, nextEdge, outside, unconfirmed } from '../../src/time/aim.js'
import { interval, midpoint, overlaps } from '../../src/time/interval.js'
import { stampInterval } from '../../src/time/stamp.js'
import { durationNs, milliseconds, monoNs, unixNs } from '../../src/time/units.js'

const SECOND = 1_000_000_000n
const MS = 1_000_000n
const none = durationNs(0n)

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
  t.equal(aimedAt({ predicted: undefined, shown: undefined }, none, none), undefined)
  t.end()
})

void t.test('of what this reading shows on both sides the middle is aimed at', t => {
  const shown = interval(0n, 800n * MS)
  t.equal(aimedAt({ predicted: undefined, shown }, none, none), midpoint(shown))
  t.end()
})

void t.test('a stamp that may be stale turns over later: only the rest is halved', t => {
  const shown = interval(0n, 1800n * MS)
  const known = { predicted: undefined, shown }
  t.equal(aimedAt(known, durationNs(SECOND), none), 400n * MS)
  t.equal(aimedAt(known, durationNs(5n * SECOND), none), 0n, 'never outside of what is known')
  t.end()
})

void t.test('what was predicted is shown from near its ends, the upper one first', t => {
  const predicted = interval(0n, 80n * MS)
  const rtt = milliseconds(1)
  const first = aimedAt({ predicted, shown: undefined }, none, rtt) ?? none
  t.ok(first > 40n * MS && first < 80n * MS)
  const shown = interval(-900n * MS, 60n * MS)
  const second = aimedAt({ predicted, shown }, none, rtt) ?? none
  t.ok(second > 0n && second < 40n * MS)
  t.same(unconfirmed({ predicted, shown }, rtt), ['lo'])
  t.same(unconfirmed({ predicted, shown: interval(20n * MS, 60n * MS) }, rtt), [])
  t.same(unconfirmed({ predicted, shown: undefined }, rtt), ['hi', 'lo'])
  t.end()
})

void t.test('what is narrow is confirmed from outside', t => {
  const predicted = interval(0n, MS)
  const rtt = milliseconds(1)
  t.ok((aimedAt({ predicted, shown: undefined }, none, rtt) ?? none) > MS)
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
          const aim = outside(known, end, staleness, rtt)
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
  t.same(unconfirmed(known, none), [])
  t.end()
})
