import type { Facts } from '../probers/prober.js'
import type { NtlmIdentity } from '../protocol/ntlm.js'
import type { CertificateValidity } from '../protocol/x509.js'
import type { Interval } from '../time/interval.js'
import { type MonoNs, toSeconds } from '../time/units.js'

/** A certificate as a module was shown it. It was not verified. */
export interface CertificateFacts extends CertificateValidity {
  /** By the clock of the server that showed it; absent while that leaves it in doubt. */
  readonly validAtServerTime?: boolean
}

/** What a reading tells of the server, apart from what it tells of its time service. */
export interface ModuleFacts {
  readonly certificate?: CertificateFacts
  readonly identity?: NtlmIdentity
}

/** `clock`: the server's − our monotonic clock, at `now`; undefined where it may not be told. */
export const moduleFacts = (
  { certificate, identity }: Facts,
  clock: Interval | undefined,
  now: MonoNs,
): ModuleFacts => {
  const known = identity && identityOf(identity)
  const valid = certificate && clock && isValid(certificate, clock, now)
  return {
    ...(certificate && {
      certificate: { ...certificate, ...(valid !== undefined && { validAtServerTime: valid }) },
    }),
    ...(known && { identity: known }),
  }
}

/** RFC 5280 §4.1.2.5: both ends are included, and are told in whole seconds. */
const isValid = (
  { notBefore, notAfter }: CertificateValidity,
  clock: Interval,
  now: MonoNs,
): boolean | undefined => {
  const [earliest, latest] = [toSeconds(clock.lo + now), toSeconds(clock.hi + now)]
  if (latest < notBefore || earliest >= notAfter + 1) return false
  return earliest >= notBefore && latest <= notAfter ? true : undefined
}

/** Longer than any DNS name: what is longer is no computer's name. */
const MAX_NAME = 255
const IS_NAME = /^[^\p{C}\p{Zl}\p{Zp}]+$/u

/** Names become labels and are shown to people: what cannot be one, whoever sent it, is none. */
const identityOf = ({ computer, dnsName, domain }: NtlmIdentity): NtlmIdentity | undefined => {
  const all = {
    ...(isName(computer) && { computer }),
    ...(isName(dnsName) && { dnsName }),
    ...(isName(domain) && { domain }),
  }
  return Object.keys(all).length > 0 ? all : undefined
}

export const isName = (name: string | undefined): name is string =>
  name !== undefined && name.length <= MAX_NAME && IS_NAME.test(name)
