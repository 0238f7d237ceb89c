import si from 'systeminformation'
import type { Offset } from '../clockside/snapshot.js'

/** When this machine started, in seconds of Unix time. */
export interface Boot {
  /** By its own wall clock, which is what we doubt. */
  readonly byWall: number
  /** On true time; undefined until the wall clock's own offset is known. */
  readonly truly: number | undefined
}

/** What the time since boot is told to, and a little for two clocks that are not read at once. */
const UPTIME_ERROR = 0.05

/**
 * The true start is kept from scrape to scrape, as the time since boot is told only to some 10 ms. It is
 * found anew by a narrower bound, and where a bound excludes it: the first reference to answer may have lied.
 */
export const bootTime = (
  time: () => { readonly current: number; readonly uptime: number } = si.time,
): ((wallOffset: Offset | undefined) => Boot) => {
  let known: { readonly at: number; readonly error: number } | undefined
  return wallOffset => {
    const { current, uptime } = time()
    const byWall = current / 1000 - uptime
    if (wallOffset) {
      const found = { at: byWall - wallOffset.offset, error: wallOffset.error + UPTIME_ERROR }
      const agrees = known && Math.abs(known.at - found.at) <= known.error + found.error
      if (!known || !agrees || found.error < known.error / 2) known = found
    }
    return { byWall, truly: known?.at }
  }
}
