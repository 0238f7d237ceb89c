import { type DurationNs, type UnixNs, durationNs, milliseconds, seconds } from '../time/units.js'
import type { EdgeName } from './simulated-call.js'
import type { Behaviour } from './simulated-server.js'

/** How an Edge behaves at an instant of true time. */
export type EdgeAt = (edge: EdgeName, at: UnixNs) => Behaviour

export const DOWN_FOR = seconds(10)
const OFF_BY = durationNs(-6n * 3600n * 1_000_000_000n)

const kept = (offset: DurationNs): Behaviour => ({ up: true, offset, synchronized: true })

export const BEFORE = {
  edge01: kept(milliseconds(0.4)),
  edge02: kept(milliseconds(-1.2)),
} as const satisfies Record<EdgeName, Behaviour>

/** The incident: edge02 goes down, then it is back six hours behind, and no time source keeps it. */
export const rebootAt =
  (down: UnixNs): EdgeAt =>
  (edge, at) => {
    const before = BEFORE[edge]
    if (edge !== 'edge02' || at < down) return before
    if (at < down + DOWN_FOR) return { ...before, up: false }
    return { up: true, offset: OFF_BY, synchronized: false }
  }
