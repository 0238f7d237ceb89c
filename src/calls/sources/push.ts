import { open } from 'node:fs/promises'
import { setImmediate as turn } from 'node:timers/promises'
import { TraceTextReader } from '../../protocol/trace-text.js'
import { beginningOf, decode } from '../follow/encoding.js'
import type { Encoding } from '../follow/position.js'
import { isSystemError } from '../follow/system-error.js'
import type { Clock } from '../../time/clock.js'
import { toSeconds } from '../../time/units.js'
import type { Inlet } from '../pool-calls.js'
import { readInSlices } from '../slices.js'
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
  readonly #pool: Inlet
  readonly #clock: Pick<Clock, 'mono'>
  readonly #counts: SavedCounts
  /** Hashes of the texts, the oldest first. */
  readonly #known: Set<string>

  constructor(pool: Inlet, clock: Pick<Clock, 'mono'>, saved: SavedSource | undefined) {
    this.#pool = pool
    this.#clock = clock
    this.#counts = saved?.counts ?? noCounts()
    this.#known = new Set(hashes(saved?.position))
  }

  async round(): Promise<{ readonly more: boolean }> {
    return { more: false }
  }

  /**
   * Counts the text in a file, whose hash tells it from others; undefined where there is no such file any more,
   * and nothing was counted. The caller makes nothing durable before this is over, so that a push counts as a
   * whole or not at all. @throws Error where reading fails midway: what is not durable by then must not
   * become so.
   */
  async take(path: string, hash: string): Promise<Pushed | undefined> {
    if (this.#known.has(hash)) return { records: 0, malformed: 0, repeated: true }
    const before = { ...this.#counts }
    const file = await opened(path)
    if (!file) return undefined
    try {
      await this.#read(file)
    } finally {
      await file.close()
    }
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

  async #read(file: FileHandle): Promise<void> {
    const reader = new TraceTextReader(this.#pool.sink(this.#counts))
    // A byte order mark and one more character than the window: that tells whether more follows.
    const buffer = Buffer.allocUnsafe(WINDOW_BYTES + 5)
    let encoding: Encoding = 'latin1'
    for (let at = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, at)
      const bytes = buffer.subarray(0, bytesRead)
      const beginning = at === 0 ? beginningOf(bytes) : undefined
      // UTF-16BE, or too short to tell: there is no record in it.
      if (typeof beginning === 'string') return
      encoding = beginning?.encoding ?? encoding
      const begin = beginning?.markBytes ?? 0
      const end = Math.min(bytesRead, begin + WINDOW_BYTES)
      // What is read late was heard of late: other texts of the same calls may follow.
      this.#pool.now = toSeconds(this.#clock.mono())
      const done = readInSlices(reader, encoding, bytes, [begin, end], bytesRead > end)
      this.#counts.readBytes += done
      at += done
      if (bytesRead <= end) return reader.finish(decode(encoding, bytes, done, bytesRead))
      await turn()
    }
  }
}

type FileHandle = Awaited<ReturnType<typeof open>>

/** Its sender's side removes it when the answer takes too long. */
const opened = async (path: string): Promise<FileHandle | undefined> => {
  try {
    return await open(path)
  } catch (error) {
    if (isSystemError(error)) return undefined
    throw error
  }
}

const hashes = (position: unknown): readonly string[] =>
  Array.isArray(position) ? position.filter(one => typeof one === 'string') : []
