import { stat } from 'node:fs/promises'
import type { Log } from '../../net/log.js'
import type { TextReader } from '../../protocol/text-reader.js'
import type { Clock } from '../../time/clock.js'
import { type MonoNs, elapsed, seconds } from '../../time/units.js'
import { watchCopy } from './copies.js'
import { forEachOf, parsePattern, seenOf } from './find-files.js'
import type { FollowedFile } from './followed-file.js'
import { Looks } from './looks.js'
import { HEAD_BYTES, withHead } from './position.js'
import { type Limits, Roster } from './roster.js'
import type { SavedFile } from './saved.js'
import { isGone, isSystemError } from './system-error.js'
import { Windows } from './windows.js'

const LOOK_EVERY = seconds(5)
/** As long as there is enough to read, files are not asked for more of it all the time. */
const CHECK_EVERY = seconds(0.25)
/** A file that has not changed for so long is looked at only with the others. */
const COLD_AFTER = seconds(60)
/**
 * A change may hide behind an equal size and time stamp for as long as stamps are coarse (2 s on
 * FAT): so long after the last one the content itself is looked at.
 */
const SETTLED_AFTER = seconds(3)

export const DEFAULT_LIMITS: Limits = { files: 1000, openFiles: 64, windowBytes: 1024 * 1024 }

export interface FollowOptions {
  /** A path or a glob; on Windows with backslashes too. */
  readonly pattern: string
  /** What `save` gave in an earlier run; also an old one. */
  readonly saved: readonly SavedFile[]
  /** Bytes done with in earlier runs, for `status`. */
  readonly readBytes?: number
  /** A reader for a file, from what its `save` gave, or from undefined at the start of a file. */
  readonly newReader: (saved: unknown) => TextReader
  readonly log: Log
  readonly clock: Pick<Clock, 'mono'>
  readonly limits?: Partial<Limits>
  /** Files that are not to be read although the pattern matches them. */
  readonly isOurs?: (path: string) => boolean
}

export interface FollowStatus {
  /** All that should be read can be. A pattern without files is up, a path without its file is not. */
  readonly up: boolean
  /** Why not, for people. */
  readonly detail: string | undefined
  readonly files: number
  readonly readBytes: number
  /** Bytes that are there but not done with; a record that is still being written among them. */
  readonly lagBytes: number
  /** Files left out, being more than `limits.files`. */
  readonly leftOutFiles: number
  /** Files in an encoding that is not read. */
  readonly refusedFiles: number
}

/**
 * Reads growing files, each byte once, through rotation by renaming, by truncation and by copying, and
 * over restarts. Whoever calls it keeps `save()` together with what the readers gave.
 */
export class Follower {
  readonly #roster: Roster
  readonly #looks: Looks
  readonly #windows: Windows
  readonly #log: Log
  readonly #mono: () => MonoNs
  #lookedAt: MonoNs | undefined
  #checkedAt: MonoNs | undefined
  #detail: string | undefined
  #running: Promise<{ more: boolean }> | undefined
  #closed = false

  constructor(options: FollowOptions) {
    const { saved, newReader, log, clock } = options
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    this.#log = log
    this.#mono = () => clock.mono()
    this.#roster = new Roster({ limits, log, newReader, now: this.#mono, saved })
    this.#looks = new Looks(this.#roster, {
      ...parsePattern(options.pattern),
      ...(options.isOurs && { isOurs: options.isOurs }),
    })
    this.#windows = new Windows(this.#roster, options.readBytes ?? 0)
  }

  /**
   * Finds files and reads what is new: windows in turn, until about `budgetBytes` are read (the last
   * window is not cut). `more`: there was more. Rejects only for a reader that breaks its contract.
   */
  async round(budgetBytes: number): Promise<{ more: boolean }> {
    while (this.#running !== undefined) await this.#running.catch(() => undefined)
    if (this.#closed) return { more: false }
    this.#running = this.#round(budgetBytes)
    try {
      return await this.#running
    } finally {
      this.#running = undefined
    }
  }

  /** Where all files are, those included that are not to be found now. Plain JSON. */
  save(): readonly SavedFile[] {
    const { files, lost } = this.#roster
    return [...lost.map(({ was }) => was), ...[...files.values()].map(file => file.save())]
  }

  status(): FollowStatus {
    const files = [...this.#roster.files.values()]
    return {
      up: this.#detail === undefined,
      detail: this.#detail,
      files: files.length,
      readBytes: this.#windows.readBytes,
      lagBytes: files.reduce((sum, file) => sum + file.lag, 0),
      leftOutFiles: this.#looks.leftOut,
      refusedFiles: files.filter(({ refused }) => refused).length,
    }
  }

  /** Lets the current window end, then closes all files. `save` still tells afterwards. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#running?.catch(() => undefined)
    await this.#roster.handles.closeAll()
  }

  async #round(budgetBytes: number): Promise<{ more: boolean }> {
    await this.#catchUp()
    let left = budgetBytes
    let queue = this.#queue()
    let lookedAgain = false
    while (left > 0 && !this.#closed) {
      const file = queue.shift()
      if (file !== undefined) {
        const { bytes, again } = await this.#turn(file)
        left -= bytes
        if (again && this.#follows(file)) queue.push(file)
      } else if (this.#roster.urgent && !lookedAgain) {
        lookedAgain = true
        await this.#catchUp()
        queue = this.#queue()
      } else break
    }
    this.#tell()
    return { more: !this.#closed && queue.length > 0 }
  }

  /** Looks which files there are, if it is time to, and what has changed in them. */
  async #catchUp(): Promise<void> {
    const now = this.#mono()
    const due = this.#lookedAt === undefined || elapsed(this.#lookedAt, now) >= LOOK_EVERY
    if (due || this.#roster.urgent) {
      this.#lookedAt = now
      await this.#looks.look()
    } else if (this.#hasEnough(now)) return
    this.#checkedAt = now
    await this.#checkAll()
    if (due) await this.#looks.clear()
  }

  #hasEnough(now: MonoNs): boolean {
    if (this.#checkedAt === undefined || elapsed(this.#checkedAt, now) >= CHECK_EVERY) return false
    return [...this.#roster.files.values()].some(({ due }) => due)
  }

  /** What is due, what has waited longest first. */
  #queue(): FollowedFile[] {
    const files = [...this.#roster.files.values()]
    return files.filter(({ due, problem }) => due || problem).sort((a, b) => a.turn - b.turn)
  }

  #follows(file: FollowedFile): boolean {
    return this.#roster.files.get(file.id) === file
  }

  async #turn(file: FollowedFile): Promise<{ bytes: number; again: boolean }> {
    let outcome = { bytes: 0, again: false }
    if (!this.#follows(file)) return outcome
    await this.#guard(file, async () => {
      outcome = await this.#windows.readOne(file)
      file.problem = undefined
    })
    return outcome
  }

  async #checkAll(): Promise<void> {
    const now = this.#mono()
    const hot = [...this.#roster.files.values()].filter(
      ({ due, problem, matched, copyOf, changedAt }) =>
        due || problem || !matched || copyOf || elapsed(changedAt, now) < COLD_AFTER,
    )
    await forEachOf(hot, async file => this.#guard(file, () => this.#observe(file, now)))
    for (const file of hot) {
      if (this.#closed) return
      if (this.#follows(file)) await this.#guard(file, () => this.#tend(file, now))
    }
  }

  async #observe(file: FollowedFile, now: MonoNs): Promise<void> {
    const options = { bigint: true } as const
    const stats = await (file.handle?.stat(options) ?? stat(file.path, options))
    const seen = seenOf(file.path, stats)
    if (seen.id === file.id) file.observe(seen, now)
    else this.#roster.urgent = true
  }

  async #tend(file: FollowedFile, now: MonoNs): Promise<void> {
    const { position, copyOf } = file
    if (position.head.bytes === 0 && file.size > 0) {
      // At once, and not when its turn comes: without it, it would not be known after a restart.
      file.position = withHead(position, await this.#roster.read(file, 0, HEAD_BYTES))
    } else if (copyOf !== undefined) {
      await watchCopy(this.#roster, file, copyOf)
    } else if (!file.due && position.offset > 0 && elapsed(file.changedAt, now) < SETTLED_AFTER) {
      await this.#roster.verify(file)
    }
  }

  /** Runs what may fail for the file's sake; that it did is known until a turn succeeds. */
  async #guard(file: FollowedFile, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isSystemError(error)) throw error
      // Another may have its name by now, or none: the next look tells.
      if (isGone(error)) this.#roster.urgent = true
      else file.problem = error.message
      if (!file.gone) await this.#roster.handles.close(file).catch(() => undefined)
    }
  }

  #tell(): void {
    const files = [...this.#roster.files.values()]
    const detail = this.#looks.problem ?? files.find(({ problem }) => problem)?.problem
    if (detail !== undefined && detail !== this.#detail) {
      this.#log('warn', 'files cannot be read', { detail })
    }
    if (detail === undefined && this.#detail !== undefined) {
      this.#log('info', 'files can be read again')
    }
    this.#detail = detail
  }
}
