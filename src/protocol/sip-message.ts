/**
 * The methods that are told apart: RFC 3261 and its extensions, and those of [MS-SIPRE] and [MS-PRES].
 * Any other is `other`, so that a method is never text out of a packet.
 */
export const methods = [
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'REGISTER',
  'OPTIONS',
  'INFO',
  'PRACK',
  'SUBSCRIBE',
  'NOTIFY',
  'PUBLISH',
  'MESSAGE',
  'UPDATE',
  'REFER',
  'SERVICE',
  'BENOTIFY',
  'NEGOTIATE',
  'other',
] as const

export type Method = (typeof methods)[number]

/** What makes a message part of a voicemail (UM) call, or of none. A set of these bits. */
export const marks = {
  /** It is of a call to, or answered by, Unified Messaging ([MS-SIPRE], [MS-EUMR]). */
  voicemail: 1,
  /** It is a missed-call notification, which is no call. */
  notification: 2,
} as const

export type Direction = 'incoming' | 'outgoing' | ''

/**
 * What counting needs of one SIP message as one server saw it. One object is filled again and again: a
 * trace holds millions. What is text in it is a range of `text`, and only good until the next message.
 */
export class SipMessage {
  text = ''
  /** 0 for a request. */
  status = 0
  /** A response's is that of its CSeq. */
  method: Method = 'other'
  cseq = -1
  callIdFrom = 0
  callIdTo = 0
  /** The topmost Via's branch; empty where there is none. */
  branchFrom = 0
  branchTo = 0
  /** Via values: how many hops the message is away from the one who sent the request. */
  vias = 0
  marks = 0
  /** Values of ms-diagnostics and its kin; only of responses from 300 on. */
  readonly diagnostics: string[] = []
  /** ms-edge-proxy-message-trust, which names the Edge pool; only of responses from 300 on. */
  trust = ''
  /** The name of the server that logged it, as in the record's head; empty where it names none. */
  server = ''
  /** The server's own clock, in seconds of Unix time; NaN where it is not known. */
  stamp = Number.NaN
  direction: Direction = ''
}
