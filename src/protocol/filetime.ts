import { type UnixNs, unixNs } from '../time/units.js'

/** A FILETIME, 100 ns since 1601-01-01 (MS-DTYP 2.3.3), at 1970-01-01. */
const FILETIME_OF_1970 = 116_444_736_000_000_000n
const NS_PER_TICK = 100n

/** Exact; may lie before 1970. */
export const fromFiletime = (ticks: bigint): UnixNs =>
  unixNs((ticks - FILETIME_OF_1970) * NS_PER_TICK)

/** Cut down to 100 ns. */
export const toFiletime = (at: UnixNs): bigint => at / NS_PER_TICK + FILETIME_OF_1970
