import type { FileHandle } from 'node:fs/promises'
import type { TextReader } from '../../protocol/text-reader.js'
import type { MonoNs } from '../../time/units.js'
import type { Seen } from './find-files.js'
import { type Position, START } from './position.js'
import type { SavedFile } from './saved.js'

/** A file that is being followed: how far, through which handle, and what its last look was like. */
export class FollowedFile {
  readonly id: string
  path: string
  position: Position
  reader: TextReader
  handle: FileHandle | undefined
  /** Its size at the last look; for what is not open that may be some seconds ago. */
  size = 0
  stamp = ''
  /** The stamp with which its head was last looked at; the anchor is with each read. */
  provenStamp = ''
  /** When `stamp` was first seen. */
  changedAt: MonoNs
  /** Something in it may be new. */
  due = true
  /** Its name is one of the pattern's. Otherwise it was, and is read to its end. */
  matched = true
  /** It has no name in its folder any more. */
  gone = false
  /** In an encoding that is not read. */
  refused = false
  /** Why it could not be read, for people. */
  problem: string | undefined
  /** The file that it is a copy of: while that one lives, all that is in this one is read there. */
  copyOf: FollowedFile | undefined
  /** The stamp with which it was last seen to be the beginning of `copyOf`. */
  comparedStamp = ''
  /** While the copy has not grown to its position: its size so far. */
  short: number | undefined
  /** When it had its last turn, counted in turns. */
  turn = 0

  constructor(seen: Pick<Seen, 'id' | 'path'>, reader: TextReader, now: MonoNs) {
    this.id = seen.id
    this.path = seen.path
    this.position = START
    this.reader = reader
    this.changedAt = now
  }

  observe(seen: Pick<Seen, 'size' | 'stamp'>, now: MonoNs): void {
    this.size = seen.size
    if (seen.stamp === this.stamp) return
    this.stamp = seen.stamp
    this.changedAt = now
    this.due = true
  }

  /** From now on it is at this position: at the start, or where another of the same content was. */
  take(position: Position, reader: TextReader, short?: number): void {
    const { encoding, head, offset, anchor } = position
    this.position = { encoding, head, offset, anchor }
    this.reader = reader
    this.short = short
    this.due = true
  }

  /** Bytes in it that are not done with. A copy's are its original's. */
  get lag(): number {
    if (this.refused || this.copyOf !== undefined) return 0
    return Math.max(0, this.size - this.position.offset)
  }

  save(): SavedFile {
    const { path, id, position, short } = this
    const copyOf = this.copyOf?.id
    return { ...position, path, id, reader: this.reader.save(), short, copyOf }
  }
}
