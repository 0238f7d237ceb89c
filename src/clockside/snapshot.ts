import type { Reason } from '../net/failure.js'
import type { Contradiction } from '../pools/server.js'
import type { DiscardReason } from '../protocol/ntp.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Seconds } from '../time/units.js'
import type { ModuleFacts } from './module-facts.js'

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
  /** Of one that is not consistent: modules that contradict each other, or one that does itself. */
  readonly contradicting?: readonly Contradiction[]
  /** What its readings tell of its time service. */
  readonly service: TimeServiceFacts
  readonly modules: readonly ModuleSnapshot[]
}

/** What belongs to the last reading is there only while that succeeded. */
export interface ModuleSnapshot extends ModuleFacts {
  readonly module: string
  readonly success?: boolean
  readonly reason?: Reason
  readonly duration?: Seconds
  readonly rtt?: Seconds
  readonly offset?: Offset
  /** Names of the computers that answered the last few readings, where they differ: a load balancer. */
  readonly answersAs?: readonly string[]
  readonly failures: Counts<Reason>
  readonly discards: Counts<DiscardReason>
}

/** What one reading on demand came to (`/probe`, `read`). */
export type OneReading = GoodReading | FailedReading

export interface GoodReading extends Offset, ModuleFacts, Traced {
  readonly ok: true
  readonly rtt: Seconds
  readonly duration: Seconds
  readonly service: TimeServiceFacts
}

export interface FailedReading extends Traced {
  readonly ok: false
  readonly duration: Seconds
  readonly reason: Reason
  readonly detail: string
}

interface Traced {
  /** The exchange, in lines for people; only of a reading that was asked for with it. */
  readonly trace?: readonly string[]
}
