import { open } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { TraceTextReader } from '../../protocol/trace-text.js'
import type { PoolCalls } from '../pool-calls.js'
import {
  type SavedCounts,
  type SavedSource,
  type Source,
  type SourceStatus,
  noCounts,
} from './source.js'

const WINDOW_BYTES = 1024 * 1024
/** Pushes that are known again when their sender, who got no answer, sends them again. */
const MAX_REMEMBERED = 1000

/** What a push held. */
export interface Pushed {
  readonly records: number
  readonly malformed: number
  /** The same text was counted before, and now was not. */
  readonly repeated: boolean
}

/** Traces that are sent to us. They are files by the time they come here. */
export class PushSource implements Source {
  readonly every = 60
  readonly #pool: PoolCalls
  readonly #counts: SavedCounts
  /** Hashes of the texts, the oldest first. */
  readonly #known: Set<string>

  constructor(pool: PoolCalls, saved: SavedSource | undefined) {
    this.#pool = pool
    this.#counts = saved?.counts ?? noCounts()
    this.#known = new Set(hashes(saved?.position))
  }

  async round(): Promise<{ readonly more: boolean }> {
    return { more: false }
  }

  /**
   * Counts the text in a file, whose hash tells it from others. The caller makes nothing durable before
   * this is over, so that a push counts as a whole or not at all. @throws Error if it cannot be read.
   */
  async take(path: string, hash: string): Promise<Pushed> {
    if (this.#known.has(hash)) return { records: 0, malformed: 0, repeated: true }
    const before = { ...this.#counts }
    await this.#read(path)
    this.#known.add(hash)
    const [oldest] = this.#known
    if (this.#known.size > MAX_REMEMBERED && oldest !== undefined) this.#known.delete(oldest)
    return {
      records: this.#counts.records - before.records,
      malformed: this.#counts.malformed - before.malformed,
      repeated: false,
    }
  }

  save(): unknown {
    return [...this.#known]
  }

  status(): SourceStatus {
    return { ...this.#counts, up: true, detail: undefined, lagBytes: undefined, files: undefined }
  }

  async close(): Promise<void> {
    // Holds nothing open.
  }

  async #read(path: string): Promise<void> {
    const reader = new TraceTextReader(this.#pool.sink(this.#counts))
    const buffer = Buffer.allocUnsafe(WINDOW_BYTES)
    const file = await open(path)
    try {
      const { size } = await file.stat()
      const wide = await isUtf16(file, buffer)
      for (let at = wide ? 2 : 0; at < size;) {
        const { bytesRead } = await file.read(buffer, 0, WINDOW_BYTES, at)
        if (bytesRead === 0) break
        const more = at + bytesRead < size
        const text = buffer.toString(wide ? 'utf16le' : 'latin1', 0, bytesRead)
        const done = reader.read(text, more) * (wide ? 2 : 1)
        this.#counts.readBytes += done
        at += done
        if (!more) return this.#end(text.slice(wide ? done / 2 : done))
        await turn()
      }
    } finally {
      await file.close()
    }
  }

  /** There is no more to come: what waits for it is cut. */
  #end(rest: string): void {
    if (rest.includes('$$begin_record')) this.#counts.malformed++
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>

const isUtf16 = async (file: FileHandle, buffer: Buffer): Promise<boolean> => {
  const { bytesRead } = await file.read(buffer, 0, 2, 0)
  return bytesRead === 2 && buffer.readUInt16LE(0) === 0xfeff
}

const hashes = (position: unknown): readonly string[] =>
  Array.isArray(position) ? position.filter(one => typeof one === 'string') : []
