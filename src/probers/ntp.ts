import { failure } from '../net/failure.js'
import { ntpExchange, ntpReasons } from '../net/ntp-client.js'
import {
  type NtpExchange,
  exchangeInterval,
  isUnsynchronised,
  kissCode,
  roundTrip,
} from '../protocol/ntp.js'
import { toSeconds } from '../time/units.js'
import type { ProbeResult, ProbeTarget, Prober } from './prober.js'

/**
 * The clock of a server that answers NTP (RFC 5905). A watched server may be wrong or unsynchronised:
 * its stamps are its clock all the same, and what it says of itself goes into the facts.
 */
export const ntp: Prober<'ntp'> = {
  // `no_time` is for references: a watched server that is unsynchronised is read all the same.
  reasons: ntpReasons.filter(reason => reason !== 'no_time'),
  open: (platform, { host, module: { port, timeout }, onDiscard, trace }) => ({
    read: async signal => {
      const call = { host, port, timeout, signal, ...(onDiscard && { onDiscard }) }
      const result = await ntpExchange(platform, call)
      return result.ok ? readingOf(result.exchange, trace) : result
    },
    close: () => undefined,
  }),
}

const readingOf = (exchange: NtpExchange, trace: ProbeTarget<'ntp'>['trace']): ProbeResult => {
  const { packet, received: at } = exchange
  const kiss = kissCode(packet)
  if (kiss !== undefined) return failure('kiss_of_death', kiss)
  const interval = exchangeInterval(exchange)
  if (!interval) return failure('implausible', 'stamps that cannot be true')
  const { leap, stratum } = packet
  trace?.(
    `receive and transmit timestamp, of a server that says stratum ${stratum} and leap ${leap}: ` +
      `its clock − our monotonic clock is from ${toSeconds(interval.lo)} s to ${toSeconds(interval.hi)} s`,
  )
  const facts = { leap, stratum, synchronized: !isUnsynchronised(packet) }
  return { ok: true, at, interval, rtt: roundTrip(exchange), facts }
}
