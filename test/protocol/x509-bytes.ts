/** A certificate's bytes as far as its dates (RFC 5280 §4.1); what is behind them is short. */

/** An element of DER (X.690 §8.1). */
export const der = (tag: number, ...contents: readonly Uint8Array[]): Uint8Array => {
  const inside = Buffer.concat(contents)
  const { length } = inside
  const octets = length < 128 ? [] : length < 256 ? [length] : octetsOf(length)
  const first = octets.length === 0 ? length : 0x80 | octets.length
  return new Uint8Array(Buffer.concat([Buffer.from([tag, first, ...octets]), inside]))
}

const octetsOf = (length: number): readonly number[] =>
  length === 0 ? [] : [...octetsOf(Math.floor(length / 256)), length % 256]

export const time = {
  utc: (text: string): Uint8Array => der(0x17, Buffer.from(text)),
  generalized: (text: string): Uint8Array => der(0x18, Buffer.from(text)),
}

export const certificateWith = (
  notBefore: Uint8Array,
  notAfter: Uint8Array,
  { version = true, issuerBytes = 20 } = {},
): Uint8Array => {
  const nothing = new Uint8Array(0)
  const algorithm = der(0x30, der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
  const body = der(
    0x30,
    version ? der(0xa0, der(0x02, Uint8Array.of(2))) : nothing,
    der(0x02, Uint8Array.of(0x7f, 1, 2, 3)),
    algorithm,
    der(0x30, new Uint8Array(issuerBytes)),
    der(0x30, notBefore, notAfter),
    der(0x30, Buffer.from('subject')),
    der(0x30, Buffer.from('key')),
  )
  return der(0x30, body, algorithm, der(0x03, Buffer.from('signature')))
}
