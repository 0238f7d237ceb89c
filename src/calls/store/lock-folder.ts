import { randomBytes } from 'node:crypto'
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf } from './error.js'
import type { Lock } from './lock.js'
import { ask, listenOn, type Listener, type LockState } from './lock-socket.js'

/** A socket of another process that may be alive. */
export interface Rival {
  readonly name: string
  readonly state: LockState | 'unknown'
  readonly detail: string
}

const ANNOUNCED = /^lock-[0-9a-f]{16}\.sock$/
const UNFINISHED = /^new-[0-9a-f]{16}\.sock$/
// sun_path with its terminating zero: 108 bytes on Linux, 104 elsewhere.
const MAX_SOCKET_PATH = process.platform === 'linux' ? 107 : 103

const LONGEST_NAME = 'lock-0123456789abcdef.sock'.length + 1
const LONGEST_PATH = MAX_SOCKET_PATH - LONGEST_NAME

const tooLong = (): Error =>
  new Error(`its path is too long for the socket in it: at most ${LONGEST_PATH} bytes`)

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR'])

const inode = async (path: string): Promise<string> => {
  const { dev, ino } = await stat(path, { bigint: true })
  return `${dev}:${ino}`
}

/** Our own socket under the name that the others look at. */
export class Announced implements Lock {
  readonly name: string
  readonly #listener: Listener
  readonly #path: string
  readonly #inode: string

  constructor(listener: Listener, folder: string, name: string, ownInode: string) {
    this.name = name
    this.#listener = listener
    this.#path = join(folder, name)
    this.#inode = ownInode
  }

  hold(): void {
    this.#listener.say('holding')
  }

  async held(): Promise<boolean> {
    // A disk that cannot be asked is a trouble that may pass; the one who writes has it too.
    const there = await inode(this.#path).catch((error: unknown) => {
      if (GONE.has(codeOf(error))) return undefined
      throw error
    })
    return there === this.#inode && this.#listener.server.listening
  }

  async release(): Promise<void> {
    // First the name, then the socket: in between it is alive, not dead.
    if (await this.held().catch(() => false))
      await rm(this.#path, { force: true }).catch(() => undefined)
    await this.#listener.close()
  }
}

/** The sockets of a directory. */
export class LockFolder {
  readonly #path: string
  /** Where a socket's name is short enough to be bound and connected to. */
  readonly #short: string
  readonly #handle: FileHandle | undefined

  private constructor(path: string, short: string, handle: FileHandle | undefined) {
    this.#path = path
    this.#short = short
    this.#handle = handle
  }

  /** @throws Error where the path is too long for sockets, or the directory cannot be opened */
  static async open(path: string): Promise<LockFolder> {
    if (Buffer.byteLength(path) <= LONGEST_PATH) return new LockFolder(path, path, undefined)
    if (process.platform !== 'linux') throw tooLong()
    // /proc names the same directory in few bytes, while it is open.
    const handle = await open(path, 'r')
    const short = `/proc/self/fd/${handle.fd}`
    if ((await inode(short).catch(() => undefined)) === (await inode(path)))
      return new LockFolder(path, short, handle)
    await handle.close()
    throw tooLong()
  }

  async close(): Promise<void> {
    await this.#handle?.close()
  }

  /**
   * Listens, then takes a name that the others look at: under that name it is never seen bound but
   * not listening, which would pass for dead. Undefined: swept away meanwhile, to be tried again.
   *
   * @throws Error where there can be no socket
   */
  async announce(who: string): Promise<Announced | undefined> {
    const id = randomBytes(8).toString('hex')
    const unfinished = `new-${id}.sock`
    const name = `lock-${id}.sock`
    const listener = await listenOn(join(this.#short, unfinished), who)
    try {
      const own = await inode(join(this.#path, unfinished))
      await rename(join(this.#path, unfinished), join(this.#path, name))
      return new Announced(listener, this.#path, name, own)
    } catch (error) {
      await listener.close()
      if (codeOf(error) === 'ENOENT') return undefined
      throw error
    }
  }

  /** All that is not known to be dead; what is dead is removed. */
  async others(own: string): Promise<readonly Rival[]> {
    const names = (await readdir(this.#path)).filter(name => name !== own && ANNOUNCED.test(name))
    const rivals = await Promise.all(names.map(name => this.#rival(name)))
    return rivals.flatMap(rival => rival ?? [])
  }

  /** For the holder: removes what was left by starters that were killed before they had a name. */
  async sweep(): Promise<void> {
    for (const name of await readdir(this.#path)) {
      if (!UNFINISHED.test(name)) continue
      const { state } = await ask(join(this.#short, name))
      // One that is bound and not yet listening goes with them; its starter tries again.
      if (state === 'dead') await rm(join(this.#path, name), { force: true }).catch(() => undefined)
    }
  }

  async #rival(name: string): Promise<Rival | undefined> {
    const asked = await ask(join(this.#short, name))
    switch (asked.state) {
      case 'gone':
        return undefined
      case 'dead':
        // Where it cannot be removed it stays dead all the same.
        await rm(join(this.#path, name), { force: true }).catch(() => undefined)
        return undefined
      case 'unknown':
        return { name, state: asked.state, detail: asked.detail }
      case 'starting':
      case 'holding':
        return { name, state: asked.state, detail: asked.who }
    }
  }
}
