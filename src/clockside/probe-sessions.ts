import type { Module } from '../config/modules.js'
import type { Cancel, Platform } from '../net/platform.js'
import type { ProbeSession, ProbeTarget } from '../probers/prober.js'
import { openProbe } from '../probers/table.js'
import type { ProberKind } from '../config/modules.js'
import { type DurationNs, type MonoNs, durationNs, elapsed, seconds } from '../time/units.js'

/** How long one is kept after its last use: longer than between two scrapes. */
const KEPT_FOR = seconds(300)
const MAX_KEPT = 256

interface Kept {
  readonly session: ProbeSession
  isBusy: boolean
  usedAt: MonoNs
}

type Open = (platform: Platform, target: ProbeTarget<ProberKind>) => ProbeSession

/**
 * Sessions of readings on demand. A prober that aims gets better from one reading to the next, and one that
 * keeps its connection cheaper; who asks through /probe at each scrape has both.
 */
export class ProbeSessions {
  readonly #platform: Platform
  readonly #open: Open
  /** The one that was used longest ago is first. */
  readonly #kept = new Map<string, Kept>()
  #cancel: Cancel | undefined

  constructor(platform: Platform, open: Open = openProbe) {
    this.#platform = platform
    this.#open = open
  }

  /** Has `work` use the session of this host and module. A second request meanwhile gets one of its own. */
  async use<T>(
    host: string,
    module: Module,
    work: (session: ProbeSession) => Promise<T>,
  ): Promise<T> {
    const key = [host, ...Object.values(module)].join('\0')
    const one = this.#take(key, host, module)
    try {
      return await work(one.session)
    } finally {
      this.#giveBack(key, one)
    }
  }

  /** Closes all: our own clock lost time, or it ends. Those at work are closed when they are done. */
  forget(): void {
    for (const { isBusy, session } of this.#kept.values()) if (!isBusy) session.close()
    this.#kept.clear()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #take(key: string, host: string, module: Module): Kept {
    const known = this.#kept.get(key)
    if (known && !known.isBusy) {
      known.isBusy = true
      return known
    }
    const session = this.#open(this.#platform, { host, module })
    const one = { session, isBusy: true, usedAt: this.#platform.clock.mono() }
    if (!known && this.#hasRoom()) this.#kept.set(key, one)
    return one
  }

  #giveBack(key: string, one: Kept): void {
    if (this.#kept.get(key) !== one) return one.session.close()
    one.isBusy = false
    one.usedAt = this.#platform.clock.mono()
    this.#kept.delete(key)
    this.#kept.set(key, one)
    if (!this.#cancel) this.#closeAfter(KEPT_FOR)
  }

  #hasRoom(): boolean {
    if (this.#kept.size < MAX_KEPT) return true
    for (const [key, one] of this.#kept) {
      if (one.isBusy) continue
      this.#close(key, one)
      return true
    }
    return false
  }

  #closeAfter(wait: DurationNs): void {
    this.#cancel = this.#platform.timers.after(wait, () => this.#closeIdle())
  }

  #closeIdle(): void {
    this.#cancel = undefined
    const now = this.#platform.clock.mono()
    for (const [key, one] of this.#kept) {
      if (one.isBusy) continue
      const left = durationNs(KEPT_FOR - elapsed(one.usedAt, now))
      if (left > 0n) return this.#closeAfter(left)
      this.#close(key, one)
    }
  }

  #close(key: string, { session }: Kept): void {
    this.#kept.delete(key)
    session.close()
  }
}
