import type { Log } from '../../net/log.js'
import type { TextReader } from '../../protocol/text-reader.js'
import { TraceTextReader } from '../../protocol/trace-text.js'
import { WindowsEventReader } from '../../protocol/windows-event.js'
import type { Clock } from '../../time/clock.js'
import { Follower } from '../follow/follower.js'
import { type SavedFile, isSavedFile } from '../follow/saved.js'
import type { Inlet, SourceCounts } from '../pool-calls.js'
import { type SavedSource, type Source, type SourceStatus, noCounts } from './source.js'

/** Read at once before other sources have their turn: some 20 ms of work. */
const ROUND_BYTES = 8 * 1024 * 1024

export interface FileParts {
  readonly log: Log
  readonly clock: Pick<Clock, 'mono'>
  /** Files that no pattern means. */
  readonly isOurs?: (path: string) => boolean
}

/** Files that grow: traces, or events as XML. */
export class FileSource implements Source {
  readonly every = 0.5
  readonly #counts: SourceCounts
  readonly #follower: Follower

  constructor(
    pattern: string,
    newReader: (counts: SourceCounts, saved: unknown) => TextReader,
    { log, clock, isOurs }: FileParts,
    saved: SavedSource | undefined,
  ) {
    const { readBytes, ...counts } = saved?.counts ?? noCounts()
    this.#counts = counts
    this.#follower = new Follower({
      pattern,
      saved: savedFiles(saved?.position),
      readBytes,
      newReader: was => newReader(this.#counts, was),
      log,
      clock,
      ...(isOurs && { isOurs }),
    })
  }

  round(): Promise<{ readonly more: boolean }> {
    return this.#follower.round(ROUND_BYTES)
  }

  save(): readonly SavedFile[] {
    return this.#follower.save()
  }

  status(): SourceStatus {
    const { up, detail, files, readBytes, lagBytes } = this.#follower.status()
    return { ...this.#counts, up, detail, files, readBytes, lagBytes }
  }

  close(): Promise<void> {
    return this.#follower.close()
  }
}

const savedFiles = (position: unknown): readonly SavedFile[] =>
  Array.isArray(position) ? position.filter(isSavedFile) : []

export const traceReader =
  (pool: Inlet) =>
  (counts: SourceCounts, saved: unknown): TextReader =>
    new TraceTextReader(pool.sink(counts), saved)

export const eventReader =
  (pool: Inlet) =>
  (counts: SourceCounts): TextReader =>
    new WindowsEventReader(
      event => {
        counts.records++
        pool.event(event)
      },
      () => void counts.malformed++,
    )
