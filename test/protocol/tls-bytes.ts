/** What a TLS server sends, byte by byte (RFC 5246 §6.2.1, §7.2, §7.4). */

const u16 = (value: number): readonly number[] => [value >> 8, value & 0xff]
const u24 = (value: number): readonly number[] => [value >> 16, ...u16(value & 0xffff)]

export const joinBytes = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(Buffer.concat(parts))

export const message = (type: number, body: Uint8Array): Uint8Array =>
  joinBytes(Uint8Array.from([type, ...u24(body.length)]), body)

const vector = (bytes: Uint8Array): Uint8Array =>
  joinBytes(Uint8Array.from(u24(bytes.length)), bytes)

export type HelloFields = {
  random: Uint8Array
  version?: number
  sessionId?: Uint8Array
  /** With their length in front. */
  extensions?: Uint8Array
}

const SESSION = new Uint8Array(32).fill(0x5e)

/** As Schannel has it: a session id, and the answer to secure renegotiation. */
export const serverHello = ({
  random,
  version = 0x0303,
  sessionId = SESSION,
  extensions = Uint8Array.of(0, 5, 0xff, 1, 0, 1, 0),
}: HelloFields): Uint8Array =>
  message(
    2,
    joinBytes(
      Uint8Array.from(u16(version)),
      random,
      Uint8Array.of(sessionId.length),
      sessionId,
      Uint8Array.of(0xc0, 0x30, 0),
      extensions,
    ),
  )

/** The server's clock, and bytes that are not random: those are another test's. */
export const randomWith = (unixSeconds: number): Uint8Array => {
  const random = Uint8Array.from({ length: 32 }, (_, i) => (i * 7 + 3) & 0xff)
  new DataView(random.buffer).setUint32(0, unixSeconds)
  return random
}

export const certificates = (...ders: readonly Uint8Array[]): Uint8Array =>
  message(11, vector(joinBytes(...ders.map(vector))))

/** RSA and ECDSA certificates, four signature schemes, one name of an authority (§7.4.4). */
export const certificateRequest = (): Uint8Array => {
  const authority = Uint8Array.from({ length: 64 }, (_, i) => i)
  return message(
    13,
    joinBytes(
      Uint8Array.of(2, 1, 64, 0, 8, 4, 1, 4, 3, 2, 1, 2, 3),
      Uint8Array.from([...u16(authority.length + 2), ...u16(authority.length)]),
      authority,
    ),
  )
}

export const serverHelloDone = (): Uint8Array => message(14, new Uint8Array(0))

export const record = (type: number, payload: Uint8Array, version = 0x0303): Uint8Array =>
  joinBytes(Uint8Array.from([type, ...u16(version), ...u16(payload.length)]), payload)

/** Handshake messages in records of at most `size` bytes. */
export const records = (messages: Uint8Array, size = 1 << 14): Uint8Array => {
  const parts: Uint8Array[] = []
  for (let at = 0; at < messages.length; at += size) {
    parts.push(record(22, messages.subarray(at, at + size)))
  }
  return joinBytes(...parts)
}

export const alert = (level: number, code: number): Uint8Array =>
  record(21, Uint8Array.of(level, code))
