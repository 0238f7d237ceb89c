import * as fc from 'fast-check'
import t from 'tap'
import { fingerprint, within } from '../../src/calls/fingerprint.js'
import { holds } from '../time/holds.js'

const seeds = fc.maxSafeNat()

void t.test('a fingerprint is a whole number of at most 53 bits', async t => {
  const isOne = (n: number): boolean => Number.isSafeInteger(n) && n >= 0
  holds(
    t,
    fc.property(fc.string(), seeds, fc.integer(), (text, seed, inner) => {
      const one = fingerprint(text, 0, text.length, seed)
      return isOne(one) && isOne(within(one, inner))
    }),
  )
})

void t.test('only the range counts, not what is around it', async t => {
  holds(
    t,
    fc.property(fc.string(), fc.string(), fc.string(), seeds, (before, text, behind, seed) => {
      const all = before + text + behind
      const found = fingerprint(all, before.length, before.length + text.length, seed)
      return found === fingerprint(text, 0, text.length, seed)
    }),
  )
})

void t.test('texts, seeds and what is within differ, in both halves', async t => {
  const found = new Set<number>()
  const low = new Set<number>()
  for (let i = 0; i < 20_000; i++) {
    const text = `${i}@192.0.2.1`
    const one = fingerprint(text, 0, text.length, 7)
    found
      .add(one)
      .add(fingerprint(text, 0, text.length, 8))
      .add(within(one, 1))
      .add(within(one, 2))
    low.add(one % 2 ** 32)
  }
  t.equal(found.size, 80_000)
  t.ok(low.size > 19_990)
})

void t.test('a seed is more than its lower half', async t => {
  t.not(fingerprint('a', 0, 1, 1), fingerprint('a', 0, 1, 1 + 2 ** 40))
})

void t.test('fingerprints are spread evenly, whatever the texts have in common', async t => {
  const buckets = Array.from({ length: 64 }, () => 0)
  for (let i = 0; i < 64_000; i++) {
    const text = `call${i}`
    const bucket = Math.floor((fingerprint(text, 0, text.length, 7) / 2 ** 53) * 64)
    buckets[bucket] = (buckets[bucket] ?? 0) + 1
  }
  t.ok(Math.min(...buckets) > 800 && Math.max(...buckets) < 1200, buckets.join())
})
