import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, detailOf } from './error.js'
import { decodeState, encodeState, type DecodedState } from './state-format.js'

/**
 * `state` is undefined where there is none yet, or none that could be read. `setAside`: why it could
 * not, and under what name all of it was kept; for people.
 * Not ok: the directory or its file may not be read, and nothing in it was touched.
 */
export type OpenedState =
  | {
      readonly ok: true
      readonly file: StateFile
      readonly state: unknown
      readonly setAside: string | undefined
    }
  | { readonly ok: false; readonly detail: string }

/**
 * - `lost`: the directory is not ours any more; nothing was written, and nothing may be any more
 * - `io`: no space, no permission and the like; the state before it stands, or the new one may not last
 */
export type WrittenState =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'lost' | 'io'; readonly detail: string }

const NAME = 'state.json'
const UNFINISHED = /^state\.json\.[0-9a-f]{12}\.tmp$/
/** Some tens of times what is ever written; a larger file is not ours. */
const MAX_BYTES = 256 * 1024 * 1024
/** What systems answer that cannot sync a directory. */
const NO_DIRECTORY_SYNC = new Set(['EINVAL', 'EPERM', 'EISDIR', 'EACCES', 'ENOTSUP', 'ENOSYS'])

/** The state of what was counted: `state.json` of a directory that is ours alone. */
export class StateFile {
  readonly #directory: string
  readonly #held: () => Promise<boolean>
  #last: Promise<unknown> = Promise.resolve()

  private constructor(directory: string, held: () => Promise<boolean>) {
    this.#directory = directory
    this.#held = held
  }

  /** `held` is asked before each replacement of the file: the lock's. The directory is there. */
  static async open(directory: string, held: () => Promise<boolean>): Promise<OpenedState> {
    const file = new StateFile(directory, held)
    try {
      const read = await readState(join(directory, NAME))
      const setAside = read?.ok === false ? await file.setAside(read.why) : undefined
      await file.#removeUnfinished()
      return { ok: true, file, state: read?.ok === true ? read.state : undefined, setAside }
    } catch (error) {
      return { ok: false, detail: `the state cannot be read: ${detailOf(error)}` }
    }
  }

  /**
   * Replaces the state: after a crash at any instant either all of the old one or all of the new one
   * is there. Writes go one after the other.
   */
  write(json: string): Promise<WrittenState> {
    const written = this.#last.then(() => this.#write(json))
    this.#last = written
    return written
  }

  async #write(json: string): Promise<WrittenState> {
    const unfinished = join(this.#directory, `${NAME}.${randomBytes(6).toString('hex')}.tmp`)
    try {
      const content = encodeState(json)
      // What would not be read again must not take the place of what can be.
      if (content.length > MAX_BYTES) throw new Error(`the state has ${content.length} bytes`)
      await writeSynced(unfinished, content)
      // As late as can be: with it in place of another process's state, that would be lost.
      if (!(await this.#held())) {
        await rm(unfinished, { force: true })
        return { ok: false, reason: 'lost', detail: 'the state directory is not ours any more' }
      }
      await rename(unfinished, join(this.#directory, NAME))
      await syncDirectory(this.#directory)
      return { ok: true }
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined)
      return { ok: false, reason: 'io', detail: detailOf(error) }
    }
  }

  /**
   * Gives the file another name, which is told. For a state that turns out to be none.
   * An exclusively made empty file is replaced, so that nothing set aside earlier is.
   * @throws Error where it cannot be renamed
   */
  async setAside(why: string): Promise<string> {
    const numbers = (await readdir(this.#directory))
      .map(name => Number(/^state\.json\.unreadable-(\d{1,9})$/.exec(name)?.[1] ?? 0))
      .reduce((most, number) => Math.max(most, number), 0)
    const name = `${NAME}.unreadable-${numbers + 1}`
    const place = join(this.#directory, name)
    await (await open(place, 'wx', 0o600)).close()
    try {
      await rename(join(this.#directory, NAME), place)
    } catch (error) {
      await rm(place, { force: true }).catch(() => undefined)
      throw error
    }
    await syncDirectory(this.#directory)
    return `${why}; it was kept as ${name}`
  }

  async #removeUnfinished(): Promise<void> {
    for (const name of await readdir(this.#directory))
      if (UNFINISHED.test(name)) await rm(join(this.#directory, name), { force: true })
  }
}

/** @throws Error where it is there and may not be read, or is no file */
const readState = async (path: string): Promise<DecodedState | undefined> => {
  let handle: FileHandle
  try {
    // Opened, a pipe would wait for a writer.
    if (!(await stat(path)).isFile()) throw new Error(`${path} is not a file`)
    handle = await open(path, 'r')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  }
  try {
    const { size } = await handle.stat()
    if (size > MAX_BYTES) return { ok: false, why: `it is larger than ${MAX_BYTES} bytes` }
    return decodeState(await handle.readFile())
  } finally {
    await handle.close()
  }
}

const writeSynced = async (path: string, content: Buffer): Promise<void> => {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(content)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes a rename last. Not all systems can: Windows does it by itself. */
const syncDirectory = async (path: string): Promise<void> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    await handle.sync()
  } catch (error) {
    if (!NO_DIRECTORY_SYNC.has(codeOf(error))) throw error
  } finally {
    await handle?.close()
  }
}
