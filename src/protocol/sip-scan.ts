import { type Method, methods } from './sip-message.js'

const TAB = 9
const SPACE = 32
const COLON = 58
const LOWER_CASE = 0x20

/** First letters that decide what a header may be. */
export const LETTER = {
  c: 99,
  d: 100,
  f: 102,
  i: 105,
  k: 107,
  m: 109,
  p: 112,
  r: 114,
  s: 115,
  t: 116,
  v: 118,
} as const

/** The letter at a place in lower case; of anything else something that is no letter. */
export const letterAt = (text: string, at: number): number => text.charCodeAt(at) | LOWER_CASE

/** Whether `name` (lower case) stands at `at`, in any case. */
export const isAt = (text: string, at: number, name: string): boolean => {
  for (let i = 0; i < name.length; i++) {
    if ((text.charCodeAt(at + i) | LOWER_CASE) !== name.charCodeAt(i)) return false
  }
  return true
}

export const isBlank = (code: number): boolean => code === SPACE || code === TAB

export const skipBlanks = (text: string, from: number, to: number): number => {
  let i = from
  while (i < to && isBlank(text.charCodeAt(i))) i++
  return i
}

/** Where what is in [from, to) ends without blanks and line ends behind it. */
export const trimmedEnd = (text: string, from: number, to: number): number => {
  let end = to
  while (end > from && text.charCodeAt(end - 1) <= SPACE) end--
  return end
}

/**
 * Where the value of the header `name` (lower case) at `at` begins; -1 if it is another header. RFC 3261
 * §25.1, HCOLON: blanks may stand before the colon.
 */
export const valueOf = (text: string, at: number, to: number, name: string): number => {
  let i = at + name.length
  if (i >= to) return -1
  let code = text.charCodeAt(i)
  while (isBlank(code) && i < to) code = text.charCodeAt(++i)
  if (code !== COLON || i >= to || !isAt(text, at, name)) return -1
  return skipBlanks(text, i + 1, to)
}

/** The value of a header under its name or its compact form (RFC 3261 §7.3.3); -1 if it is another. */
export const valueOfEither = (
  text: string,
  at: number,
  to: number,
  name: string,
  compact: string,
): number => {
  const value = valueOf(text, at, to, compact)
  return value >= 0 ? value : valueOf(text, at, to, name)
}

/** A number of at most ten digits that begins at `from`; -1 where there is none. */
export const numberAt = (text: string, from: number, to: number): number => {
  let value = -1
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    if (i - from === 10) return -1
    value = (value < 0 ? 0 : value * 10) + digit
  }
  return value
}

/** The method that stands at `from`, up to a blank or `to`. */
export const methodAt = (text: string, from: number, to: number): Method => {
  for (const method of methods) {
    const end = from + method.length
    if (end > to || !text.startsWith(method, from)) continue
    if (end === to || text.charCodeAt(end) <= SPACE) return method
  }
  return 'other'
}
