/** A hash of 53 bits, so that it is a Number; a million of them share one with a chance of 1 in 18,000. */
export type Fingerprint = number

const HIGH_BITS = 0x1fffff
const TWO_32 = 4_294_967_296

/**
 * The fingerprint of text[from, to), by two multiplicative hashes of 32 bits with a final mix. The seed is
 * each state directory's own and secret: nobody can choose a Call-ID that collides with another's.
 */
export const fingerprint = (text: string, from: number, to: number, seed: number): Fingerprint => {
  let a = 0xdeadbeef ^ seed
  let b = 0x41c6ce57 ^ (seed / TWO_32)
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i)
    a = Math.imul(a ^ code, 0x9e3779b1)
    b = Math.imul(b ^ code, 0x5f356495)
  }
  return mixed(a, b)
}

/** The fingerprint of something within something: a request of a call, a hop of a request. */
export const within = (outer: Fingerprint, inner: number): Fingerprint =>
  mixed(
    Math.imul((outer | 0) ^ inner, 0x9e3779b1) ^ Math.imul(inner, 0x85ebca6b),
    Math.imul(((outer / TWO_32) | 0) ^ inner, 0x5f356495) + (outer | 0),
  )

const mixed = (a: number, b: number): Fingerprint => {
  const x = Math.imul(a ^ (a >>> 16), 0x85ebca6b) ^ Math.imul(b ^ (b >>> 13), 0xc2b2ae35)
  const y = Math.imul(b ^ (b >>> 16), 0x85ebca6b) ^ Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return TWO_32 * (HIGH_BITS & (y ^ (y >>> 15))) + ((x ^ (x >>> 16)) >>> 0)
}
