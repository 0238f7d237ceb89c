import type { FailureFindings, Findings, SipFailureFindings } from './findings.js'
import { counted, listed } from '../../text.js'
import { serversNamed } from './names.js'

/** What is to be said of failures by clock skew. */
export interface SkewFailures {
  /** `57 voicemail calls failed`, of requests where no voicemail call did; '' where none did. */
  readonly failed: string
  /** How a wrong clock does it, by what the responses say of themselves: goes on from `failed`. */
  readonly how: string
  /** Whole sentences on the rest. */
  readonly besides: readonly string[]
}

/** Found by whoever signs in, whose own clock may be the wrong one. */
const IN_AUTHENTICATION = '1013'

/** Servers that refuse what others have signed. What is found in authentication blames no server. */
export const refusing = (failures: readonly SipFailureFindings[]): ReadonlySet<string> =>
  new Set(
    failures
      .filter(one => isSkew(one) && one.diagnostic !== IN_AUTHENTICATION)
      .flatMap(one => Object.keys(one.servers)),
  )

export const skewFailuresOf = (findings: Findings): SkewFailures => {
  const calls = findings.voicemail_failures.filter(isSkew)
  const all = findings.sip_failures.filter(isSkew)
  const wrong = wrongOnes(findings)
  const apart = wrong.length > 0 ? all.filter(one => isOfAnother(one, wrong)) : []
  const requests = all.filter(one => !apart.includes(one))
  const ofCalls = sum(calls)
  const ofRequests = sum(requests)
  const besides =
    ofCalls > 0 && ofRequests > ofCalls
      ? [
          `In all, ${counted(ofRequests, 'SIP request')} failed by it: such a clock breaks call transfers too.`,
        ]
      : []
  return {
    failed: failedSaid(ofCalls, ofRequests),
    how: how(findings, ofCalls > 0 ? calls : requests),
    besides: [...besides, ...(apart.length > 0 ? [apartSaid(findings, apart)] : [])],
  }
}

export const isSkew = ({ cause }: Pick<FailureFindings, 'cause'>): boolean => cause === 'clock_skew'

export const sum = (failures: readonly FailureFindings[]): number =>
  failures.reduce((total, { count }) => total + count, 0)

const failedSaid = (calls: number, requests: number): string => {
  if (calls > 0) return `${counted(calls, 'voicemail call')} failed`
  return requests > 0 ? `${counted(requests, 'SIP request')} failed` : ''
}

const wrongOnes = ({ clocks }: Findings): readonly string[] =>
  clocks.verdict === 'wrong_by_majority' || clocks.verdict === 'wrong_by_failures'
    ? clocks.offsets.map(one => one.server)
    : []

/** A server whose clock is right has found the skew: the other clock may be that of who signs in. */
const isOfAnother = (one: SipFailureFindings, wrong: readonly string[]): boolean =>
  one.diagnostic === IN_AUTHENTICATION &&
  Object.keys(one.servers).every(name => !wrong.includes(name))

const apartSaid = (findings: Findings, apart: readonly SipFailureFindings[]): string => {
  const names = new Set(apart.flatMap(one => Object.keys(one.servers)))
  const at = listed(serversNamed(findings, [...names].sort()))
  return `${counted(sum(apart), 'SIP request')} failed at ${at} by clock skew in authentication (${said(findings, apart)}): there the clock of who signs in may be wrong. NTLM allows 15 minutes, Kerberos 5.`
}

const how = (findings: Findings, failures: readonly FailureFindings[]): string => {
  if (failures.length === 0) return ''
  const isReferrer = failures.some(one => one.diagnostic === '1020')
  return isReferrer
    ? `: ${referrer(findings)} (${said(findings, failures)})`
    : ` (${said(findings, failures)})`
}

/** `429, ms-diagnostics 1020, SIP_E_CRYPT_REFERRER_DATE_SKEWED` */
const said = (findings: Findings, failures: readonly FailureFindings[]): string => {
  const codes = [...new Set(failures.map(one => String(one.sip_code)))]
  const ids = [...new Set(failures.map(one => one.diagnostic))].filter(id => /^\d+$/.test(id))
  const results = findings.clock_skew.results.filter(one => ids.includes(one.diagnostic))
  return [
    listed(codes),
    ...(ids.length > 0 ? [`ms-diagnostics ${listed(ids)}`] : []),
    ...new Set(results.map(one => one.name)),
  ].join(', ')
}

const referrer = (findings: Findings): string => {
  const signers = new Set(findings.clock_skew.named.signers.map(host => host.split('.')[0]))
  const edges = wrongOnes(findings).filter(name => !signers.has(name.split('.')[0]))
  const [one] = edges.length === 1 ? serversNamed(findings, edges) : []
  return `Front Ends sign each referrer with the time, and ${one ?? 'an Edge'} refuses what lies outside its window`
}
