import { type UnixNs, unixNs } from '../time/units.js'

export const RANDOM_BYTES = 32

export interface ServerHello {
  /** 0 is SSL 3.0, 3 is TLS 1.2. */
  readonly minor: number
  /** 32 bytes. The first four are the server's clock, or are random as the others. */
  readonly random: Uint8Array
}

/** Where what means something is in a random: the time, a HelloRetryRequest's mark, a downgrade's. */
const AT = { time: 0, retry: [0, 8], downgrade: 24 } as const
/** "DOWNGRD" with 1 behind it for TLS 1.2, or 0 for what is older (RFC 8446 §4.1.3). */
const DOWNGRADES: ReadonlySet<bigint> = new Set([0x444f_574e_4752_4401n, 0x444f_574e_4752_4400n])
/** Half of the SHA-256 of "HelloRetryRequest" (same section): sixteen bytes are not there by chance. */
const RETRY: readonly bigint[] = [0xcf21_ad74_e59a_6111n, 0xbe1d_8c02_1e65_b891n]

const view = ({ random }: ServerHello): DataView =>
  new DataView(random.buffer, random.byteOffset, RANDOM_BYTES)

/** Whether a server of TLS 1.3 says so while it speaks an older version. */
export const isDowngraded = (hello: ServerHello): boolean =>
  DOWNGRADES.has(view(hello).getBigUint64(AT.downgrade))

/** A HelloRetryRequest of TLS 1.3, which nobody may send who was not offered it. */
export const isHelloRetry = (hello: ServerHello): boolean =>
  AT.retry.every((at, i) => view(hello).getBigUint64(at) === RETRY[i])

/** The server's clock in whole seconds, if the random begins with it: 1970 to 2106 (RFC 5246 §7.4.1.2). */
export const gmtUnixTime = (hello: ServerHello): UnixNs =>
  unixNs(BigInt(view(hello).getUint32(AT.time)) * 1_000_000_000n)

/** RFC 5246 §7.2, RFC 8446 §6, RFC 7507, RFC 7301. */
const ALERT_NAMES: { readonly [code: number]: string } = {
  0: 'close_notify',
  10: 'unexpected_message',
  20: 'bad_record_mac',
  22: 'record_overflow',
  40: 'handshake_failure',
  42: 'bad_certificate',
  43: 'unsupported_certificate',
  46: 'certificate_unknown',
  47: 'illegal_parameter',
  48: 'unknown_ca',
  49: 'access_denied',
  50: 'decode_error',
  51: 'decrypt_error',
  70: 'protocol_version',
  71: 'insufficient_security',
  80: 'internal_error',
  86: 'inappropriate_fallback',
  90: 'user_canceled',
  109: 'missing_extension',
  110: 'unsupported_extension',
  112: 'unrecognized_name',
  115: 'unknown_psk_identity',
  116: 'certificate_required',
  120: 'no_application_protocol',
}

export const ALERT = { warning: 1, closeNotify: 0, protocolVersion: 70 } as const

/**
 * What is said before a connection is closed within a handshake: `user_canceled`, which means that nothing is
 * wrong, and `close_notify`, which RFC 5246 §7.2.2 wants behind it. Both are warnings.
 */
export const FAREWELL = Uint8Array.of(21, 3, 3, 0, 2, 1, 90, 21, 3, 3, 0, 2, 1, 0)

export const alertName = (code: number): string => ALERT_NAMES[code] ?? `alert ${code}`

/** An unsigned number, big-endian. */
export const uint = (bytes: Uint8Array, at: number, count: number): number => {
  let value = 0
  for (let i = at; i < at + count; i++) value = value * 256 + (bytes[i] ?? 0)
  return value
}
