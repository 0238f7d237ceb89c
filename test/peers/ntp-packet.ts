/** Where RFC 5905 §7.3 puts the fields of the header, in bytes. */
export const AT = {
  flags: 0,
  stratum: 1,
  poll: 2,
  precision: 3,
  rootDelay: 4,
  rootDispersion: 8,
  refid: 12,
  reference: 16,
  origin: 24,
  receive: 32,
  transmit: 40,
} as const

export const HEADER_BYTES = 48
export const MODE_CLIENT = 3
export const MODE_SERVER = 4

const UNIX_EPOCH_IN_NTP_SECONDS = 2_208_988_800n
const NS = 1_000_000_000n
const REANCHOR_AFTER_NS = 5n * NS

type Anchor = { wall: bigint; mono: bigint }

let anchor: Anchor | undefined

/** `Date.now()` tells whole milliseconds: just after it ticked it is as exact as a clock can be. */
const anchorAtTick = (): Anchor => {
  const before = Date.now()
  for (;;) {
    const mono = process.hrtime.bigint()
    const now = Date.now()
    if (now !== before) return { wall: BigInt(now) * 1_000_000n, mono }
  }
}

/** This process's wall clock in Unix nanoseconds, good to some microseconds. */
export const wallNs = (): bigint => {
  const mono = process.hrtime.bigint()
  if (anchor === undefined || mono - anchor.mono > REANCHOR_AFTER_NS) anchor = anchorAtTick()
  return anchor.wall + mono - anchor.mono
}

/** Unix nanoseconds as a 32.32 NTP timestamp of era 0. */
export const toTimestamp = (unixNs: bigint): bigint =>
  BigInt.asUintN(64, ((unixNs + UNIX_EPOCH_IN_NTP_SECONDS * NS) << 32n) / NS)

/** A 32.32 NTP timestamp of era 0 in Unix nanoseconds. */
export const fromTimestamp = (timestamp: bigint): bigint =>
  ((timestamp * NS) >> 32n) - UNIX_EPOCH_IN_NTP_SECONDS * NS
