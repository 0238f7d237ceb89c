import type { TextReader } from '../../protocol/text-reader.js'
import type { Log } from '../../net/log.js'
import type { MonoNs } from '../../time/units.js'
import type { Seen } from './find-files.js'
import { FollowedFile } from './followed-file.js'
import { Handles, readAt } from './handles.js'
import {
  ANCHOR_BYTES,
  HEAD_BYTES,
  type Position,
  beginsWith,
  fingerprint,
  holds,
  leadBytes,
  leadStart,
  START,
} from './position.js'
import type { SavedFile } from './saved.js'

export interface Limits {
  /** Files followed at once. */
  readonly files: number
  readonly openFiles: number
  /** What a reader gets at once. */
  readonly windowBytes: number
}

/** As many times `Limits.files` are remembered without being followed. */
const REMEMBERED = 2

/** A file that is not to be found now. Should its content turn up, it goes on from there. */
export interface Lost {
  readonly was: SavedFile
  /** Its folder has been searched for it. */
  sought: boolean
}

/** All files that are followed or remembered, and what happens to one's identity. */
export class Roster {
  readonly files = new Map<string, FollowedFile>()
  /** Latest last. */
  lost: Lost[]
  /** Copies that were resumed, and whose original is still to be found. */
  readonly orphans = new Map<FollowedFile, string>()
  /** A file has lost its identity or its name: look at once. */
  urgent = false
  readonly handles: Handles
  readonly limits: Limits
  readonly log: Log
  readonly newReader: (saved: unknown) => TextReader
  readonly now: () => MonoNs
  readonly #small = Buffer.alloc(Math.max(HEAD_BYTES, ANCHOR_BYTES))

  constructor(options: {
    readonly limits: Limits
    readonly log: Log
    readonly newReader: (saved: unknown) => TextReader
    readonly now: () => MonoNs
    readonly saved: readonly SavedFile[]
  }) {
    this.limits = options.limits
    this.log = options.log
    this.newReader = options.newReader
    this.now = options.now
    this.handles = new Handles(options.limits.openFiles)
    this.lost = options.saved
      .slice(-REMEMBERED * options.limits.files)
      .map(was => ({ was, sought: false }))
  }

  add(seen: Seen): FollowedFile {
    const file = new FollowedFile(seen, this.newReader(undefined), this.now())
    file.observe(seen, this.now())
    this.files.set(file.id, file)
    return file
  }

  /** Goes on with what was lost. Whether it is truly the same shows when it is read. */
  resume(lost: Lost, seen: Seen): FollowedFile {
    const { was } = lost
    const file = this.add(seen)
    file.take(was, this.newReader(was.reader), was.short)
    this.lost = this.lost.filter(other => other !== lost)
    if (was.copyOf !== undefined) this.orphans.set(file, was.copyOf)
    return file
  }

  remember(was: SavedFile, sought: boolean): void {
    // Without a byte of content it can only be found by its inode, which soon is another file's.
    if (was.offset === 0 && sought) return
    this.lost = [...this.lost, { was, sought }].slice(-REMEMBERED * this.limits.files)
  }

  /** Its content is another: what it was is sought, under another name; what it is begins at 0. */
  async lose(file: FollowedFile): Promise<void> {
    const inherited = await this.#bequeath(file)
    this.log('info', 'a file begins again', { file: file.path })
    if (!inherited) this.remember(file.save(), false)
    file.copyOf = undefined
    file.refused = false
    file.take(START, this.newReader(undefined))
    this.urgent = true
    if (!file.matched) await this.#remove(file)
  }

  /** Follows it no more, but knows it should it come back. */
  async forget(file: FollowedFile, sought: boolean): Promise<void> {
    if (!(await this.#bequeath(file))) this.remember(file.save(), sought)
    await this.#remove(file)
  }

  /** Whether the content is still that of its position; if not, it is lost. */
  async verify(file: FollowedFile): Promise<boolean> {
    const { position } = file
    if (file.short === undefined) {
      const lead = await this.read(file, leadStart(position), leadBytes(position))
      if (holds(position, lead) && (await this.hasHead(file))) return true
    } else {
      const head = await this.read(file, 0, HEAD_BYTES)
      if (file.size >= file.short && beginsWith(head, position.head)) return true
    }
    await this.lose(file)
    return false
  }

  /** At most 256 bytes, good until the next read. */
  async read(file: FollowedFile, from: number, bytes: number): Promise<Buffer> {
    return readAt(await this.handles.of(file), this.#small, bytes, from)
  }

  /** Whether it still begins as it did; the end of one record is like that of another. */
  async hasHead(file: FollowedFile): Promise<boolean> {
    return beginsWith(await this.read(file, 0, HEAD_BYTES), file.position.head)
  }

  /** Whether the file holds all that was read up to the position, as its head and anchor tell. */
  async contains(file: FollowedFile, position: Position): Promise<boolean> {
    if (file.size < position.offset) return false
    if (!beginsWith(await this.read(file, 0, HEAD_BYTES), position.head)) return false
    const { offset, anchor } = position
    return beginsWith(await this.read(file, offset - anchor.bytes, anchor.bytes), anchor)
  }

  /** Whether the bytes from..to are the same in both; neither so in a file that is too short. */
  async sameBytes(a: FollowedFile, b: FollowedFile, from: number, to: number): Promise<boolean> {
    const print = fingerprint(await this.read(a, from, to - from))
    return print.bytes === to - from && beginsWith(await this.read(b, from, to - from), print)
  }

  /**
   * A copy goes on where its original was. One that is shorter than what was read of the original has
   * nothing new: it was taken before that was written. False: it is no copy (any more).
   */
  async inherit(heir: FollowedFile, was: SavedFile): Promise<boolean> {
    const short = heir.size < was.offset
    if (!short && !(await this.contains(heir, was))) return false
    heir.take(was, this.newReader(was.reader), short ? heir.size : undefined)
    return true
  }

  /** Its copies have waited for it; now one of them goes on in its place. Whether one does. */
  async #bequeath(file: FollowedFile): Promise<boolean> {
    const copies = [...this.files.values()].filter(({ copyOf }) => copyOf === file)
    const [heir, ...others] = copies.sort((a, b) => b.size - a.size)
    if (heir === undefined) return false
    const inherited = await this.inherit(heir, file.save())
    heir.copyOf = undefined
    heir.due = true
    for (const other of others) other.copyOf = heir
    return inherited
  }

  async #remove(file: FollowedFile): Promise<void> {
    this.files.delete(file.id)
    await this.handles.close(file)
  }
}
