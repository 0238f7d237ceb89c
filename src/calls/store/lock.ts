import { createHash } from 'node:crypto'
import { mkdir, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, resolve } from 'node:path'
import { detailOf, codeOf } from './error.js'
import { LockFolder } from './lock-folder.js'
import { ask, listenOn, type Listener } from './lock-socket.js'

/** A directory that is this process's own, until it is released or lost. */
export interface Lock {
  /**
   * False once the lock was lost: its socket was deleted or replaced, and another process may have
   * taken the directory. To be asked before each write. @throws Error where that cannot be seen now
   */
  held(): Promise<boolean>
  release(): Promise<void>
}

/** `detail`: who holds it, or why it cannot be locked. */
export type Locked =
  { readonly ok: true; readonly lock: Lock } | { readonly ok: false; readonly detail: string }

/** How long starters that meet are given to agree; it takes them milliseconds. */
const AGREE_MS = 5000
const LOOK_AGAIN_MS = 10
const BACK_OFF_MS = 50

const who = (): string => {
  const host = hostname().replaceAll(/[^\x21-\x7e]/g, '?')
  return `process ${process.pid} on ${host.slice(0, 200)}`
}

const heldBy = (holder: string): Locked => ({
  ok: false,
  detail: `the directory is in use by ${holder}`,
})

const pause = (ms: number): Promise<void> => new Promise(done => setTimeout(done, ms))

/**
 * Makes a directory this process's own; it is created where it is missing.
 *
 * Each starter listens on a socket in the directory under a name that nobody else ever has, and only
 * then looks at the others: of two, at least one sees the other, and who sees a holder gives up. Among
 * starters the least name goes first; the others withdraw and come again. A socket whose process has
 * ended refuses connections for good, so that it can be removed by anyone at any time. One socket of a
 * fixed name was refused: between seeing that it is dead and replacing it, another starter may have
 * replaced it already. A lock file with a process's number was refused: numbers are used again, and
 * mean nothing in another container. Sockets do across all containers of a host; across hosts nothing
 * here does, but `held()` tells the loser.
 */
export const lockDirectory = async (directory: string): Promise<Locked> => {
  try {
    const path = await placeOf(resolve(directory))
    return process.platform === 'win32' ? await lockPipe(path) : await lockFolder(path)
  } catch (error) {
    return { ok: false, detail: `the directory cannot be locked: ${detailOf(error)}` }
  }
}

/** The directory's one name; made where there is none. */
const placeOf = async (path: string): Promise<string> => {
  try {
    return await realpath(path)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
    await makeDirectory(path)
    return realpath(path)
  }
}

/** Not `recursive`, which never ends where a directory can in no way be made, as in /proc. */
const makeDirectory = async (path: string): Promise<void> => {
  const made = await mkdir(path, { mode: 0o700 }).catch((error: unknown) => error)
  if (made === undefined || codeOf(made) === 'EEXIST') return
  if (codeOf(made) !== 'ENOENT' || dirname(path) === path) throw made
  await makeDirectory(dirname(path))
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    // Another starter was faster.
    if (codeOf(error) !== 'EEXIST') throw error
  })
}

const lockFolder = async (path: string): Promise<Locked> => {
  const folder = await LockFolder.open(path)
  try {
    const deadline = performance.now() + AGREE_MS
    for (;;) {
      const locked = await attempt(folder, deadline)
      if (locked !== 'again') return locked
      await pause(Math.random() * BACK_OFF_MS)
    }
  } finally {
    await folder.close()
  }
}

/** One announcement: held, refused, or withdrawn in favour of another starter. */
const attempt = async (folder: LockFolder, deadline: number): Promise<Locked | 'again'> => {
  const socket = await folder.announce(who())
  if (socket === undefined) return 'again'
  const withdrawn = async <T>(outcome: T): Promise<T> => {
    await socket.release()
    return outcome
  }
  try {
    for (;;) {
      const rivals = await folder.others(socket.name)
      const holder = rivals.find(rival => rival.state === 'holding')
      if (holder !== undefined) return await withdrawn(heldBy(holder.detail))
      if (rivals.length === 0) break
      if (performance.now() > deadline) {
        const told = rivals.map(rival => `${rival.name}: ${rival.detail}`).join(', ')
        const detail = `whether the directory is in use cannot be told (${told})`
        return await withdrawn({ ok: false, detail })
      }
      if (rivals.some(rival => rival.state === 'starting' && rival.name < socket.name))
        return await withdrawn('again')
      await pause(LOOK_AGAIN_MS)
    }
    socket.hold()
    // Whoever deleted it while we looked may have missed us.
    if (!(await socket.held())) return await withdrawn('again')
    await folder.sweep()
    return { ok: true, lock: socket }
  } catch (error) {
    return withdrawn({ ok: false, detail: detailOf(error) })
  }
}

/**
 * Windows keeps a pipe's name for one process, and frees it with its end. Not tested: no Windows
 * machine was at hand. It does not hold across containers, which have pipes of their own.
 */
const lockPipe = async (path: string): Promise<Locked> => {
  const digest = createHash('sha256').update(path.toLowerCase()).digest('hex')
  const name = `\\\\.\\pipe\\edgeclock-${digest}`
  let listener: Listener
  try {
    listener = await listenOn(name, who())
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE' && codeOf(error) !== 'EACCES') throw error
    const asked = await ask(name)
    return heldBy('who' in asked ? asked.who : 'another process')
  }
  listener.say('holding')
  const held = async (): Promise<boolean> => listener.server.listening
  return { ok: true, lock: { held, release: () => listener.close() } }
}
