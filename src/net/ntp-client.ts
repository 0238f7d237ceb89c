import {
  COOKIE_BYTES,
  type DiscardReason,
  type NtpExchange,
  decodeReply,
  encodeRequest,
} from '../protocol/ntp.js'
import type { DurationNs } from '../time/units.js'
import { withDeadline } from './deadline.js'
import { type Failure, type Reason, failure } from './failure.js'
import type { Address, Platform } from './platform.js'
import { steadily } from './steadily.js'

/** What can go wrong with NTP, in the exchange itself or in what the packet says. */
export const ntpReasons: readonly Reason[] = [
  'timeout',
  'refused',
  'unreachable',
  'dns',
  'protocol',
  'no_time',
  'implausible',
  'kiss_of_death',
  'aborted',
]

export interface NtpCall {
  readonly host: string
  readonly port: number
  readonly timeout: DurationNs
  readonly signal?: AbortSignal | undefined
  /** Called for each datagram that is thrown away. */
  readonly onDiscard?: (reason: DiscardReason) => void
}

export type NtpResult =
  { readonly ok: true; readonly exchange: NtpExchange; readonly address: Address } | Failure

/**
 * One NTP exchange: a fresh socket, so a fresh random port, each time (RFC 9109). Datagrams that are
 * not the reply are thrown away and the reply is still awaited; when none comes, they are the reason.
 */
export const ntpExchange = (platform: Platform, call: NtpCall): Promise<NtpResult> =>
  withDeadline(platform.timers, call.timeout, call.signal, async signal => {
    const address = await platform.resolve(call.host, signal)
    return address.ok
      ? steadily(platform.clock, () => exchangeWith(platform, call, address, signal))
      : address
  })

const exchangeWith = async (
  platform: Platform,
  call: NtpCall,
  address: Address,
  signal: AbortSignal,
): Promise<NtpResult> => {
  const cookie = platform.randomBytes(COOKIE_BYTES)
  let discarded: DiscardReason | undefined
  const reply = await platform.exchangeDatagram({
    to: address,
    port: call.port,
    request: encodeRequest(cookie),
    accept: (bytes, received) => {
      const decoded = decodeReply(bytes, cookie)
      if (decoded.ok) return { received, packet: decoded.packet }
      discarded = decoded.reason
      call.onDiscard?.(decoded.reason)
      return undefined
    },
    signal,
  })
  if (!reply.ok) {
    const misled = reply.reason === 'timeout' && discarded
    return misled ? failure('protocol', `only packets with a wrong ${misled} came`) : reply
  }
  return { ok: true, exchange: { sent: reply.sent, ...reply.value }, address }
}
