/** Bytes from hexadecimal text; spaces are for the eye. */
export const hex = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))

export const COOKIE = hex('0102030405060708')

/**
 * A server's reply to the request with {@link COOKIE}: leap 1, version 4, stratum 2, poll 6,
 * precision 2^-20 s, root delay 0.5 s, root dispersion 0.25 s, source "GPS", T2 is
 * 2023-11-14T22:13:20.5Z and T3 a quarter of a second later.
 */
export const REPLY = hex(`
  64 02 06 ec  00008000  00004000  47505300
  e8fe6f80 00000000
  01020304 05060708
  e8fe6f80 80000000
  e8fe6f80 c0000000
`)

/** A copy with one bit turned over, counted from the first byte's highest. */
export const withBitFlipped = (bytes: Uint8Array, bit: number): Uint8Array => {
  const copy = bytes.slice()
  const at = bit >> 3
  copy[at] = (copy[at] ?? 0) ^ (0x80 >> (bit & 7))
  return copy
}

/** A copy with these bytes at this place. */
export const withBytes = (bytes: Uint8Array, at: number, patch: Uint8Array): Uint8Array => {
  const copy = bytes.slice()
  copy.set(patch, at)
  return copy
}
