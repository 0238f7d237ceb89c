import { ANCHOR_BYTES, type Fingerprint, HEAD_BYTES, type Position } from './position.js'

/** A followed file as it is kept over a restart. Plain JSON. */
export interface SavedFile extends Position {
  readonly path: string
  /** Device and inode, `dev:ino`. */
  readonly id: string
  /** What `TextReader.save` gave at this position. */
  readonly reader: unknown
  /** Set while the file is a copy that has not yet grown to `offset`: its size so far. */
  readonly short?: number | undefined
  /** The id of the followed file that this one is a copy of: not read while that one is. */
  readonly copyOf?: string | undefined
}

const isFingerprint = (value: unknown): value is Fingerprint =>
  typeof value === 'object' &&
  value !== null &&
  'bytes' in value &&
  Number.isSafeInteger(value.bytes) &&
  'hash' in value &&
  typeof value.hash === 'string'

const isAbsentOr = (type: 'number' | 'string', value: unknown): boolean =>
  value === undefined || typeof value === type

/** Whether a value out of a state file is a saved file. A doubtful one is none: it is read anew. */
export const isSavedFile = (value: unknown): value is SavedFile => {
  if (typeof value !== 'object' || value === null) return false
  const { path, id, encoding, offset, head, anchor, short, copyOf } = value as Partial<SavedFile>
  return (
    typeof path === 'string' &&
    typeof id === 'string' &&
    (encoding === 'latin1' || encoding === 'utf16le') &&
    typeof offset === 'number' &&
    Number.isSafeInteger(offset) &&
    offset >= 0 &&
    isFingerprint(head) &&
    head.bytes >= Math.min(offset, HEAD_BYTES) &&
    head.bytes <= HEAD_BYTES &&
    isFingerprint(anchor) &&
    anchor.bytes === Math.min(offset, ANCHOR_BYTES) &&
    isAbsentOr('number', short) &&
    isAbsentOr('string', copyOf)
  )
}
