import type { Module, ProberKind } from '../config/modules.js'
import type { Failure, Reason } from '../net/failure.js'
import type { Platform } from '../net/platform.js'
import type { NtlmIdentity } from '../protocol/ntlm.js'
import type { DiscardReason } from '../protocol/ntp.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { CertificateValidity } from '../protocol/x509.js'
import type { Interval } from '../time/interval.js'
import type { DurationNs, MonoNs } from '../time/units.js'

/** What a reading tells besides the clock. Whatever a protocol does not say is absent. */
export interface Facts extends TimeServiceFacts {
  /** Of the certificate that this module was shown, which nobody verified. */
  readonly certificate?: CertificateValidity
  /** What the server that answered calls itself: behind a load balancer that may be another one. */
  readonly identity?: NtlmIdentity
}

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
  /** Exchanges of this one reading that cannot be true of one clock together (0 if absent). */
  readonly contradictions?: number
  /** It may be wide to one side only, so that nothing from before may narrow it: see `Reading`. */
  readonly standsAlone?: boolean
  /** Of a prober that aims: whether the next readings will be much narrower. */
  readonly acquiring?: boolean
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
  /** Hears, for people, what was made of the bytes that came: a line each. */
  readonly trace?: (line: string) => void
}

/** A way to read a clock. One file each; `probers/table.ts` names them all. */
export interface Prober<K extends ProberKind> {
  /** Every reason that it can fail for: their counters are there from the start, at 0. */
  readonly reasons: readonly Reason[]
  open(platform: Platform, target: ProbeTarget<K>): ProbeSession
}
