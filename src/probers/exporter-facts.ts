import type { Platform } from '../net/platform.js'
import { pageFacts } from '../protocol/exporter-page.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import { type DurationNs, type MonoNs, durationNs, elapsed, min, seconds } from '../time/units.js'
import type { ClockPage } from './exporter-clock.js'
import type { ExporterPages } from './exporter-pages.js'

/** How old facts get, at most: state of a service, not the clock. */
const FRESH = seconds(50)
/** So long a server is left alone at most that had too little time for it. */
const LONGEST_PAUSE = seconds(3600)
/** A collector that was refused: it may have been off, or have failed just then. */
const REFUSED_FOR = seconds(3600)

/**
 * What an exporter tells of the time service, collected apart from the clock: what it takes then widens no
 * bound. A collector that is refused is left alone for an hour.
 */
export class ExporterFacts {
  readonly #platform: Platform
  readonly #pages: ExporterPages
  /** When each collector was refused last. */
  readonly #refused = new Map<string, MonoNs>()
  #told: TimeServiceFacts = {}
  #at: MonoNs | undefined
  #pause: DurationNs = FRESH

  constructor(platform: Platform, pages: ExporterPages) {
    this.#platform = platform
    this.#pages = pages
  }

  get told(): TimeServiceFacts {
    return this.#told
  }

  /** Never rejects; a fact that is not to be had is absent. `page`: the last one with the clock. */
  async refresh(page: ClockPage | undefined, signal: AbortSignal): Promise<void> {
    const now = this.#platform.clock.mono()
    if (!page || (this.#at !== undefined && elapsed(this.#at, now) < this.#pause)) return
    this.#at = now
    this.#told = {}
    const isWhole = await this.#collect(page, signal)
    this.#pause = isWhole ? FRESH : min(LONGEST_PAUSE, durationNs(this.#pause * 2n))
  }

  /** Asks for what the clock's own page does not have; false where there was no answer to that. */
  async #collect({ clock, facts }: ClockPage, signal: AbortSignal): Promise<boolean> {
    if (!this.#pages.canFilter) return true
    for (const { collector, fact } of clock.kind.collectors) {
      if (fact in facts || this.#isLeftAlone(collector)) continue
      const page = await this.#pages.get([collector], signal)
      if (page.ok) this.#told = { ...this.#told, ...pageFacts(page.text) }
      else if (page.refused) this.#refused.set(collector, this.#platform.clock.mono())
      else return false
    }
    return true
  }

  #isLeftAlone(collector: string): boolean {
    const at = this.#refused.get(collector)
    return at !== undefined && elapsed(at, this.#platform.clock.mono()) < REFUSED_FOR
  }
}
