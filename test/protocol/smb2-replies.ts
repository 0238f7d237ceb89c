import { toFiletime } from '../../src/protocol/filetime.js'
import type { UnixNs } from '../../src/time/units.js'

export const COMMANDS = { negotiate: 0, sessionSetup: 1 } as const
export const STATUS = {
  success: 0,
  pending: 0x103,
  moreProcessing: 0xc000_0016,
  accessDenied: 0xc000_0022,
  notSupported: 0xc000_00bb,
} as const

export interface SmbReplyFields {
  readonly command?: number
  readonly messageId?: number
  readonly status?: number
  readonly credits?: number
  readonly flags?: number
  /** What follows the header. */
  readonly body?: Uint8Array
}

/** A server's message in its frame (MS-SMB2 2.1, 2.2.1.2). */
export const smbReply = (fields: SmbReplyFields = {}): Uint8Array => {
  const { command = 0, messageId = 0, status = 0, credits = 1, flags = 1 } = fields
  const body = fields.body ?? errorBody
  const head = Buffer.alloc(4 + 64)
  head.writeUInt32BE(64 + body.length, 0)
  head.writeUInt32BE(0xfe53_4d42, 4)
  head.writeUInt16LE(64, 8)
  head.writeUInt32LE(status, 12)
  head.writeUInt16LE(command, 16)
  head.writeUInt16LE(credits, 18)
  head.writeUInt32LE(flags, 20)
  head.writeBigUInt64LE(BigInt(messageId), 28)
  return new Uint8Array(Buffer.concat([head, body]))
}

/** MS-SMB2 2.2.2. */
const errorBody = Buffer.from('090000000000000000', 'hex')

export interface NegotiatedFields extends SmbReplyFields {
  readonly dialect?: number
  readonly systemTime?: UnixNs
  readonly startTime?: UnixNs
}

/** MS-SMB2 2.2.4, with a security buffer of four bytes. */
export const negotiatedReply = (fields: NegotiatedFields = {}): Uint8Array => {
  const { dialect = 0x0302, systemTime, startTime } = fields
  const body = Buffer.alloc(64 + 4)
  body.writeUInt16LE(65, 0)
  body.writeUInt16LE(dialect, 4)
  if (systemTime !== undefined) body.writeBigUInt64LE(toFiletime(systemTime), 40)
  if (startTime !== undefined) body.writeBigUInt64LE(toFiletime(startTime), 48)
  body.writeUInt16LE(128, 56)
  body.writeUInt16LE(4, 58)
  return smbReply({ command: COMMANDS.negotiate, credits: 8, body, ...fields })
}

/** MS-SMB2 2.2.6 with that token. */
export const setUpReply = (token: Uint8Array, fields: SmbReplyFields = {}): Uint8Array => {
  const head = Buffer.alloc(8)
  head.writeUInt16LE(9, 0)
  head.writeUInt16LE(72, 4)
  head.writeUInt16LE(token.length, 6)
  const body = Buffer.concat([head, token])
  const { moreProcessing: status } = STATUS
  return smbReply({ command: COMMANDS.sessionSetup, messageId: 1, status, body, ...fields })
}

/** Of a request of ours. */
export const commandOf = (request: Uint8Array): number => Buffer.from(request).readUInt16LE(16)
export const messageIdOf = (request: Uint8Array): number =>
  Number(Buffer.from(request).readBigUInt64LE(28))
