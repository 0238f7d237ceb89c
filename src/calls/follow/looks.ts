import { dirname } from 'node:path'
import { elapsed, seconds } from '../../time/units.js'
import { type Look, type Pattern, type Seen, filesIn, findFiles } from './find-files.js'
import { FollowedFile } from './followed-file.js'
import { type Lost, type Roster } from './roster.js'
import { isSystemError } from './system-error.js'

/** A file without a name that is one of the pattern's is read until it has been quiet for so long. */
const QUIET_RENAMED = seconds(60)
const QUIET_GONE = seconds(5)
/** A head of so many bytes has a time stamp in it. */
const TELLING_BYTES = 64

const newestFirst = (a: Seen, b: Seen): number =>
  a.modified === b.modified ? 0 : a.modified < b.modified ? 1 : -1

/** Looks which files there are, and brings what is followed in line with it. */
export class Looks {
  /** What kept the last look from seeing all, for people. */
  problem: string | undefined
  /** Files beyond the limit. */
  leftOut = 0
  readonly #roster: Roster
  readonly #pattern: Pattern
  readonly #folders = new Map<string, Look>()

  constructor(roster: Roster, pattern: Pattern) {
    this.#roster = roster
    this.#pattern = pattern
  }

  async look(): Promise<void> {
    this.#roster.urgent = false
    this.#folders.clear()
    const { found, problem, complete } = await findFiles(this.#pattern)
    this.problem = problem
    const chosen = this.#choose(found)
    for (const seen of chosen) this.#meet(seen)
    // As long as not all can be seen, nothing is known to be missing: a file server may be away.
    if (complete) {
      await this.#missing(new Set(chosen.map(({ id }) => id)), new Set(found.map(({ id }) => id)))
      for (const lost of this.#roster.lost.filter(({ sought }) => !sought)) await this.#seek(lost)
    }
    await this.#linkCopies()
    this.#folders.clear()
  }

  #choose(found: readonly Seen[]): readonly Seen[] {
    const most = this.#roster.limits.files
    const leftOut = Math.max(0, found.length - most)
    if (leftOut > 0 && this.leftOut === 0) {
      this.#roster.log('warn', 'too many files: the oldest are left out', { leftOut, most })
    }
    this.leftOut = leftOut
    return leftOut === 0 ? found : [...found].sort(newestFirst).slice(0, most)
  }

  #meet(seen: Seen): void {
    const roster = this.#roster
    const known = roster.files.get(seen.id)
    if (known === undefined) {
      const lost = roster.lost.find(({ was }) => was.id === seen.id)
      if (lost === undefined) roster.add(seen)
      else roster.resume(lost, seen)
      return
    }
    known.path = seen.path
    known.matched = true
    known.gone = false
    known.observe(seen, roster.now())
  }

  async #missing(chosen: ReadonlySet<string>, found: ReadonlySet<string>): Promise<void> {
    const roster = this.#roster
    for (const file of [...roster.files.values()].filter(({ id }) => !chosen.has(id))) {
      if (found.has(file.id)) {
        await this.#forget(file, true)
        continue
      }
      const { found: inFolder, complete } = await this.#folder(file.path)
      const renamed = inFolder.find(({ id }) => id === file.id)
      if (renamed !== undefined) {
        file.path = renamed.path
        file.matched = false
        file.gone = false
        file.observe(renamed, roster.now())
      } else if (complete && file.handle === undefined) {
        await this.#forget(file, false)
      } else if (complete) {
        file.matched = false
        file.gone = true
      }
    }
  }

  /** Finds a file by its content, whatever it is called now. */
  async #seek(lost: Lost): Promise<void> {
    const roster = this.#roster
    const { id, path, offset, head } = lost.was
    const { found, complete } = await this.#folder(path)
    const candidates = found
      .filter(seen => !roster.files.has(seen.id) && seen.size >= offset)
      // Little that was not even read tells nothing: then its inode has to.
      .filter(seen => offset > 0 || head.bytes >= TELLING_BYTES || seen.id === id)
      .sort((a, b) => Number(b.id === id) - Number(a.id === id) || newestFirst(a, b))
    for (const seen of candidates.slice(0, roster.limits.files)) {
      if (!(await this.#isSame(lost, seen))) continue
      roster.resume(lost, seen).matched = false
      return
    }
    if (!complete) return
    roster.lost = roster.lost.filter(other => other !== lost || offset > 0)
    lost.sought = true
  }

  async #isSame({ was }: Lost, seen: Seen): Promise<boolean> {
    const roster = this.#roster
    const probe = new FollowedFile(seen, roster.newReader(undefined), roster.now())
    probe.size = seen.size
    try {
      return await roster.contains(probe, was)
    } catch (error) {
      if (!isSystemError(error)) throw error
      return false
    } finally {
      await roster.handles.close(probe)
    }
  }

  /** Copies out of the last run wait for their original again, or go on in its place. */
  async #linkCopies(): Promise<void> {
    const roster = this.#roster
    for (const [copy, id] of roster.orphans) {
      roster.orphans.delete(copy)
      const original = roster.files.get(id)
      const lost = roster.lost.find(({ was }) => was.id === id)
      if (original !== undefined && original !== copy) copy.copyOf = original
      else if (lost !== undefined) await this.#quietly(() => roster.inherit(copy, lost.was))
    }
  }

  /** Forgets what has lost its name and has been read to its end. After each has been looked at. */
  async clear(): Promise<void> {
    const { files, limits, now } = this.#roster
    const rotated = [...files.values()].filter(({ matched }) => !matched)
    rotated.sort((a, b) => Number(a.changedAt - b.changedAt))
    for (const [i, file] of rotated.entries()) {
      const quiet = elapsed(file.changedAt, now()) >= (file.gone ? QUIET_GONE : QUIET_RENAMED)
      const tooMany = i < rotated.length - limits.files
      if ((quiet && !file.due) || tooMany) await this.#forget(file, true)
    }
  }

  async #forget(file: FollowedFile, sought: boolean): Promise<void> {
    await this.#quietly(() => this.#roster.forget(file, sought))
  }

  /** What cannot be read now is tried again at the next look. */
  async #quietly(work: () => Promise<unknown>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isSystemError(error)) throw error
    }
  }

  async #folder(path: string): Promise<Look> {
    const folder = dirname(path)
    const known = this.#folders.get(folder)
    if (known !== undefined) return known
    const look = await filesIn(folder)
    this.#folders.set(folder, look)
    return look
  }
}
