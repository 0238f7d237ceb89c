/**
 * Time has types. Instants and durations are BigInt nanoseconds: a Number holds today's Unix time
 * only to 256 ns. Seconds (a Number) exist at the edge, where a metric or a person reads them.
 */
declare const unit: unique symbol

/** Nanoseconds since 1970-01-01T00:00:00Z on some wall clock. */
export type UnixNs = bigint & { readonly [unit]: 'UnixNs' }
/** Nanoseconds on this machine's monotonic clock; its zero is arbitrary. */
export type MonoNs = bigint & { readonly [unit]: 'MonoNs' }
/** Signed length of time in nanoseconds. */
export type DurationNs = bigint & { readonly [unit]: 'DurationNs' }
/** Seconds, for metrics and people. */
export type Seconds = number & { readonly [unit]?: 'Seconds' }

export const unixNs = (ns: bigint): UnixNs => ns as UnixNs
export const monoNs = (ns: bigint): MonoNs => ns as MonoNs
export const durationNs = (ns: bigint): DurationNs => ns as DurationNs

const NS_PER_SECOND = 1_000_000_000n

/** Milliseconds, whole or not, as a duration. */
export const milliseconds = (ms: number): DurationNs => durationNs(BigInt(Math.round(ms * 1e6)))
/** Seconds, whole or not, as a duration; exact to the nanosecond up to 48 days. */
export const seconds = (s: number): DurationNs => durationNs(BigInt(Math.round(s * 1e9)))

/** A duration or an instant in seconds: the nearest Number to it up to 104 days, and close beyond. */
export const toSeconds = (d: bigint): Seconds =>
  abs(d) <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(d) / 1e9
    : Number(d / NS_PER_SECOND) + Number(d % NS_PER_SECOND) / 1e9
/** A duration in milliseconds, for timers. */
export const toMilliseconds = (d: bigint): number => Number(d) / 1e6

/** from → to on the monotonic clock. */
export const elapsed = (from: MonoNs, to: MonoNs): DurationNs => durationNs(to - from)
export const later = (from: MonoNs, by: DurationNs): MonoNs => monoNs(from + by)

export const abs = (d: bigint): DurationNs => durationNs(d < 0n ? -d : d)
export const min = <T extends bigint>(a: T, b: T): T => (a < b ? a : b)
export const max = <T extends bigint>(a: T, b: T): T => (a > b ? a : b)

/** Parts per million of a duration, rounded up: a bound may grow by rounding, never shrink. */
export const ppm = (rate: number, of: DurationNs): DurationNs => {
  const scaled = BigInt(Math.ceil(rate * 1000)) * abs(of)
  return durationNs((scaled + NS_PER_SECOND - 1n) / NS_PER_SECOND)
}
