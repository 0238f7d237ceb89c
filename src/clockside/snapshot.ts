import type { Reason } from '../net/failure.js'
import type { DiscardReason } from '../protocol/ntp.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Seconds } from '../time/units.js'

/**
 * What the clock side knows at one instant, as plain data: it crosses from the clock thread to the
 * main thread. An offset is the clock − true time, positive when it is ahead, and stands beside its
 * error bound or not at all. Absent means not known; nothing is guessed.
 */
export interface Snapshot {
  readonly reference: ReferenceSnapshot
  readonly host: HostSnapshot
  readonly servers: readonly ServerSnapshot[]
}

/** The truth is within `offset` ± `error`. */
export interface Offset {
  readonly offset: Seconds
  readonly error: Seconds
}

export type Counts<K extends string> = { readonly [key in K]?: number }

export interface ReferenceSnapshot {
  readonly synchronized: boolean
  readonly error?: Seconds
  readonly age?: Seconds
  readonly agreeing: number
  readonly witnessAgrees?: boolean
  readonly servers: readonly ReferenceServerSnapshot[]
}

export interface ReferenceServerSnapshot {
  readonly server: string
  readonly reachable: boolean
  /** The server's time − the consensus. */
  readonly offset?: Offset
  readonly rtt?: Seconds
  readonly stratum?: number
  readonly leap?: number
  readonly falseticker?: boolean
  readonly failures: Counts<Reason>
  readonly discards: Counts<DiscardReason>
}

export interface HostSnapshot {
  readonly offset?: Offset
  readonly steps: number
  readonly lastStep?: Seconds
  readonly suspends: number
}

export interface ServerSnapshot {
  readonly pool: string
  readonly server: string
  readonly address: string
  readonly offset?: Offset
  /** Unix time; on true time where that is known, else on our wall clock. */
  readonly lastReadingTimestamp?: Seconds
  readonly driftRatio?: number
  readonly contradictions: number
  readonly steps: number
  readonly lastStep?: Seconds
  readonly consistent?: boolean
  /** What its readings tell of its time service. */
  readonly service: TimeServiceFacts
  readonly modules: readonly ModuleSnapshot[]
}

export interface ModuleSnapshot {
  readonly module: string
  readonly success?: boolean
  readonly reason?: Reason
  readonly duration?: Seconds
  readonly rtt?: Seconds
  readonly offset?: Offset
  readonly failures: Counts<Reason>
  readonly discards: Counts<DiscardReason>
}

/** What one reading on demand came to (`/probe`, `read`). */
export type OneReading =
  | ({
      readonly ok: true
      readonly rtt: Seconds
      readonly duration: Seconds
      readonly service: TimeServiceFacts
    } & Offset)
  | {
      readonly ok: false
      readonly duration: Seconds
      readonly reason: Reason
      readonly detail: string
    }
