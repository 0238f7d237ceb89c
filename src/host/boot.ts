import si from 'systeminformation'
import type { Offset } from '../clockside/snapshot.js'

/** When this machine started, in seconds of Unix time. */
export interface Boot {
  /** By its own wall clock, which is what we doubt. */
  readonly byWall: number
  /** On true time; undefined until the wall clock's own offset is known. */
  readonly truly: number | undefined
}

/** The true start is found once and kept, as the time since boot is told only to some 10 ms. */
export const bootTime = (): ((wallOffset: Offset | undefined) => Boot) => {
  let truly: number | undefined
  return wallOffset => {
    const { current, uptime } = si.time()
    const byWall = current / 1000 - uptime
    if (wallOffset) truly ??= byWall - wallOffset.offset
    return { byWall, truly }
  }
}
