import * as fc from 'fast-check'
import { type Interval, interval } from '../../src/time/interval.js'

/** Small numbers, where ends often coincide, and nanoseconds of some years. */
export const nanoseconds = (): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt({ min: -8n, max: 8n }), fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }))

export const lengths = (): fc.Arbitrary<bigint> =>
  fc.oneof(fc.bigInt({ min: 0n, max: 8n }), fc.bigInt({ min: 0n, max: 10n ** 18n }))

export const intervals = (): fc.Arbitrary<Interval> =>
  fc.tuple(nanoseconds(), lengths()).map(([lo, length]) => interval(lo, lo + length))

/** An interval and a value inside it, which is often an end. */
export const pointed = (): fc.Arbitrary<{ i: Interval; value: bigint }> =>
  fc.tuple(intervals(), fc.bigInt({ min: 0n, max: 1000n })).map(([i, part]) => ({
    i,
    value: i.lo + ((i.hi - i.lo) * part) / 1000n,
  }))
