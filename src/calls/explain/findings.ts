import type { Cause } from '../../protocol/causes.js'
import type { TraceOffset } from '../trace-clocks.js'
import type { Verdict } from './clocks.js'

/**
 * What `edgeclock explain --format=json` prints. Names are stable. Servers are named as the exporter's
 * labels have them, in lower case. Nothing of callers is in it: no name, number, address or Call-ID.
 */
export interface Findings {
  readonly files: readonly FileFindings[]
  readonly servers: readonly ServerFindings[]
  /** As the records' heads name them, `[POOL\SERVER]`. All input counts as one pool. */
  readonly pools: readonly string[]
  readonly voicemail_calls: VoicemailFindings
  /** By the voicemail call that failed. */
  readonly voicemail_failures: readonly FailureFindings[]
  /** By the SIP request that failed, those of voicemail calls among them. */
  readonly sip_failures: readonly SipFailureFindings[]
  readonly clock_skew: SkewFindings
  readonly clocks: ClockFindings
  /** Every pair of servers of which both traces hold the same messages, both ways round. */
  readonly offsets: readonly OffsetFindings[]
  readonly events: readonly EventFindings[]
  /** Host names in the headers of failing responses. */
  readonly named: NamedFindings
  /** Calls closed before their end because too many were open at once. */
  readonly evicted_calls: number
  readonly advice: readonly Advice[]
}

export interface FileFindings {
  readonly name: string
  readonly bytes: number
  readonly records: number
  readonly malformed: number
  readonly servers: readonly StampFindings[]
}

/** What a server's records in one file span, by that server's own clock; ISO 8601, UTC. */
export interface StampFindings {
  readonly server: string
  readonly first: string
  readonly last: string
}

export interface ServerFindings {
  readonly name: string
  /** As the records' heads write it. */
  readonly logged_as: string
  /** '' where the heads name none. */
  readonly pool: string
  /** Its heads do not name it: it is called after its file. */
  readonly named_by_file: boolean
}

export interface VoicemailFindings {
  readonly answered: number
  readonly failed: number
  readonly abandoned: number
  readonly unresolved: number
}

export interface FailureFindings {
  readonly sip_code: number
  /** An id of the catalogue, `other`, or '' where the response had none. */
  readonly diagnostic: string
  /** What the id says; null where that is not known for certain. */
  readonly text: string | null
  readonly cause: Cause
  readonly count: number
}

export interface SipFailureFindings extends FailureFindings {
  /** Server (nearest to where the failure arose) → requests; '' where the trace names none. */
  readonly servers: { readonly [name: string]: number }
}

/** Failures that say of themselves: two clocks contradict each other. */
export interface SkewFindings {
  readonly voicemail_calls: number
  readonly sip_requests: number
  readonly results: readonly ResultFindings[]
  readonly named: NamedFindings
}

/** What HRESULT names, such as SIP_E_CRYPT_REFERRER_DATE_SKEWED, in ms-diagnostics of that id. */
export interface ResultFindings {
  readonly diagnostic: string
  readonly name: string
}

export interface NamedFindings {
  /** `ms-ep-fqdn` of ms-edge-proxy-message-trust: a pool, never one of its nodes. */
  readonly edge_pools: readonly string[]
  /** `signer` and `source` of ms-diagnostics. */
  readonly signers: readonly string[]
  readonly sources: readonly string[]
}

export interface ClockFindings {
  readonly verdict: Verdict
  /** The wrong ones, each against one that is held for right; or those of `contradiction`. */
  readonly offsets: readonly OffsetFindings[]
  /** Servers that agree within a minute, and are held for right. */
  readonly agreeing: readonly string[]
}

export interface OffsetFindings {
  readonly server: string
  readonly peer: string
  /** server − peer; positive = the server is ahead of the peer. */
  readonly offset_seconds: number
  /** Half-width of the interval that holds it. */
  readonly error_seconds: number
}

export interface EventFindings {
  readonly event_id: number
  readonly text: string
  readonly cause: Cause
  readonly count: number
  readonly servers: { readonly [name: string]: number }
}

export interface Advice {
  readonly what: string
  readonly why: string
  /** In order; NODE, FRONT-END and EDGE stand for names that the traces do not tell. */
  readonly commands: readonly string[]
}

export const offsetFindings = ({ server, peer, offset, error }: TraceOffset): OffsetFindings => ({
  server,
  peer,
  offset_seconds: rounded(offset),
  error_seconds: rounded(error),
})

/** Stamps are to the millisecond; what is finer is an artefact of binary fractions. */
const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6
