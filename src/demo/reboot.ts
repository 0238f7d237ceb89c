import {
  type DurationNs,
  type UnixNs,
  durationNs,
  milliseconds,
  seconds,
  toSeconds,
  unixNs,
} from '../time/units.js'
import type { EdgeName } from './simulated-call.js'
import type { Behaviour } from './simulated-server.js'

/** How an Edge behaves at an instant of true time. */
export type EdgeAt = (edge: EdgeName, at: UnixNs) => Behaviour

/** When edge02 goes down for its reboot, and when somebody repairs it; undefined: nobody does. */
export interface Course {
  readonly down: UnixNs
  readonly repair: UnixNs | undefined
}

/**
 * What edge02 is in.
 * - `before`: kept by its time service, which Windows will not start after the next boot
 * - `down`: in its reboot, and until somebody has started that service by hand, as the time before
 * - `unkept`: up and hours behind; the service runs, and has not found its servers since
 * - `repaired`: right again, and the service will run after the next boot
 */
export type Stage = 'before' | 'down' | 'unkept' | 'repaired'

export const DOWN_FOR = seconds(10)
const OFF_BY = durationNs(-6n * 3600n * 1_000_000_000n)
/** Of a clock that nothing keeps: it falls behind by 5 s a day. */
const DRIFT_PPM = -60

const kept = (offset: DurationNs): Behaviour => ({ up: true, offset, synchronized: true })

export const BEFORE = {
  edge01: kept(milliseconds(0.4)),
  edge02: kept(milliseconds(-1.2)),
} as const satisfies Record<EdgeName, Behaviour>

export const backAt = ({ down }: Course): UnixNs => unixNs(down + DOWN_FOR)

export const stageAt = (course: Course, at: UnixNs): Stage => {
  const { down, repair } = course
  if (at < down) return 'before'
  if (at < backAt(course)) return 'down'
  return repair === undefined || at < repair ? 'unkept' : 'repaired'
}

/** The incident: edge02 goes down, then it is back six hours behind and drifts, until it is repaired. */
export const rebootAt =
  (course: Course): EdgeAt =>
  (edge, at) => {
    const before = BEFORE[edge]
    if (edge !== 'edge02') return before
    switch (stageAt(course, at)) {
      case 'before':
      case 'repaired':
        return before
      case 'down':
        return { ...before, up: false }
      case 'unkept':
        return { up: true, offset: unkeptOffset(course, at), synchronized: false }
    }
  }

const unkeptOffset = (course: Course, at: UnixNs): DurationNs => {
  const since = toSeconds(durationNs(at - backAt(course)))
  return durationNs(OFF_BY + seconds((since * DRIFT_PPM) / 1e6))
}
