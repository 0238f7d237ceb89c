import { type FileHandle, open } from 'node:fs/promises'
import { type SystemError, isSystemError } from '../follow/system-error.js'

/** Held of one input at a time. */
export const WINDOW_BYTES = 1 << 20
/** Two more bytes than the window tell whether more follows. */
export const WANTED_BYTES = WINDOW_BYTES + 2

/** Where text comes from: a file, or a pipe. */
export interface Input {
  readonly name: string
  /** Bytes; undefined where they are not known beforehand. */
  readonly size: number | undefined
  /**
   * What follows the first `done` bytes: WANTED_BYTES, or all that is left. Good until anything is asked of
   * any input; `done` never goes back. Throws system errors.
   */
  next(done: number): Promise<Buffer>
  close(): Promise<void>
}

/** Files are read into one buffer, a pipe into its own: many files cost no more than one. */
const shared = Buffer.allocUnsafeSlow(WANTED_BYTES)

class FileInput implements Input {
  readonly name: string
  readonly size: number
  readonly #handle: FileHandle

  constructor(name: string, size: number, handle: FileHandle) {
    this.name = name
    this.size = size
    this.#handle = handle
  }

  async next(done: number): Promise<Buffer> {
    let length = 0
    while (length < shared.length) {
      const wanted = shared.length - length
      const { bytesRead } = await this.#handle.read(shared, length, wanted, done + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return shared.subarray(0, length)
  }

  close(): Promise<void> {
    return this.#handle.close()
  }
}

/** What comes in pieces and only once: standard input, a named pipe. */
export class StreamInput implements Input {
  readonly name: string
  readonly size = undefined
  readonly #chunks: AsyncIterator<Buffer>
  readonly #buffer = Buffer.allocUnsafeSlow(WANTED_BYTES)
  #length = 0
  #from = 0
  #chunk: Buffer = Buffer.alloc(0)

  constructor(name: string, stream: AsyncIterable<Buffer>) {
    this.name = name
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  async next(done: number): Promise<Buffer> {
    this.#buffer.copyWithin(0, done - this.#from, this.#length)
    this.#length -= done - this.#from
    this.#from = done
    while (this.#length < this.#buffer.length) {
      if (this.#chunk.length === 0) {
        const next = await this.#chunks.next()
        if (next.done) break
        this.#chunk = next.value
      }
      const copied = this.#chunk.copy(this.#buffer, this.#length)
      this.#length += copied
      this.#chunk = this.#chunk.subarray(copied)
    }
    return this.#buffer.subarray(0, this.#length)
  }

  async close(): Promise<void> {
    await this.#chunks.return?.()
  }
}

export type Opened =
  | { readonly ok: true; readonly input: Input }
  | { readonly ok: false; readonly name: string; readonly detail: string }

export const openFile = async (name: string): Promise<Opened> => {
  let handle: FileHandle | undefined
  try {
    handle = await open(name)
    const stats = await handle.stat()
    if (stats.isDirectory()) {
      await handle.close()
      return { ok: false, name, detail: reasons['EISDIR'] }
    }
    const input = stats.isFile()
      ? new FileInput(name, stats.size, handle)
      : new StreamInput(name, handle.createReadStream() as AsyncIterable<Buffer>)
    return { ok: true, input }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { ok: false, name, detail: describeError(error) }
  }
}

const reasons = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EPERM: 'it may not be read',
  EISDIR: 'it is a folder',
}

/** For people. */
export const describeError = ({ code }: SystemError): string =>
  Object.hasOwn(reasons, code) ? reasons[code as keyof typeof reasons] : code
