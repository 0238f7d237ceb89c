import { isDeepStrictEqual } from 'node:util'
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
  monoNs,
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

/** The last consensus, for a silence. */
interface Kept extends Reading {
  readonly ppm: number
  /** Of the newest reading that is in it. */
  readonly readAt: MonoNs
  readonly members: ReadonlySet<string>
}

/**
 * True time on our monotonic clock, from the vote of the trusted servers. In their silence the last
 * consensus is kept and its error grows with its age; where they answer and disagree, nothing is
 * told. Our wall clock is in none of it.
 */
export class Reference {
  #options: ReferenceConfig
  #servers: readonly ReferenceServer[] = []
  #kept: Kept | undefined
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
   * A new list of servers. One that did not change goes on as it was, unless a kiss-o'-death had stopped
   * it: then it is tried again. The last consensus is kept if most of the new list were in it.
   */
  apply(options: ReferenceConfig): void {
    const before = new Map(this.#servers.map(server => [server.options.name, server]))
    const { interval, timeout } = options
    this.#options = options
    this.#servers = options.servers.map((server, i) => {
      const { host, port } = server
      const name = port === NTP_PORT ? host : formatEndpoint(server)
      const settings = { name, host, port, interval, timeout }
      const known = before.get(name)
      if (known && !known.stopped && isDeepStrictEqual(known.options, settings)) return known
      const phase = durationNs(STAGGER * BigInt(i))
      return new ReferenceServer(this.#platform, this.#log, settings, phase, contradiction =>
        this.#heard(contradiction),
      )
    })
    for (const server of before.values()) if (!this.#servers.includes(server)) server.stop()
    const kept = this.#servers.filter(({ options: { name } }) => this.#kept?.members.has(name))
    if (kept.length < majority(this.#servers.length)) this.#kept = undefined
    this.#settled = false
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

  /** How fast true time runs against our monotonic clock, from the agreeing server that knows best. */
  drift({ quorum: verdict }: Consensus): Drift | undefined {
    const members = verdict.ok ? verdict.members : []
    const known = members.flatMap(server => drift(server.track) ?? [])
    return known.sort((a, b) => a.error - b.error)[0]
  }

  /** Our monotonic clock lost time: all that is known is from before, so all of it is taken again. */
  restart(): void {
    this.#kept = undefined
    for (const server of this.#servers) server.restart()
  }

  /**
   * A server stepped, or our own monotonic clock did (a paused virtual machine): all are asked at once,
   * so that what was true before does not outlive it for a whole interval.
   */
  suspect(): void {
    const now = this.#platform.clock.mono()
    const since = this.#suspectedAt === undefined ? undefined : elapsed(this.#suspectedAt, now)
    if (since !== undefined && since < this.#options.interval) return
    this.#suspectedAt = now
    for (const server of this.#servers) server.askNow()
  }

  stop(): void {
    for (const server of this.#servers) server.stop()
  }

  /** Called after every question: keeps the consensus for a later silence and tells of changes. */
  #heard(contradiction: boolean): void {
    const now = this.#platform.clock.mono()
    const { interval, quorum: verdict, synchronized } = this.consensus(now)
    if (verdict.ok && interval) this.#keep(verdict.members, interval, now)
    else if (!verdict.ok && verdict.reason === 'disagree') this.#kept = undefined
    if (contradiction) this.suspect()
    // Before the first bursts are over, not to know is no news.
    if (synchronized !== this.#told && (synchronized || this.#settled)) this.#tell(synchronized)
  }

  #inSilence(reason: 'too_few' | 'disagree', now: MonoNs): Interval | undefined {
    if (reason === 'disagree' || !this.#kept) return undefined
    return widen(this.#kept.interval, ppm(this.#kept.ppm, elapsed(this.#kept.at, now)))
  }

  #keep(members: readonly ReferenceServer[], interval: Interval, at: MonoNs): void {
    this.#kept = {
      at,
      interval,
      ppm: Math.max(WANDER_PPM, ...members.map(server => ageingPpm(server.track))),
      readAt: newestOf(members),
      members: new Set(members.map(server => server.options.name)),
    }
  }

  #age(verdict: Quorum<ReferenceServer>, now: MonoNs): DurationNs | undefined {
    if (verdict.ok) return elapsed(newestOf(verdict.members), now)
    return this.#inSilence(verdict.reason, now) && this.#kept && elapsed(this.#kept.readAt, now)
  }

  #tell(synchronized: boolean): void {
    this.#told = synchronized
    const needed = majority(this.#servers.length)
    if (synchronized) this.#log('info', 'true time is known', { servers: this.#servers.length })
    else this.#log('warn', 'true time is not known', { servers: this.#servers.length, needed })
  }
}

const newestOf = (members: readonly ReferenceServer[]): MonoNs =>
  members.flatMap(({ track }) => track.last?.at ?? []).reduce(max, monoNs(0n))
