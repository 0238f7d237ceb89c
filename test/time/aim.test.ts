import * as fc from 'fast-check'
import t from 'tap'
import { aimedAt, combined, isConfirmed, nextEdge } from '../../src/time/aim.js'
import { interval, midpoint } from '../../src/time/interval.js'
import { durationNs, milliseconds, monoNs } from '../../src/time/units.js'

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
  t.notOk(isConfirmed({ predicted, shown }, rtt))
  t.ok(isConfirmed({ predicted, shown: interval(20n * MS, 60n * MS) }, rtt))
  t.end()
})

void t.test(
  'what is narrow is confirmed or disproved from outside, and so is an end to verify',
  t => {
    const predicted = interval(0n, MS)
    const rtt = milliseconds(1)
    t.ok((aimedAt({ predicted, shown: undefined }, none, rtt) ?? none) > MS)
    const shown = interval(0n, 80n * MS)
    t.ok((aimedAt({ predicted: undefined, shown }, none, rtt, 'lo') ?? none) < 0n)
    t.ok((aimedAt({ predicted: undefined, shown }, none, rtt, 'hi') ?? none) > 80n * MS)
    t.end()
  },
)

void t.test('where a reading contradicts the prediction, the reading is right', t => {
  const known = { predicted: interval(0n, 10n), shown: interval(SECOND, 2n * SECOND) }
  t.same(combined(known), known.shown)
  t.ok(isConfirmed(known, none))
  t.end()
})
