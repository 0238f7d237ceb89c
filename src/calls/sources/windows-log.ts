import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type Ended, runChild, systemProgram } from '../../net/child.js'
import { withDeadline } from '../../net/deadline.js'
import type { Log } from '../../net/log.js'
import type { Timers } from '../../net/platform.js'
import type { WindowsEvent } from '../../protocol/windows-event.js'
import { type DurationNs, toMilliseconds } from '../../time/units.js'
import { EventOutput } from './event-output.js'

/** Events that one child is asked for: about 5 MB. */
export const EVENTS_A_ROUND = 256
/** An event has 64 KiB at most, and its rendered text about as much; all that twice, in UTF-16. */
const OUTPUT_BYTES_LIMIT = EVENTS_A_ROUND * (256 << 10)
const BOOKMARK_BYTES_LIMIT = 64 << 10

export interface WindowsLogOptions {
  /** The log's name, as "Lync Server". */
  readonly log: string
  /** What {@link WindowsLog.save} gave; undefined begins with the log's oldest event. */
  readonly bookmark: string | undefined
  /** Where bookmarks are files while a child runs; it must exist. */
  readonly directory: string
  readonly onEvent: (event: WindowsEvent) => void
  /** The longest that one child may run. */
  readonly timeout: DurationNs
  readonly report: Log
  readonly command?: string
}

/** What is known of the reading of a log. */
export interface WindowsLogStatus {
  /** Whether the last round succeeded. */
  readonly up: boolean
  /** Why it did not; '' while up. */
  readonly detail: string
  /** Of rounds that succeeded. */
  readonly readBytes: number
  readonly events: number
  readonly malformed: number
}

/**
 * A Windows log, read on from a bookmark by one short-lived wevtutil a round. Exactly once: a round's
 * events are handed over, and its bookmark is taken, without an await between them, and only after the
 * child ended well; what {@link WindowsLog.save} gives belongs to the events handed over so far. A
 * subscription (one child that runs on) was refused: wevtutil has none.
 */
export class WindowsLog {
  readonly #options: WindowsLogOptions
  readonly #command: string
  #bookmark: string | undefined
  #status: WindowsLogStatus = { ...NOTHING_YET }
  #inTrouble = false
  #round: Promise<{ more: boolean }> | undefined

  constructor(options: WindowsLogOptions) {
    this.#options = options
    this.#command = options.command ?? systemProgram('wevtutil')
    this.#bookmark = options.bookmark
  }

  /**
   * Reads what has come since the last round. `more`: the round was full, and the next may be at once.
   * Never fails: see {@link WindowsLog.status}. Ended by `signal` it changes nothing. One at a time.
   */
  round(signal?: AbortSignal): Promise<{ more: boolean }> {
    this.#round ??= this.#inDirectory(signal).finally(() => (this.#round = undefined))
    return this.#round
  }

  /** The bookmark's file, a character a byte; undefined while no event has been read. */
  save(): { readonly bookmark: string | undefined } {
    return { bookmark: this.#bookmark }
  }

  status(): WindowsLogStatus {
    return this.#status
  }

  async #inDirectory(signal: AbortSignal | undefined): Promise<{ more: boolean }> {
    let directory: string | undefined
    try {
      // wevtutil wants full paths.
      directory = await mkdtemp(join(resolve(this.#options.directory), 'wevtutil-'))
      return await this.#query(directory, signal)
    } catch (error) {
      if (!isSystemError(error)) throw error
      return this.#failed(`no bookmark can be kept: ${error.message}`)
    } finally {
      // A child that was just killed may still hold its files on Windows.
      if (directory)
        await rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(ignore)
    }
  }

  async #query(directory: string, outer: AbortSignal | undefined): Promise<{ more: boolean }> {
    const from = join(directory, 'from.xml')
    const to = join(directory, 'to.xml')
    if (this.#bookmark !== undefined) await writeFile(from, this.#bookmark, 'latin1')
    const output = new EventOutput({ events: EVENTS_A_ROUND, bytes: OUTPUT_BYTES_LIMIT })
    const { log, timeout } = this.#options
    const after = this.#bookmark === undefined ? [] : [`/bm:${from}`]
    const format = ['/f:RenderedXml', '/uni:true', `/c:${EVENTS_A_ROUND}`]
    const ended = await withDeadline(timers, timeout, outer, signal =>
      runChild({
        command: this.#command,
        args: ['qe', log, ...format, ...after, `/sbm:${to}`],
        signal,
        onOutput: chunk => output.push(chunk),
      }),
    )
    if (outer?.aborted) return { more: false }
    const problem = problemOf(ended, output)
    if (problem !== undefined) return this.#failed(problem)
    if (output.events.length === 0) return this.#succeeded(output, this.#bookmark)
    const saved = await readBookmark(to)
    if (saved === undefined) return this.#failed('wevtutil saved no bookmark')
    if (saved === this.#bookmark) return this.#failed('wevtutil did not move the bookmark')
    return this.#succeeded(output, saved)
  }

  /** Without events the old bookmark stays: what wevtutil saves of an empty result is not documented. */
  #succeeded(output: EventOutput, bookmark: string | undefined): { more: boolean } {
    const { events, malformed, bytes } = output
    const { log, onEvent, report } = this.#options
    this.#bookmark = bookmark
    for (const event of events) onEvent(event)
    this.#status = {
      up: true,
      detail: '',
      readBytes: this.#status.readBytes + bytes,
      events: this.#status.events + events.length,
      malformed: this.#status.malformed + malformed,
    }
    if (this.#inTrouble) report('info', 'Windows log is read again', { log })
    this.#inTrouble = false
    return { more: events.length + malformed >= EVENTS_A_ROUND }
  }

  #failed(detail: string): { more: boolean } {
    const { log, report } = this.#options
    this.#status = { ...this.#status, up: false, detail }
    if (!this.#inTrouble) report('warn', 'Windows log is not read', { log, detail })
    this.#inTrouble = true
    return { more: false }
  }
}

const NOTHING_YET: WindowsLogStatus = {
  up: false,
  detail: 'not read yet',
  readBytes: 0,
  events: 0,
  malformed: 0,
}

const timers: Timers = {
  after: (delay, run) => {
    const timer = setTimeout(run, Math.ceil(toMilliseconds(delay)))
    return () => clearTimeout(timer)
  },
}

const problemOf = (ended: Ended, output: EventOutput): string | undefined => {
  const problem = ended.ok ? output.end() : ended.detail
  if (problem === undefined) return undefined
  const elsewhere = !ended.ok && ended.reason === 'missing' && process.platform !== 'win32'
  return `wevtutil: ${problem}${elsewhere ? ONLY_WINDOWS : ''}`
}

const ONLY_WINDOWS = ': only Windows has it; elsewhere give files that were exported'

/** A character a byte, since the file's encoding is wevtutil's own affair; undefined where there is none. */
const readBookmark = async (path: string): Promise<string | undefined> => {
  const bytes = await readFile(path).catch((error: unknown) => {
    if (isSystemError(error) && error.code === 'ENOENT') return Buffer.alloc(0)
    throw error
  })
  if (bytes.length === 0 || bytes.length > BOOKMARK_BYTES_LIMIT) return undefined
  return bytes.toString('latin1')
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error

const ignore = (): void => {}
