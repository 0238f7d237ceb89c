import si from 'systeminformation'
import type { Offset } from '../clockside/snapshot.js'

/**
 * When this machine started, in seconds of Unix time: true time, since its wall clock is what we
 * doubt. Found once and kept, as the time since boot is told only to some 10 ms; undefined until
 * the wall clock's own offset is known.
 */
export const bootTime = (): ((wallOffset: Offset | undefined) => number | undefined) => {
  let boot: number | undefined
  return wallOffset => {
    if (boot === undefined && wallOffset) {
      const { current, uptime } = si.time()
      boot = current / 1000 - wallOffset.offset - uptime
    }
    return boot
  }
}
