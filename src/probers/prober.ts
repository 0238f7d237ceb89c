import type { Module, ProberKind } from '../config/modules.js'
import type { Failure, Reason } from '../net/failure.js'
import type { Platform } from '../net/platform.js'
import type { DiscardReason } from '../protocol/ntp.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Interval } from '../time/interval.js'
import type { DurationNs, MonoNs } from '../time/units.js'

/** What a reading tells besides the clock. Whatever a protocol does not say is absent. */
export type Facts = TimeServiceFacts

/** One clock read once. */
export interface ProbeReading {
  readonly ok: true
  /** When, on our monotonic clock. */
  readonly at: MonoNs
  /** The server's clock − our monotonic clock; holds the truth. */
  readonly interval: Interval
  /** Time on the way, there and back. */
  readonly rtt: DurationNs
  readonly facts: Facts
}

export type ProbeResult = ProbeReading | Failure

/** What one way of reading one server's clock keeps between two readings. */
export interface ProbeSession {
  /** Ends within the module's timeout, or when `signal` does. Never rejects. Not called twice at once. */
  read(signal: AbortSignal): Promise<ProbeResult>
  /** Gives back what it holds; no call of `read` comes after it. */
  close(): void
}

export interface ProbeTarget<K extends ProberKind> {
  readonly host: string
  readonly module: Module<K>
  /** Hears of every datagram that was thrown away while the true one was awaited. */
  readonly onDiscard?: (reason: DiscardReason) => void
}

/** A way to read a clock. One file each; `probers/table.ts` names them all. */
export interface Prober<K extends ProberKind> {
  /** Every reason that it can fail for: their counters are there from the start, at 0. */
  readonly reasons: readonly Reason[]
  open(platform: Platform, target: ProbeTarget<K>): ProbeSession
}
