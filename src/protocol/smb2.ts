import type { UnixNs } from '../time/units.js'
import { fromFiletime } from './filetime.js'
import { NTSTATUS } from './ntstatus.js'
import { viewOf } from './view.js'
import type { Whole } from './whole.js'

/** In front of each message over TCP: a zero and its length, 24 bits big-endian (MS-SMB2 2.1). */
const FRAME_BYTES = 4
/** Byte offsets of the header, little-endian as all that follows (MS-SMB2 2.2.1.2). */
const HEADER_AT = {
  protocol: 0,
  structureSize: 4,
  status: 8,
  command: 12,
  credits: 14,
  flags: 16,
  messageId: 24,
  sessionId: 40,
} as const
const HEADER_BYTES = 64
/** Of a NEGOTIATE request, from the header on (MS-SMB2 2.2.3). */
const NEGOTIATE_AT = {
  structureSize: 64,
  dialectCount: 66,
  securityMode: 68,
  clientGuid: 76,
  dialects: 100,
} as const
/** Of its response, from the header on (MS-SMB2 2.2.4). */
const NEGOTIATED_AT = {
  structureSize: 64,
  dialect: 68,
  systemTime: 104,
  serverStartTime: 112,
} as const
const NEGOTIATED_BYTES = 128
/** Of a SESSION_SETUP request, from the header on (MS-SMB2 2.2.5). */
const SETUP_AT = {
  structureSize: 64,
  securityMode: 67,
  tokenOffset: 76,
  tokenLength: 78,
  token: 88,
} as const
/** Of its response, from the header on (MS-SMB2 2.2.6). */
const SET_UP_AT = { structureSize: 64, tokenOffset: 68, tokenLength: 70 } as const
const SET_UP_BYTES = 72

/** What a structure says of its own size, its variable part counted as one byte. */
const SIZE = { header: 64, negotiate: 36, negotiated: 65, setup: 25, setUp: 9 } as const
const COMMAND = { negotiate: 0, sessionSetup: 1 } as const
const SIGNING_ENABLED = 1
const FROM_SERVER = 1
const GUID_BYTES = 16
/** 2.0.2, 2.1, 3.0, 3.0.2. 3.1.1 is left out: it wants contexts, and a server that knows it only is rare. */
const DIALECTS = [0x0202, 0x0210, 0x0300, 0x0302]
/** Both with a version in front of "SMB", read as big-endian. */
const PROTOCOL = { smb1: 0xff53_4d42, smb2: 0xfe53_4d42 } as const

/** The longest reply, and with it the longest that is waited for; a NEGOTIATE of Windows has 250 to 500 bytes. */
export const SMB_REPLY_LIMIT = 64 * 1024

/** A server sends one to a request (MS-SMB2 3.3.4.2); one that sends more and more will never answer. */
const MAX_INTERIM = 4

/** What every reply has. */
interface SmbReply {
  /** NTSTATUS. What follows in the reply is there only where it is the one that is hoped for. */
  readonly status: number
  /** How many requests more the server takes. */
  readonly credits: number
}

export interface SmbNegotiated extends SmbReply {
  /** The server's clock. */
  readonly systemTime?: UnixNs
  /** When the server started, by its own clock. */
  readonly startTime?: UnixNs
}

export interface SmbSetUp extends SmbReply {
  /** The next message of the logon, in SPNEGO. */
  readonly token?: Uint8Array
}

interface Request {
  readonly command: number
  readonly messageId: number
  /** How many more requests we should like to be allowed. */
  readonly credits: number
  /** From the header on. */
  readonly length: number
}

/** Of a whole message, with the frame in front; `view` is of the message. */
const newMessage = (request: Request): { bytes: Uint8Array; view: DataView } => {
  const bytes = new Uint8Array(FRAME_BYTES + request.length)
  viewOf(bytes).setUint32(0, request.length)
  const view = viewOf(bytes.subarray(FRAME_BYTES))
  view.setUint32(HEADER_AT.protocol, PROTOCOL.smb2)
  view.setUint16(HEADER_AT.structureSize, SIZE.header, true)
  view.setUint16(HEADER_AT.command, request.command, true)
  view.setUint16(HEADER_AT.credits, request.credits, true)
  view.setBigUint64(HEADER_AT.messageId, BigInt(request.messageId), true)
  return { bytes, view }
}

/** The first message on a connection, with its number 0; `clientGuid`: 16 bytes that are nobody else's. */
export const encodeSmbNegotiate = (clientGuid: Uint8Array, credits: number): Uint8Array => {
  const length = NEGOTIATE_AT.dialects + 2 * DIALECTS.length
  const { bytes, view } = newMessage({
    command: COMMAND.negotiate,
    messageId: 0,
    credits,
    length,
  })
  view.setUint16(NEGOTIATE_AT.structureSize, SIZE.negotiate, true)
  view.setUint16(NEGOTIATE_AT.dialectCount, DIALECTS.length, true)
  view.setUint16(NEGOTIATE_AT.securityMode, SIGNING_ENABLED, true)
  bytes.set(clientGuid.subarray(0, GUID_BYTES), FRAME_BYTES + NEGOTIATE_AT.clientGuid)
  for (const [i, dialect] of DIALECTS.entries()) {
    view.setUint16(NEGOTIATE_AT.dialects + 2 * i, dialect, true)
  }
  return bytes
}

/** Begins a session: its id is 0 as long as the server has not given one (MS-SMB2 3.2.4.2.3). */
export const encodeSessionSetup = (messageId: number, token: Uint8Array): Uint8Array => {
  const { bytes, view } = newMessage({
    command: COMMAND.sessionSetup,
    messageId,
    credits: 1,
    length: SETUP_AT.token + token.length,
  })
  view.setUint16(SETUP_AT.structureSize, SIZE.setup, true)
  view.setUint8(SETUP_AT.securityMode, SIGNING_ENABLED)
  view.setUint16(SETUP_AT.tokenOffset, SETUP_AT.token, true)
  view.setUint16(SETUP_AT.tokenLength, token.length, true)
  bytes.set(token, FRAME_BYTES + SETUP_AT.token)
  return bytes
}

const bad = (detail: string) => ({ ok: false, detail }) as const

interface Answer extends SmbReply {
  readonly message: Uint8Array
}

/**
 * The first message that is no interim answer (MS-SMB2 3.3.4.2). One that says only that it takes longer is
 * passed over, but for its credits: the server grants them there, and not again.
 */
const readAnswer = (
  bytes: Uint8Array,
  { command, messageId }: Pick<Request, 'command' | 'messageId'>,
): Whole<Answer> => {
  let rest = bytes
  let credits = 0
  for (let interim = 0; interim <= MAX_INTERIM; interim++) {
    const first = firstMessage(rest)
    if (!first?.ok) return first
    const message = first.reply
    const view = viewOf(message)
    if (view.getUint16(HEADER_AT.command, true) !== command) return bad('answers another command')
    if (view.getBigUint64(HEADER_AT.messageId, true) !== BigInt(messageId)) {
      return bad('answers another request')
    }
    credits += view.getUint16(HEADER_AT.credits, true)
    const status = view.getUint32(HEADER_AT.status, true)
    if (status !== NTSTATUS.pending) return { ok: true, reply: { status, credits, message } }
    rest = rest.subarray(FRAME_BYTES + message.length)
  }
  return bad('says again and again that its answer takes longer')
}

/** The message of the first frame, whose header is one of a server's. */
const firstMessage = (bytes: Uint8Array): Whole<Uint8Array> => {
  if ((bytes[0] ?? 0) !== 0) return bad('not SMB')
  if (bytes.length < FRAME_BYTES) return undefined
  const length = viewOf(bytes).getUint32(0)
  if (length > SMB_REPLY_LIMIT - FRAME_BYTES) return bad(`a message of ${length} bytes`)
  if (bytes.length < FRAME_BYTES + Math.min(length, HEADER_AT.structureSize)) return undefined
  const message = bytes.subarray(FRAME_BYTES, FRAME_BYTES + length)
  const view = viewOf(message)
  const protocol = length < HEADER_AT.structureSize ? 0 : view.getUint32(HEADER_AT.protocol)
  if (protocol === PROTOCOL.smb1) return bad('speaks SMB 1 only')
  if (protocol !== PROTOCOL.smb2 || length < HEADER_BYTES) return bad('not SMB')
  if (message.length < length) return undefined
  const isOurs = view.getUint16(HEADER_AT.structureSize, true) === SIZE.header
  const fromServer = (view.getUint32(HEADER_AT.flags, true) & FROM_SERVER) !== 0
  return isOurs && fromServer
    ? { ok: true, reply: message }
    : bad('not the answer of an SMB server')
}

/** The answer to NEGOTIATE; whatever its status, it is one. Takes any bytes. */
export const readSmbNegotiated = (bytes: Uint8Array): Whole<SmbNegotiated> => {
  const answer = readAnswer(bytes, { command: COMMAND.negotiate, messageId: 0 })
  if (!answer?.ok) return answer
  const { message, ...reply } = answer.reply
  if (reply.status !== NTSTATUS.success) return { ok: true, reply }
  const view = viewOf(message)
  if (
    view.byteLength < NEGOTIATED_BYTES ||
    view.getUint16(NEGOTIATED_AT.structureSize, true) !== SIZE.negotiated
  ) {
    return bad('a NEGOTIATE response that is none')
  }
  const dialect = view.getUint16(NEGOTIATED_AT.dialect, true)
  if (!DIALECTS.includes(dialect)) return bad(`the dialect ${dialect.toString(16)} unasked`)
  const systemTime = filetimeAt(view, NEGOTIATED_AT.systemTime)
  const startTime = filetimeAt(view, NEGOTIATED_AT.serverStartTime)
  return {
    ok: true,
    reply: {
      ...reply,
      ...(systemTime !== undefined && { systemTime }),
      ...(startTime !== undefined && { startTime }),
    },
  }
}

/** Undefined where it is 0: the server does not say. */
const filetimeAt = (view: DataView, at: number): UnixNs | undefined => {
  const ticks = view.getBigUint64(at, true)
  return ticks === 0n ? undefined : fromFiletime(ticks)
}

/** The answer to the SESSION_SETUP of that number; whatever its status, it is one. Takes any bytes. */
export const readSmbSetUp = (bytes: Uint8Array, messageId: number): Whole<SmbSetUp> => {
  const answer = readAnswer(bytes, { command: COMMAND.sessionSetup, messageId })
  if (!answer?.ok) return answer
  const { message, ...reply } = answer.reply
  if (reply.status !== NTSTATUS.moreProcessingRequired) return { ok: true, reply }
  const view = viewOf(message)
  if (
    view.byteLength < SET_UP_BYTES ||
    view.getUint16(SET_UP_AT.structureSize, true) !== SIZE.setUp
  ) {
    return bad('a SESSION_SETUP response that is none')
  }
  const from = view.getUint16(SET_UP_AT.tokenOffset, true)
  const to = from + view.getUint16(SET_UP_AT.tokenLength, true)
  if (from < SET_UP_BYTES || to > view.byteLength) return bad('a token outside of its message')
  return { ok: true, reply: { ...reply, token: message.subarray(from, to) } }
}
