import { encodeReply } from '../../src/protocol/ntp.js'
import { type UnixNs, durationNs } from '../../src/time/units.js'

export type ReplyFields = Partial<Parameters<typeof encodeReply>[1]>

/** An honest server's reply at `now` of its clock, but for the given fields. */
export const replyTo = (request: Uint8Array, now: UnixNs, fields: ReplyFields = {}): Uint8Array =>
  encodeReply(request, {
    leap: 0,
    stratum: 2,
    precision: -20,
    rootDelay: durationNs(0n),
    rootDispersion: durationNs(0n),
    referenceId: 0,
    receive: now,
    transmit: now,
    ...fields,
  })

/** A copy of the reply with one byte replaced. */
export const withByte = (reply: Uint8Array, at: number, byte: number): Uint8Array => {
  const copy = reply.slice()
  copy[at] = byte
  return copy
}
