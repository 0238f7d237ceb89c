import type { ReferenceConfig } from '../config/config.js'
import { formatEndpoint } from '../config/endpoint.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { NTP_PORT } from '../protocol/ntp.js'
import { type Interval, halfWidth, widen } from '../time/interval.js'
import { type Quorum, majority, quorum } from '../time/quorum.js'
import { type Drift, type Reading, WANDER_PPM, ageingPpm, drift } from '../time/tracker.js'
import {
  type DurationNs,
  type MonoNs,
  durationNs,
  elapsed,
  max,
  milliseconds,
  ppm,
} from '../time/units.js'
import { ReferenceServer } from './server.js'

/** Servers are asked one after the other, so that no reply waits for another's to be handled. */
const STAGGER = milliseconds(20)

/** The servers' verdict at one instant. */
export interface Consensus {
  /** (true time − our monotonic clock), where that may be told; else undefined. */
  readonly interval: Interval | undefined
  readonly quorum: Quorum<ReferenceServer>
  /** Since the newest reading that is in it. */
  readonly age: DurationNs | undefined
  /** Known, and to better than `max_error`. */
  readonly synchronized: boolean
}

/**
 * True time on our monotonic clock, from the vote of the trusted servers. In their silence the last
 * consensus is kept and its error grows with its age; where they answer and disagree, nothing is
 * told. Our wall clock is in none of it.
 */
export class Reference {
  #options: ReferenceConfig
  #servers: readonly ReferenceServer[] = []
  #kept: (Reading & { readonly ppm: number }) | undefined
  #suspectedAt: MonoNs | undefined
  #told: boolean | undefined
  #settled = false
  readonly #platform: Platform
  readonly #log: Log

  constructor(platform: Platform, log: Log, options: ReferenceConfig) {
    this.#platform = platform
    this.#log = log
    this.#options = options
    this.apply(options)
  }

  get servers(): readonly ReferenceServer[] {
    return this.#servers
  }

  /**
   * A new list of servers, all asked anew with a burst, so that those which a kiss-o'-death had stopped
   * are tried again. The consensus is kept meanwhile, as in a silence.
   */
  apply(options: ReferenceConfig): void {
    for (const server of this.#servers) server.stop()
    this.#options = options
    const { servers, interval, timeout } = options
    this.#servers = servers.map((server, i) => {
      const { host, port } = server
      const name = port === NTP_PORT ? host : formatEndpoint(server)
      const settings = { name, host, port, interval, timeout }
      const phase = durationNs(STAGGER * BigInt(i))
      return new ReferenceServer(this.#platform, this.#log, settings, phase, contradiction =>
        this.#heard(contradiction),
      )
    })
    void this.settled().then(() => {
      this.#settled = true
    })
  }

  /** All first bursts are over. */
  async settled(): Promise<void> {
    await Promise.all(this.#servers.map(server => server.settled))
  }

  consensus(now: MonoNs): Consensus {
    const votes = this.#servers.flatMap(server => {
      const interval = server.vote(now)
      return interval ? [{ id: server, interval }] : []
    })
    const verdict = quorum(votes, this.#servers.length)
    const interval = verdict.ok ? verdict.interval : this.#inSilence(verdict.reason, now)
    const synchronized = interval !== undefined && halfWidth(interval) <= this.#options.maxError
    return { interval, quorum: verdict, age: this.#age(verdict, now), synchronized }
  }

  /** How fast true time runs against our monotonic clock, from the server that knows it best. */
  drift(): Drift | undefined {
    const known = this.#servers.flatMap(server => drift(server.track) ?? [])
    return known.sort((a, b) => a.error - b.error)[0]
  }

  /** Our monotonic clock lost time: all that is known is from before, so all of it is taken again. */
  restart(): void {
    this.#kept = undefined
    for (const server of this.#servers) server.restart()
  }

  stop(): void {
    for (const server of this.#servers) server.stop()
  }

  /** Called after every question: keeps the consensus for a later silence and tells of changes. */
  #heard(contradiction: boolean): void {
    const now = this.#platform.clock.mono()
    const { interval, quorum: verdict, synchronized } = this.consensus(now)
    if (verdict.ok && interval)
      this.#kept = { at: now, interval, ppm: this.#ageing(verdict.members) }
    else if (!verdict.ok && verdict.reason === 'disagree') this.#kept = undefined
    if (contradiction) this.#suspect(now)
    // Before the first bursts are over, not to know is no news.
    if (synchronized !== this.#told && (synchronized || this.#settled)) this.#tell(synchronized)
  }

  /**
   * A server stepped, or our own monotonic clock did (a paused virtual machine): the others are asked
   * at once, so that a majority from before does not outvote the truth for a whole interval.
   */
  #suspect(now: MonoNs): void {
    const since = this.#suspectedAt === undefined ? undefined : elapsed(this.#suspectedAt, now)
    if (since !== undefined && since < this.#options.interval) return
    this.#suspectedAt = now
    for (const server of this.#servers) server.askNow()
  }

  #inSilence(reason: 'too_few' | 'disagree', now: MonoNs): Interval | undefined {
    if (reason === 'disagree' || !this.#kept) return undefined
    return widen(this.#kept.interval, ppm(this.#kept.ppm, elapsed(this.#kept.at, now)))
  }

  #ageing(members: readonly ReferenceServer[]): number {
    return Math.max(WANDER_PPM, ...members.map(server => ageingPpm(server.track)))
  }

  #age(verdict: Quorum<ReferenceServer>, now: MonoNs): DurationNs | undefined {
    if (!verdict.ok) return this.#kept && elapsed(this.#kept.at, now)
    const newest = verdict.members.flatMap(({ track }) => track.last?.at ?? []).reduce(max, 0n)
    return elapsed(newest as MonoNs, now)
  }

  #tell(synchronized: boolean): void {
    this.#told = synchronized
    const needed = majority(this.#servers.length)
    if (synchronized) this.#log('info', 'true time is known', { servers: this.#servers.length })
    else this.#log('warn', 'true time is not known', { servers: this.#servers.length, needed })
  }
}
