import * as fc from 'fast-check'
import { test } from 'tap'
import { fromFiletime, toFiletime } from '../../src/protocol/filetime.js'
import { unixNs } from '../../src/time/units.js'
import { holds } from '../time/holds.js'

void test('a FILETIME counts from 1601', async t => {
  t.equal(fromFiletime(0n), unixNs(BigInt(Date.UTC(1601, 0)) * 1_000_000n))
  t.equal(fromFiletime(116_444_736_000_000_000n), unixNs(0n))
  t.equal(fromFiletime(116_444_736_000_000_001n), unixNs(100n))
  // 2026-11-23T05:00:00.1234567Z
  t.equal(fromFiletime(134_398_836_001_234_567n), unixNs(1_795_410_000_123_456_700n))
  t.equal(toFiletime(unixNs(1_795_410_000_123_456_799n)), 134_398_836_001_234_567n)
})

void test('each of the 64 bits’ values is kept there and back', async t => {
  const ticks = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
  holds(
    t,
    fc.property(ticks, value => toFiletime(fromFiletime(value)) === value),
    { numRuns: 1000 },
  )
})
