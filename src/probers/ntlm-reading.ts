import { failure } from '../net/failure.js'
import type { NtlmChallenge } from '../protocol/ntlm.js'
import { type CertificateValidity, certificateValidity } from '../protocol/x509.js'
import { filetimeResolution, isClockTime, stampInterval } from '../time/stamp.js'
import { type DurationNs, type MonoNs, type UnixNs, abs, elapsed } from '../time/units.js'
import type { Facts, ProbeResult } from './prober.js'

/** What a challenge was read with. */
export interface ChallengeRead {
  readonly challenge: NtlmChallenge
  /** Just before the negotiation was sent, and when the challenge was in hand. */
  readonly sent: MonoNs
  readonly received: MonoNs
  readonly staleness: DurationNs
  /** In DER; undefined without TLS. */
  readonly certificate?: Uint8Array | undefined
  readonly trace?: ((line: string) => void) | undefined
}

/** The clock of the server that made an NTLM challenge. */
export const challengeReading = (read: ChallengeRead): ProbeResult => {
  const { challenge, certificate, ...stamped } = read
  const { stamp, identity } = challenge
  const { computer = 'a server without a name' } = identity
  if (stamp === undefined) {
    return failure('no_time', `the NTLM challenge of ${computer} has no MsvAvTimestamp`)
  }
  const facts = challengeFacts(challenge, certificate && certificateValidity(certificate))
  const field = `MsvAvTimestamp of the NTLM challenge of ${computer}`
  return filetimeReading({ ...stamped, stamp, field, facts })
}

/** A FILETIME that a server stamped. */
export interface FiletimeRead extends Omit<ChallengeRead, 'challenge' | 'certificate'> {
  readonly stamp: UnixNs
  /** Where it stood, for people. */
  readonly field: string
  readonly facts: Facts
}

/** The clock that a FILETIME was stamped from. */
export const filetimeReading = (read: FiletimeRead): ProbeResult => {
  const { stamp, field, sent, received, staleness, facts, trace } = read
  if (!isClockTime(stamp)) {
    return failure('implausible', `${field} is a time that no clock has`)
  }
  const resolution = filetimeResolution(stamp)
  const interval = stampInterval({ sent, received, stamp, resolution, staleness })
  const rtt = elapsed(sent, received)
  trace?.(
    `${field}: Unix time ${secondsOf(stamp)} s, to ${resolution} ns, in an exchange of ${rtt} ns: ` +
      `its clock − our monotonic clock is from ${secondsOf(interval.lo)} s to ${secondsOf(interval.hi)} s`,
  )
  return { ok: true, at: received, interval, rtt, facts }
}

/** What a challenge tells besides the clock. */
export const challengeFacts = (
  { identity }: NtlmChallenge,
  certificate?: CertificateValidity,
): Facts => ({
  ...(Object.keys(identity).length > 0 && { identity }),
  ...(certificate && { certificate }),
})

const secondsOf = (ns: bigint): string => {
  const digits = String(abs(ns)).padStart(10, '0')
  return `${ns < 0n ? '-' : ''}${digits.slice(0, -9)}.${digits.slice(-9)}`
}
