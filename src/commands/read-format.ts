import type { CertificateFacts } from '../clockside/module-facts.js'
import type { GoodReading, OneReading } from '../clockside/snapshot.js'
import { describeInstant } from '../host/findings-sync.js'
import type { Seconds } from '../time/units.js'
import type { NtlmIdentity } from '../protocol/ntlm.js'
import { printable } from '../protocol/printable.js'
import { describeDuration, describeOffset } from '../text.js'

export const readFormats = ['text', 'json', 'nagios'] as const
export type ReadFormat = (typeof readFormats)[number]

/** How far off the clock surely is: |offset| − error against the two limits. */
export type Verdict = 'ok' | 'warning' | 'critical' | 'unknown'

/** Seconds. */
export interface Limits {
  readonly warning: number
  readonly critical: number
}

export const verdictOf = (reading: OneReading, { warning, critical }: Limits): Verdict => {
  if (!reading.ok) return 'unknown'
  const surely = Math.abs(reading.offset) - reading.error
  if (surely >= critical) return 'critical'
  return surely >= warning ? 'warning' : 'ok'
}

export interface ReadContext {
  readonly target: string
  readonly module: string
  /** What the clock was compared with. */
  readonly against: 'reference' | 'host'
  readonly limits: Limits
}

type Format = (reading: OneReading, verdict: Verdict, context: ReadContext) => string

/** The year 9999's end: what a server tells beyond that is no date. */
const LAST_INSTANT = 253_402_300_799

const instant = (at: Seconds): string =>
  Math.abs(at) <= LAST_INSTANT ? describeInstant(at) : `${at} s of Unix time`

/** `EDGE02 (edge02.contoso.com)` */
const nameOf = ({ computer, dnsName }: NtlmIdentity): string | undefined =>
  computer !== undefined && dnsName !== undefined
    ? `${computer} (${dnsName})`
    : (computer ?? dnsName)

/** What it tells of itself besides its clock, a line each. */
const besides = ({ service, certificate, identity }: GoodReading): readonly string[] => {
  const name = identity && nameOf(identity)
  const { bootTimestamp, synchronized } = service
  return [
    ...(name === undefined ? [] : [`it calls itself ${name}`]),
    ...(certificate ? [certificateLine(certificate)] : []),
    ...(bootTimestamp === undefined
      ? []
      : [`it started at ${instant(bootTimestamp)}, by its own clock`]),
    ...(synchronized === false ? ['it says itself that it is not synchronised'] : []),
  ]
}

const certificateLine = ({ notBefore, notAfter, validAtServerTime }: CertificateFacts): string => {
  const span = `from ${instant(notBefore)} until ${instant(notAfter)}`
  const now =
    validAtServerTime === undefined
      ? 'whether it is now by its own clock is in doubt'
      : `by its own clock it is ${validAtServerTime ? '' : 'not '}valid now`
  return `its certificate is valid ${span}; ${now}`
}

const text: Format = (reading, _, context) => {
  const { target, module } = context
  if (!reading.ok)
    return `${target} could not be read by ${module}: ${reading.reason}, ${printable(reading.detail)}`
  const versus = context.against === 'host' ? "against this host's own clock" : 'against true time'
  return [
    `${target} is ${describeOffset(reading)}, ${versus}`,
    `offset ${reading.offset.toFixed(6)} s, error ${reading.error.toFixed(6)} s, round trip ${describeDuration(reading.rtt)}, module ${module}`,
    ...besides(reading),
  ].join('\n')
}

const json: Format = (reading, _, { target, module, against }) => {
  if (!reading.ok) {
    const { reason, detail } = reading
    return JSON.stringify({ target, module, ok: false, reason, detail })
  }
  const { offset, error, rtt, duration } = reading
  const { leap, stratum, synchronized, bootTimestamp } = reading.service
  const { certificate, identity } = reading
  return JSON.stringify({
    target,
    module,
    ok: true,
    offset_seconds: offset,
    error_seconds: error,
    rtt_seconds: rtt,
    duration_seconds: duration,
    against,
    leap,
    stratum,
    synchronized,
    boot_timestamp_seconds: bootTimestamp,
    certificate_not_before: certificate?.notBefore,
    certificate_not_after: certificate?.notAfter,
    certificate_valid_at_server_time: certificate?.validAtServerTime,
    computer: identity?.computer,
    dns_name: identity?.dnsName,
    domain: identity?.domain,
  })
}

/** The values for which the limit is kept, as plugins write it. */
const range = (limit: number): string => `-${limit}:${limit}`

/** One line with performance data, as the monitoring plugins' guidelines have it. */
const nagios: Format = (reading, verdict, { target, module, against, limits }) => {
  const { warning, critical } = limits
  const head = `CLOCK ${verdict.toUpperCase()} - ${target}`
  if (!reading.ok) return `${head} could not be read by ${module}: ${reading.reason}`
  const { offset, error, rtt } = reading
  const data = [
    `offset=${offset.toFixed(6)}s;${range(warning)};${range(critical)}`,
    `error=${error.toFixed(6)}s`,
    `rtt=${rtt.toFixed(6)}s`,
  ]
  const versus = against === 'host' ? ", against this host's own clock" : ''
  return `${head} is ${describeOffset(reading)}${versus}|${data.join(' ')}`
}

export const formatReading: { readonly [F in ReadFormat]: Format } = { text, json, nagios }
