import type { Seconds } from '../../time/units.js'
import type { SourceCounts } from '../pool-calls.js'

/** How a source is doing. Counts are since its first start: they are in the state. */
export interface SourceStatus extends Readonly<SourceCounts> {
  readonly up: boolean
  /** Why it is not up, for people. */
  readonly detail: string | undefined
  readonly readBytes: number
  /** What is there and not read yet; undefined where that cannot be known. */
  readonly lagBytes: number | undefined
  /** Files that are followed; undefined for what reads no files. */
  readonly files: number | undefined
}

/** One source of calls at work. Kinds are told apart nowhere but where they are made. */
export interface Source {
  /** Between rounds, if there is no more to read. */
  readonly every: Seconds
  /** Reads what there is. `more`: there is more, to be read at once. Never fails: see `status`. */
  round(signal: AbortSignal): Promise<{ readonly more: boolean }>
  /** What has to be durable together with what was counted; plain JSON. In step at every moment. */
  save(): unknown
  status(): SourceStatus
  close(): Promise<void>
}

/** What a source has read since its first start. */
export type SavedCounts = SourceCounts & { readBytes: number }

/** What a source needs to go on: what it had read, and where it was. */
export interface SavedSource {
  readonly counts: SavedCounts
  /** What it read: of anything else the position means nothing. */
  readonly of: string
  readonly position: unknown
}

export const noCounts = (): SavedCounts => ({ records: 0, malformed: 0, dropped: 0, readBytes: 0 })
