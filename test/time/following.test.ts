import t from 'tap'
import { type Followed, expected, followedTo } from '../../src/time/following.js'
import { contains, interval, width } from '../../src/time/interval.js'
import { durationNs, milliseconds, monoNs, seconds } from '../../src/time/units.js'

const EVERY = seconds(15)

/** A clock that runs off at `ppm`, read `count` times to ± 1 ms. */
const following = (ppm: number, count: number): { followed: Followed; next: bigint } => {
  const at = (i: number) => monoNs(EVERY * BigInt(i))
  const difference = (i: number): bigint => (at(i) * BigInt(ppm)) / 1_000_000n
  const around = (i: number) => {
    const middle = difference(i)
    return interval(middle - milliseconds(1), middle + milliseconds(1))
  }
  let followed = followedTo(undefined, at(0), around(0))
  for (let i = 1; i < count; i++) followed = followedTo(followed, at(i), around(i))
  return { followed, next: difference(count) }
}

void t.test('a clock that runs off is expected where it will be', t => {
  for (const ppm of [-500, -200, 0, 100, 300]) {
    const { followed, next } = following(ppm, 12)
    const where = expected(followed, monoNs(EVERY * 12n))
    t.ok(contains(where, next), `${ppm} ppm`)
    t.ok(width(where) < milliseconds(8), 'and no wider than before but for what nobody knows')
    t.ok(Math.abs(followed.ratePpm - ppm) < 60, `${followed.ratePpm} ppm`)
  }
  t.end()
})

void t.test('a jump is no rate', t => {
  const { followed } = following(100, 12)
  const at = monoNs(EVERY * 12n)
  const far = interval(seconds(5), durationNs(seconds(5) + milliseconds(1)))
  t.match(followedTo(followed, at, far), { at, interval: far, ratePpm: 0 })
  t.end()
})

void t.test('two wide readings make no rate of their widths', t => {
  const wide = (lo: number, hi: number) => interval(milliseconds(lo), milliseconds(hi))
  const first = followedTo(undefined, monoNs(0n), wide(-20, 20))
  const next = followedTo(first, monoNs(EVERY), wide(-10, 25))
  t.ok(next.ratePpm === 0)
  t.end()
})
