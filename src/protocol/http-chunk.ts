import { type Malformed, malformed } from './http-head.js'

/** The chunks of a chunked body, RFC 9112 §7.1. Extensions are passed over: no clock was ever told there. */

const TAB = 0x09
const LF = 0x0a
const CR = 0x0d
const SPACE = 0x20
const SEMICOLON = 0x3b
const MAX_LINE = 1024
const MAX_DIGITS = 12

/** Where a chunk's bytes begin, and how many there are. */
export interface Chunk {
  readonly from: number
  readonly size: number
}

/**
 * The chunk whose line begins at `at`; undefined where the line is not whole yet. A body may be a million chunks of a
 * byte, so the line is read where it is and never made into text.
 */
export const chunkAt = (bytes: Uint8Array, at: number): Chunk | Malformed | undefined => {
  const last = Math.min(bytes.length, at + MAX_LINE)
  let lf = at
  while (lf < last && bytes[lf] !== LF) lf++
  if (lf === last)
    return last - at < MAX_LINE ? undefined : malformed('a chunk whose line does not end')
  const size = sizeIn(bytes, at, bytes[lf - 1] === CR && lf > at ? lf - 1 : lf)
  return size < 0 ? malformed('a chunk without a size') : { from: lf + 1, size }
}

/** Behind a chunk's bytes, past the end of their line where that is there. */
export const pastChunk = (bytes: Uint8Array, { from, size }: Chunk): number =>
  bytes[from + size] === CR ? from + size + 2 : from + size + 1

/** Of a line without its end; negative where there is none. */
const sizeIn = (bytes: Uint8Array, from: number, end: number): number => {
  let at = from
  let size = 0
  for (; at < end; at++) {
    const digit = hexDigit(bytes[at] ?? 0)
    if (digit < 0) break
    if (at - from === MAX_DIGITS) return -1
    size = size * 16 + digit
  }
  if (at === from) return -1
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++
  if (at === end) return size
  if (bytes[at] !== SEMICOLON) return -1
  while (at < end) if (bytes[at++] === CR) return -1
  return size
}

const hexDigit = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const lower = byte | 0x20
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1
}
