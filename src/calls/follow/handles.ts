import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { seenOf } from './find-files.js'
import type { FollowedFile } from './followed-file.js'

/** Without waiting: opening a pipe that has taken a file's place would never end. */
const FLAGS =
  process.platform === 'win32' ? constants.O_RDONLY : constants.O_RDONLY | constants.O_NONBLOCK

/** Keeps a bounded number of files open: a rotated or deleted file can only be read through these. */
export class Handles {
  readonly #most: number
  /** Least recently used first. */
  readonly #open = new Set<FollowedFile>()

  constructor(most: number) {
    this.#most = most
  }

  /** Throws a system error: ENOENT also where the path leads to another file by now. */
  async of(file: FollowedFile): Promise<FileHandle> {
    if (file.handle !== undefined) {
      this.#open.delete(file)
      this.#open.add(file)
      return file.handle
    }
    while (this.#open.size >= this.#most) await this.close(this.#leastMissed())
    const handle = await open(file.path, FLAGS)
    try {
      const stats = await handle.stat({ bigint: true })
      if (seenOf(file.path, stats).id !== file.id) {
        throw Object.assign(new Error(`${file.path} is another file now`), { code: 'ENOENT' })
      }
    } catch (error) {
      await handle.close()
      throw error
    }
    file.handle = handle
    this.#open.add(file)
    return handle
  }

  async close(file: FollowedFile): Promise<void> {
    const { handle } = file
    file.handle = undefined
    this.#open.delete(file)
    await handle?.close()
  }

  async closeAll(): Promise<void> {
    for (const file of this.#open) await this.close(file)
  }

  /** What can be opened again by its name, before what cannot. */
  #leastMissed(): FollowedFile {
    const files = [...this.#open]
    const victim =
      files.find(file => file.matched && !file.gone) ?? files.find(file => !file.gone) ?? files[0]
    if (victim === undefined) throw new Error('no handle may be open at all')
    return victim
  }
}

/** Reads from `from` on until the buffer's first `bytes` bytes are full or the file is at its end. */
export const readAt = async (
  handle: FileHandle,
  buffer: Buffer,
  bytes: number,
  from: number,
): Promise<Buffer> => {
  let got = 0
  while (got < bytes) {
    const { bytesRead } = await handle.read(buffer, got, bytes - got, from + got)
    if (bytesRead === 0) break
    got += bytesRead
  }
  return buffer.subarray(0, got)
}
