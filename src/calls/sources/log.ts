import type { Log } from '../../net/log.js'
import { type DurationNs, seconds, toSeconds } from '../../time/units.js'
import type { Inlet } from '../pool-calls.js'
import {
  type SavedCounts,
  type SavedSource,
  type Source,
  type SourceStatus,
  noCounts,
} from './source.js'
import { WindowsLog } from './windows-log.js'

/** One child of wevtutil; it reads 256 events, which takes some tenths of a second. */
const TIMEOUT = seconds(30)

/** A log of this Windows machine. */
export class LogSource implements Source {
  readonly every: number
  readonly #before: SavedCounts
  readonly #log: WindowsLog

  constructor(
    name: string,
    interval: DurationNs,
    directory: string,
    pool: Inlet,
    report: Log,
    saved: SavedSource | undefined,
  ) {
    this.every = toSeconds(interval)
    this.#before = saved?.counts ?? noCounts()
    this.#log = new WindowsLog({
      log: name,
      bookmark: bookmarkOf(saved?.position),
      directory,
      onEvent: event => pool.event(event),
      timeout: TIMEOUT,
      report,
    })
  }

  round(signal: AbortSignal): Promise<{ readonly more: boolean }> {
    return this.#log.round(signal)
  }

  save(): unknown {
    return this.#log.save()
  }

  status(): SourceStatus {
    const { up, detail, readBytes, events, malformed } = this.#log.status()
    return {
      up,
      detail: up ? undefined : detail,
      records: this.#before.records + events,
      malformed: this.#before.malformed + malformed,
      dropped: 0,
      readBytes: this.#before.readBytes + readBytes,
      lagBytes: undefined,
      files: undefined,
    }
  }

  async close(): Promise<void> {
    // The signal of the last round has ended its child.
  }
}

const bookmarkOf = (position: unknown): string | undefined =>
  typeof position === 'object' &&
  position !== null &&
  'bookmark' in position &&
  typeof position.bookmark === 'string'
    ? position.bookmark
    : undefined
