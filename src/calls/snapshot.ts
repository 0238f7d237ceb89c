import type { PoolTally } from './pool-calls.js'
import type { SourceStatus } from './sources/source.js'
import type { TraceOffset } from './trace-clocks.js'

export type { PoolTally, SourceStatus, TraceOffset }

/** What the calls side tells the main thread. Plain data; counts are durable. */
export interface CallsSnapshot {
  readonly pools: readonly (PoolTally & {
    /** Calls that are not over yet. */
    readonly open: number
    readonly offsets: readonly TraceOffset[]
  })[]
  readonly sources: readonly (SourceStatus & { readonly source: string })[]
  /** The last state was written. While it cannot be, the counts stand still. */
  readonly durable: boolean
  /** At the start there was a state that could not be read: the counts began anew. */
  readonly setAside: boolean
}
