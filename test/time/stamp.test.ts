import * as fc from 'fast-check'
import t from 'tap'
import { contains, width } from '../../src/time/interval.js'
import { SECOND, filetimeResolution, isClockTime, stampInterval } from '../../src/time/stamp.js'
import { durationNs, monoNs, unixNs } from '../../src/time/units.js'

void t.test('a stamp holds the truth, however it was cut down, stale and under way', t => {
  const ns = (max: number) => fc.bigInt({ min: 0n, max: BigInt(max) })
  fc.assert(
    fc.property(
      fc.bigInt({ min: -(10n ** 15n), max: 2n * 10n ** 18n }),
      ns(1e9),
      ns(1e9),
      ns(2e9),
      fc.constantFrom(100n, 1000n, 1_000_000n, 1_000_000_000n),
      ns(2e9),
      (difference, out, back, stale, resolution, moreStale) => {
        const sent = monoNs(5_000_000_000_000n)
        const server = sent + out + difference - stale
        const cut = (value: bigint): bigint =>
          value - (((value % resolution) + resolution) % resolution)
        const interval = stampInterval({
          sent,
          received: monoNs(sent + out + back),
          stamp: unixNs(cut(server)),
          resolution: durationNs(resolution),
          staleness: durationNs(stale + moreStale),
        })
        return (
          contains(interval, difference) &&
          width(interval) === out + back + resolution + stale + moreStale
        )
      },
    ),
  )
  t.end()
})

void t.test(
  'what is not allowed for in the staleness, or in the resolution, misses the truth',
  t => {
    const at = { sent: monoNs(0n), received: monoNs(0n), stamp: unixNs(0n) }
    const none = durationNs(0n)
    t.notOk(contains(stampInterval({ ...at, resolution: none, staleness: none }), 4_000_000n))
    t.ok(
      contains(
        stampInterval({ ...at, resolution: none, staleness: durationNs(4_000_000n) }),
        4_000_000n,
      ),
    )
    t.ok(contains(stampInterval({ ...at, resolution: SECOND, staleness: none }), 999_999_999n))
    t.end()
  },
)

void t.test('a FILETIME on a whole second was perhaps cut down to it', t => {
  const cases: [stamp: bigint, resolution: bigint][] = [
    [1_700_000_000_000_000_000n, 1_000_000_000n],
    [1_700_000_000_123_000_000n, 1_000_000n],
    [1_700_000_000_123_456_000n, 1000n],
    [1_700_000_000_123_456_700n, 100n],
    [0n, 1_000_000_000n],
  ]
  for (const [stamp, resolution] of cases) t.equal(filetimeResolution(unixNs(stamp)), resolution)
  t.end()
})

void t.test('a clock says something from 1970 to 2199', t => {
  const year2200 = BigInt(Math.floor(Date.UTC(2200, 0, 1) / 1000)) * 1_000_000_000n
  t.ok(isClockTime(unixNs(0n)))
  t.notOk(isClockTime(unixNs(-1n)))
  t.ok(isClockTime(unixNs(year2200 - 1n)))
  t.notOk(isClockTime(unixNs(year2200)))
  t.end()
})
