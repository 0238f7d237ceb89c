import { type Failure, failure } from '../net/failure.js'
import { type PageClock, readExporterPage } from '../protocol/exporter-page.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Clock } from '../time/clock.js'
import { type MonoNs, elapsed, seconds } from '../time/units.js'
import type { ExporterPages } from './exporter-pages.js'

/** A page with the clock, without its text: it is kept. */
export interface ClockPage {
  readonly ok: true
  /** Just before it was asked for, and when its last piece was in hand. */
  readonly sent: MonoNs
  readonly received: MonoNs
  readonly clock: PageClock
  /** What else the page tells. */
  readonly facts: TimeServiceFacts
}

/**
 * The collectors that may have the clock, each asked for alone. At last the whole page is: an exporter that is asked
 * for a collector which it does not have, or has off, refuses (400), and the oldest ones ignore filters.
 */
const SEARCH: readonly (readonly string[])[] = [['time'], ['os'], []]
const WHOLE: readonly (readonly string[])[] = [[]]

/** Collectors change with a restart and a new configuration; a search costs a line in the exporter's log. */
const REMEMBERED = seconds(3600)

interface Found {
  /** Where the clock is, or the whole page where it is nowhere. */
  readonly collectors: readonly string[]
  readonly hasClock: boolean
  readonly at: MonoNs
}

/** Gets the smallest page that has the clock, and remembers which one that is. */
export class ExporterClock {
  readonly #clock: Clock
  readonly #pages: ExporterPages
  #found: Found | undefined
  /** The series that is known to be printed down to the second. */
  #exact: string | undefined
  #last: ClockPage | undefined

  constructor(clock: Clock, pages: ExporterPages) {
    this.#clock = clock
    this.#pages = pages
  }

  /** The last page that had the clock. */
  get last(): ClockPage | undefined {
    return this.#last
  }

  async ask(signal: AbortSignal): Promise<ClockPage | Failure> {
    const known = this.#remembered()
    if (!known) return this.#search(signal)
    const page = await this.#get(known.collectors, signal)
    return page.ok || !page.goesOn || !known.hasClock ? page : this.#search(signal)
  }

  #remembered(): Found | undefined {
    const found = this.#found
    if (!found || elapsed(found.at, this.#clock.mono()) > REMEMBERED) return undefined
    return found
  }

  async #search(signal: AbortSignal): Promise<ClockPage | Failure> {
    this.#found = undefined
    let last: ClockPage | Failure = failure('no_time', 'nothing was asked')
    for (const collectors of this.#pages.canFilter ? SEARCH : WHOLE) {
      const page = await this.#get(collectors, signal)
      if (page.ok || !page.goesOn) {
        if (page.ok) this.#remember(collectors, true)
        return page
      }
      last = page
    }
    if (!last.ok && last.reason === 'no_time') this.#remember([], false)
    return last
  }

  #remember(collectors: readonly string[], hasClock: boolean): void {
    this.#found = { collectors, hasClock, at: this.#clock.mono() }
  }

  /** `goesOn`: it may be on another page. */
  async #get(
    collectors: readonly string[],
    signal: AbortSignal,
  ): Promise<ClockPage | (Failure & { readonly goesOn: boolean })> {
    const page = await this.#pages.get(collectors, signal)
    if (!page.ok) return { ...page, goesOn: page.refused === true }
    const read = this.#read(page.text)
    if (!read.ok) return { ...read, goesOn: read.reason === 'no_time' }
    const { clock, facts } = read
    this.#exact = clock.tellsSeconds ? clock.series : this.#exact
    const { sent, received } = page
    return (this.#last = { ok: true, sent, received, clock, facts })
  }

  /** One that always prints all its digits has been cut nowhere: those that are missing are zeros. */
  #read(text: Uint8Array): ReturnType<typeof readExporterPage> {
    const read = readExporterPage(text)
    const isExact = read.ok && !read.clock.tellsSeconds && read.clock.series === this.#exact
    return isExact ? readExporterPage(text, true) : read
  }
}
