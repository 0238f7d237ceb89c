import t from 'tap'
import { withExchange } from '../../src/time/evidence.js'
import { interval } from '../../src/time/interval.js'
import { monoNs } from '../../src/time/units.js'

const SECOND = 1_000_000_000n

void t.test('exchanges that agree leave what all of them show', t => {
  const first = withExchange(undefined, monoNs(0n), interval(-10n, 10n))
  t.same(first, { at: 0n, interval: { lo: -10n, hi: 10n }, contradictions: 0 })
  const both = withExchange(first, monoNs(0n), interval(5n, 20n))
  t.same(both, { at: 0n, interval: { lo: 5n, hi: 10n }, contradictions: 0 })
  t.end()
})

void t.test('an earlier exchange is widened by what a time daemon may have slewed since', t => {
  const first = withExchange(undefined, monoNs(0n), interval(0n, 0n))
  const wide = interval(-SECOND, SECOND)
  t.same(withExchange(first, monoNs(2n * SECOND), wide).interval, {
    lo: -1_000_000n,
    hi: 1_000_000n,
  })
  t.end()
})

void t.test('of exchanges that contradict each other the newest is right', t => {
  const first = withExchange(undefined, monoNs(0n), interval(-10n, 10n))
  const second = withExchange(first, monoNs(0n), interval(11n, 20n))
  t.same(second, { at: 0n, interval: { lo: 11n, hi: 20n }, contradictions: 1 })
  t.equal(withExchange(second, monoNs(0n), interval(0n, 1n)).contradictions, 2)
  t.equal(withExchange(second, monoNs(0n), interval(12n, 13n)).contradictions, 1)
  t.end()
})
