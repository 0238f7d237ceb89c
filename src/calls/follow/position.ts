import { createHash } from 'node:crypto'

/**
 * How a file is known again: by what it holds, not by its name, which rotation changes, nor by its
 * inode alone, which the next file may get. Hashes and not the bytes: positions are written to disk.
 */
export interface Fingerprint {
  readonly bytes: number
  readonly hash: string
}

/** `latin1` is any encoding whose bytes are read as code units: UTF-8, Windows-1252. */
export type Encoding = 'latin1' | 'utf16le'

/** How far a file has been read, and what shows that it is still the same file. */
export interface Position {
  readonly encoding: Encoding
  /** The first bytes of the file, up to `HEAD_BYTES`; as many as it had when last read. */
  readonly head: Fingerprint
  /** Bytes done with. */
  readonly offset: number
  /** The last bytes before `offset`, up to `ANCHOR_BYTES`. */
  readonly anchor: Fingerprint
}

export const HEAD_BYTES = 256
/** More than the end of a record, which many records share. */
export const ANCHOR_BYTES = 256

export const fingerprint = (bytes: Uint8Array): Fingerprint => ({
  bytes: bytes.length,
  // 128 bits: nobody forges a log, chance alone has to be kept out.
  hash: createHash('sha256').update(bytes).digest('hex').slice(0, 32),
})

/** Whether the bytes begin with those of the fingerprint. */
export const beginsWith = (bytes: Uint8Array, print: Fingerprint): boolean =>
  bytes.length >= print.bytes && fingerprint(bytes.subarray(0, print.bytes)).hash === print.hash

const NONE = fingerprint(new Uint8Array())
/** Nothing read, nothing known. */
export const START: Position = { encoding: 'latin1', head: NONE, offset: 0, anchor: NONE }

/**
 * Where to read from, so that one and the same read brings the proof that the file is the same and
 * what is new in it. From the start while the head may still grow: two reads could see two files.
 */
export const leadStart = ({ head, offset, anchor }: Position): number =>
  head.bytes < HEAD_BYTES ? 0 : offset - anchor.bytes

/** How many bytes from `leadStart` on prove the file to be the same. At most 256. */
export const leadBytes = (position: Position): number => {
  const from = leadStart(position)
  return from === 0 ? Math.max(position.head.bytes, position.offset) : position.offset - from
}

/** Whether the file is still the one of the position. `bytes` begin at `leadStart`. */
export const holds = (position: Position, bytes: Uint8Array): boolean => {
  const { head, offset, anchor } = position
  const from = leadStart(position)
  const anchorAt = offset - anchor.bytes - from
  return (
    from + bytes.length >= offset &&
    (from > 0 || beginsWith(bytes, head)) &&
    beginsWith(bytes.subarray(anchorAt, offset - from), anchor)
  )
}

/** The head grows with a small file. `bytes` begin at `leadStart`. */
export const withHead = (position: Position, bytes: Uint8Array): Position =>
  leadStart(position) === 0 && position.head.bytes < Math.min(HEAD_BYTES, bytes.length)
    ? { ...position, head: fingerprint(bytes.subarray(0, HEAD_BYTES)) }
    : position

/** The position moved on to `offset`. `bytes` begin at `from`, at or before the old anchor. */
export const advance = (
  position: Position,
  bytes: Uint8Array,
  from: number,
  offset: number,
): Position => {
  const anchorAt = Math.max(0, offset - ANCHOR_BYTES)
  return {
    ...position,
    offset,
    anchor: fingerprint(bytes.subarray(anchorAt - from, offset - from)),
  }
}
