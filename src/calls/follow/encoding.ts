import type { Encoding } from './position.js'

/** What the beginning of a file says: its encoding, and the byte order mark to skip. */
export interface Beginning {
  readonly encoding: Encoding
  readonly markBytes: number
}

const marks: readonly {
  readonly bytes: readonly number[]
  readonly encoding: Encoding | 'utf16be'
}[] = [
  { bytes: [0xef, 0xbb, 0xbf], encoding: 'latin1' },
  { bytes: [0xff, 0xfe], encoding: 'utf16le' },
  { bytes: [0xfe, 0xff], encoding: 'utf16be' },
]

/**
 * Reads the byte order mark (Unicode 23.8): `wait` where the file may still be about to get one,
 * `refused` for UTF-16BE, which nothing on Windows writes.
 */
export const beginningOf = (bytes: Uint8Array): Beginning | 'wait' | 'refused' => {
  const found = marks.find(mark =>
    mark.bytes.every((byte, i) => i >= bytes.length || bytes[i] === byte),
  )
  if (found === undefined) return { encoding: 'latin1', markBytes: 0 }
  if (bytes.length < found.bytes.length) return 'wait'
  if (found.encoding === 'utf16be') return 'refused'
  return { encoding: found.encoding, markBytes: found.bytes.length }
}

/** Bytes in a character. */
export const widthOf = (encoding: Encoding): 1 | 2 => (encoding === 'utf16le' ? 2 : 1)

/** The text of a range; an odd byte at its end waits. */
export const decode = (encoding: Encoding, bytes: Buffer, start: number, end: number): string =>
  encoding === 'utf16le'
    ? bytes.toString('utf16le', start, end - ((end - start) % 2))
    : bytes.toString('latin1', start, end)
