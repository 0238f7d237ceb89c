import { findOrigin } from './copies.js'
import { readInSlices } from '../slices.js'
import { beginningOf } from './encoding.js'
import type { FollowedFile } from './followed-file.js'
import { readAt } from './handles.js'
import {
  ANCHOR_BYTES,
  HEAD_BYTES,
  advance,
  holds,
  leadBytes,
  leadStart,
  withHead,
} from './position.js'
import type { Roster } from './roster.js'

export interface Turn {
  /** What it cost. */
  readonly bytes: number
  /** There is more to read in it. */
  readonly again: boolean
}

const NOTHING: Turn = { bytes: 0, again: false }
const ONCE_MORE: Turn = { bytes: 0, again: true }

/** The longest byte order mark. */
const MARK_BYTES = 3

/** Reads files window by window. One buffer, so one window at a time. */
export class Windows {
  /** Bytes done with. */
  readBytes: number
  readonly #roster: Roster
  readonly #buffer: Buffer
  readonly #windowBytes: number
  #turns = 0

  constructor(roster: Roster, readBytes: number) {
    this.#roster = roster
    this.readBytes = readBytes
    this.#windowBytes = roster.limits.windowBytes
    this.#buffer = Buffer.allocUnsafeSlow(HEAD_BYTES + ANCHOR_BYTES + this.#windowBytes)
  }

  /** One window of a file, after a look whether it still is that file. Throws system errors. */
  async readOne(file: FollowedFile): Promise<Turn> {
    file.turn = ++this.#turns
    const roster = this.#roster
    if (file.short !== undefined && file.size < file.position.offset) {
      if (!(await roster.verify(file))) return ONCE_MORE
      file.short = file.size
      file.due = false
      return NOTHING
    }
    file.short = undefined
    const from = leadStart(file.position)
    if (from > 0 && file.provenStamp !== file.stamp && !(await roster.hasHead(file))) {
      await roster.lose(file)
      return ONCE_MORE
    }
    file.provenStamp = file.stamp
    const handle = await roster.handles.of(file)
    // A byte order mark and one more character than the window: that tells whether more follows.
    const wanted = Math.max(
      leadBytes(file.position),
      file.position.offset - from + this.#windowBytes + MARK_BYTES + 2,
    )
    file.due = false
    const bytes = await this.#orDue(file, readAt(handle, this.#buffer, wanted, from))
    if (!holds(file.position, bytes)) {
      await this.#orDue(file, roster.lose(file))
      return ONCE_MORE
    }
    file.position = withHead(file.position, bytes)
    if (file.position.offset > 0) {
      return file.copyOf === undefined ? this.#consume(file, bytes, from, 0) : NOTHING
    }
    return this.#begin(file, bytes)
  }

  /** What failed is due again. */
  async #orDue<T>(file: FollowedFile, work: Promise<T>): Promise<T> {
    try {
      return await work
    } catch (error) {
      file.due = true
      throw error
    }
  }

  async #begin(file: FollowedFile, bytes: Buffer): Promise<Turn> {
    const beginning = beginningOf(bytes)
    if (beginning === 'wait') return NOTHING
    if (beginning === 'refused') {
      if (!file.refused) {
        this.#roster.log('warn', 'a file in UTF-16BE is not read: save it as UTF-8', {
          file: file.path,
        })
      }
      file.refused = true
      return NOTHING
    }
    file.refused = false
    if (await this.#orDue(file, findOrigin(this.#roster, file))) return ONCE_MORE
    file.position = { ...file.position, encoding: beginning.encoding }
    return this.#consume(file, bytes, 0, beginning.markBytes)
  }

  /** No await in here: at every moment, `save` has to tell what the readers have got. */
  #consume(file: FollowedFile, bytes: Buffer, from: number, markBytes: number): Turn {
    const { encoding, offset } = file.position
    const start = Math.max(offset, markBytes) - from
    const more = bytes.length - start > this.#windowBytes
    const end = more ? start + this.#windowBytes : bytes.length
    const at = readInSlices(file.reader, encoding, bytes, [start, end], more)
    if (at > start) {
      file.position = advance(file.position, bytes, from, from + at)
      this.readBytes += from + at - offset
    }
    file.due = more
    return { bytes: end - start, again: more }
  }
}
