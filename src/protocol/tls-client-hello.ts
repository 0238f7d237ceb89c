import { RANDOM_BYTES } from './tls.js'

/** Where the random is in a record with a ClientHello in it (RFC 5246 §6.2.1, §7.4, §7.4.1.2). */
const RANDOM_AT = 11

const RECORD_HANDSHAKE = 22
const MESSAGE_CLIENT_HELLO = 1
/** In the record of a first ClientHello; servers of any age take it (RFC 5246 appendix E.1). */
const TLS_1_0 = 0x0301
const TLS_1_2 = 0x0303
const NO_COMPRESSION = 0

/**
 * Whatever a server of TLS 1.2 or older may want, its newest liked best; none of them is ever used, since no
 * handshake is brought to its end. 3DES is all that Windows Server 2003 has in common with others.
 */
const CIPHER_SUITES = [
  // ECDHE with AES-GCM and ChaCha20 (RFC 5289, RFC 7905).
  0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
  // ECDHE with AES-CBC and SHA-256, SHA-384, SHA-1 (RFC 5289, RFC 8422).
  0xc023, 0xc027, 0xc024, 0xc028, 0xc009, 0xc013, 0xc00a, 0xc014,
  // DHE with AES-GCM, AES-CBC and SHA-256, SHA-1 (RFC 5288, RFC 5246 appendix A.5).
  0x009e, 0x009f, 0x0067, 0x006b, 0x0033, 0x0039,
  // RSA with AES-GCM, AES-CBC and SHA-256, SHA-1, and 3DES.
  0x009c, 0x009d, 0x003c, 0x003d, 0x002f, 0x0035, 0x000a,
  // "I know of secure renegotiation" (RFC 5746 §3.3): some refuse who does not.
  0x00ff,
] as const

const EXTENSION = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  extendedMasterSecret: 23,
} as const
/** x25519, P-256, P-384, P-521 (RFC 8422 §5.1.1). */
const GROUPS = [29, 23, 24, 25] as const
const UNCOMPRESSED = 0
/** ECDSA, RSA-PSS, RSA PKCS #1 with SHA-256 to SHA-512, Ed25519, and what there was with SHA-1 (RFC 8446 §4.2.3). */
const SIGNATURES = [
  0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0807, 0x0401, 0x0501, 0x0601, 0x0203, 0x0201,
] as const
const HOST_NAME = 0

type Bytes = readonly number[]

const u16 = (value: number): Bytes => [value >> 8, value & 0xff]
const u24 = (value: number): Bytes => [value >> 16, ...u16(value & 0xffff)]
const with8 = (bytes: Bytes): Bytes => [bytes.length, ...bytes]
const with16 = (bytes: Bytes): Bytes => [...u16(bytes.length), ...bytes]
const list = (values: readonly number[]): Bytes => with16(values.flatMap(u16))
const extension = (type: number, body: Bytes): Bytes => [...u16(type), ...with16(body)]

/** RFC 6066 §3: ASCII, without the dot at the end that an absolute name has. */
const serverNameExtension = (name: string): Bytes => {
  const bytes = [...new TextEncoder().encode(name.replace(/\.$/, ''))]
  return extension(EXTENSION.serverName, with16([HOST_NAME, ...with16(bytes)]))
}

/**
 * A ClientHello of TLS 1.2 in one record, its random still zero: see {@link withRandom}. TLS 1.3 is not
 * offered, for that has no time in its ServerHello; nor is a session, which a server could take up
 * again without showing its certificate.
 */
export const encodeClientHello = (serverName?: string): Uint8Array => {
  const extensions = [
    ...(serverName === undefined ? [] : serverNameExtension(serverName)),
    ...extension(EXTENSION.extendedMasterSecret, []),
    ...extension(EXTENSION.supportedGroups, list(GROUPS)),
    ...extension(EXTENSION.pointFormats, with8([UNCOMPRESSED])),
    ...extension(EXTENSION.signatureAlgorithms, list(SIGNATURES)),
  ]
  const body = [
    ...u16(TLS_1_2),
    ...new Uint8Array(RANDOM_BYTES),
    ...with8([]),
    ...list(CIPHER_SUITES),
    ...with8([NO_COMPRESSION]),
    ...with16(extensions),
  ]
  const message = [MESSAGE_CLIENT_HELLO, ...u24(body.length), ...body]
  return Uint8Array.from([RECORD_HANDSHAKE, ...u16(TLS_1_0), ...with16(message)])
}

/**
 * A copy with these 32 bytes as its random. All of them are random: RFC 5246 §7.4.1.2 would have our clock
 * in the first four, which is nobody's business (draft-mathewson-no-gmtunixtime).
 */
export const withRandom = (hello: Uint8Array, random: Uint8Array): Uint8Array => {
  const copy = hello.slice()
  copy.set(random.subarray(0, RANDOM_BYTES), RANDOM_AT)
  return copy
}
