import type { SipMessage } from './sip-message.js'

/** What a server's own diagnosis (a TF_DIAG record) adds to a message that it names. */
export interface Diagnosis {
  readonly callId: string
  readonly cseq: number
  readonly method: string
  /** A result's name ends in DATE_SKEWED or TIME_SKEW: two clocks contradict each other. */
  readonly clockSkew: boolean
}

/** Who hears what a trace holds. */
export interface TraceSink {
  /** A SIP message that is no 1xx and no ACK; the object is only good until this returns. */
  message(message: SipMessage): void
  diagnosis(diagnosis: Diagnosis): void
  /** One record or entry was read, whatever it held. */
  record(): void
  /** One was not: it is cut, has no head that we know, or is not what its head says. */
  malformed(): void
}
