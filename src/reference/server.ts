import { type Failure, type Reason, failure } from '../net/failure.js'
import type { Log } from '../net/log.js'
import { ntpExchange, ntpReasons } from '../net/ntp-client.js'
import type { Address, Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { Tally } from '../net/tally.js'
import {
  type KissCode,
  type NtpExchange,
  type NtpPacket,
  discardReasons,
  exchangeInterval,
  isUnsynchronised,
  kissCode,
  rootDistance,
  roundTrip,
} from '../protocol/ntp.js'
import { type Interval, overlaps, widen } from '../time/interval.js'
import { type Track, WANDER_PPM, estimate, forget, newTrack, track } from '../time/tracker.js'
import { type DurationNs, type MonoNs, durationNs, max, min, seconds } from '../time/units.js'

export interface ReferenceServerOptions {
  readonly name: string
  readonly host: string
  readonly port: number
  readonly interval: DurationNs
  readonly timeout: DurationNs
}

/** What the last good exchange said of the server. */
export interface ReferenceSample {
  readonly at: MonoNs
  readonly rtt: DurationNs
  readonly packet: NtpPacket
  readonly address: Address
}

const BURST = 8
/** What `iburst` of chrony and ntpd does; quicker where the interval is short. */
const BURST_SPACING = seconds(2)
/** A server farther than this from its own source is no reference (RFC 5905 §11.2.1, MAXDIST). */
const ROOT_DISTANCE_LIMIT = seconds(1)
/** RATE doubles the interval each time, up to this (RFC 5905 §7.4; 1024 s as ntpd's maxpoll). */
const BACKOFF_LIMIT = seconds(1024)
const REACH_BITS = 0xff

/** One trusted server: asked on schedule, judged, and followed as (true time − our monotonic clock). */
export class ReferenceServer {
  readonly options: ReferenceServerOptions
  readonly failures = new Tally(ntpReasons)
  readonly discards = new Tally(discardReasons)
  /** Ends when the first burst is over, however it went. */
  readonly settled: Promise<void>
  sample: ReferenceSample | undefined
  /** The last reply of any kind: what the server says of itself now. */
  packet: NtpPacket | undefined
  #track: Track = newTrack(WANDER_PPM)
  /** The last eight questions, a bit each (RFC 5905 §9.2): answered at all, and with usable time. */
  #answered = 0
  #usable = 0
  #asked = 0
  #interval: DurationNs
  #stopped = false
  #lastReason: Reason | undefined
  #settle: () => void = () => undefined
  readonly #platform: Platform
  readonly #log: Log
  readonly #onAsked: (contradiction: boolean) => void
  readonly #abort = new AbortController()
  readonly #repeater: Repeater

  /** `onAsked` hears of the end of every question, and whether the answer contradicts the others. */
  constructor(
    platform: Platform,
    log: Log,
    options: ReferenceServerOptions,
    phase: DurationNs,
    onAsked: (contradiction: boolean) => void,
  ) {
    this.options = options
    this.#platform = platform
    this.#log = log
    this.#onAsked = onAsked
    this.#interval = options.interval
    this.settled = new Promise(resolve => (this.#settle = resolve))
    this.#repeater = new Repeater(platform, this.#spacing(), phase, () => this.#ask())
  }

  /** Answered at least one of the last eight questions, and did not tell us to go away. */
  get reachable(): boolean {
    return this.#answered !== 0 && !this.#stopped
  }

  /** A kiss-o'-death has ended it: it is not asked any more. */
  get stopped(): boolean {
    return this.#stopped
  }

  /** What is known of (true time − our monotonic clock) from this server. */
  get track(): Track {
    return this.#track
  }

  /** Its vote, while it gives time. */
  vote(now: MonoNs): Interval | undefined {
    return this.#usable !== 0 && !this.#stopped ? estimate(this.#track, now) : undefined
  }

  /**
   * Forgets every reading and takes a new burst: our monotonic clock lost time. A server that asked for
   * less (RATE) is asked in its turn, and no more.
   */
  restart(): void {
    this.#track = forget(this.#track)
    this.#usable = 0
    if (this.#isBackedOff()) return
    this.#asked = 0
    this.#repeater.retime(this.#spacing(), durationNs(0n))
  }

  /** Asks out of turn, unless the server asked for less. */
  askNow(): void {
    if (!this.#stopped && !this.#isBackedOff()) this.#repeater.runNow()
  }

  stop(): void {
    this.#repeater.stop()
    this.#abort.abort()
    this.#settle()
  }

  #isBackedOff(): boolean {
    return this.#interval > this.options.interval
  }

  #spacing(): DurationNs {
    return min(BURST_SPACING, durationNs(this.options.interval / BigInt(BURST)))
  }

  async #ask(): Promise<void> {
    const { host, port, timeout } = this.options
    const result = await ntpExchange(this.#platform, {
      host,
      port,
      timeout,
      signal: this.#abort.signal,
      onDiscard: reason => this.discards.count(reason),
    })
    if (this.#abort.signal.aborted) return
    this.#answered = ((this.#answered << 1) & REACH_BITS) | (result.ok ? 1 : 0)
    this.#usable = (this.#usable << 1) & REACH_BITS
    if (result.ok) this.packet = result.exchange.packet
    const judged = result.ok ? this.#judge(result.exchange) : result
    let contradiction = false
    if (!judged.ok) this.#fail(judged)
    else if (result.ok) {
      const before = this.vote(result.exchange.received)
      contradiction = before !== undefined && !overlaps(before, judged.interval)
      this.#accept(judged.interval, result.exchange, result.address)
    }
    if (++this.#asked === BURST) this.#endBurst()
    this.#onAsked(contradiction)
  }

  #judge(exchange: NtpExchange): { ok: true; interval: Interval } | Failure {
    const { packet } = exchange
    const kiss = kissCode(packet)
    if (kiss !== undefined) return this.#kissed(kiss)
    if (isUnsynchronised(packet)) {
      return failure('no_time', `not synchronised: leap ${packet.leap}, stratum ${packet.stratum}`)
    }
    const distance = rootDistance(packet)
    if (distance > ROOT_DISTANCE_LIMIT) {
      return failure('no_time', `root distance of ${distance / 1_000_000n} ms`)
    }
    const against = exchangeInterval(exchange)
    if (!against) return failure('implausible', 'stamps that cannot be true')
    return { ok: true, interval: widen(against, distance) }
  }

  /** RFC 5905 §7.4: RATE asks for less, DENY and RSTR for nothing more. */
  #kissed(code: KissCode): Failure {
    if (code === 'DENY' || code === 'RSTR') {
      this.#stopped = true
      this.#repeater.stop()
      this.#settle()
      return failure('kiss_of_death', `${code}: not asked again until the next reload`)
    }
    const ceiling = max(BACKOFF_LIMIT, this.options.interval)
    this.#interval = min(durationNs(this.#interval * 2n), ceiling)
    this.#endBurst()
    return failure('kiss_of_death', code)
  }

  #accept(reading: Interval, exchange: NtpExchange, address: Address): void {
    const { received: at, packet } = exchange
    this.#track = track(this.#track, { at, interval: reading })
    this.#usable |= 1
    this.sample = { at, rtt: roundTrip(exchange), packet, address }
    if (this.#lastReason)
      this.#log('info', 'reference server answers', { server: this.options.name })
    this.#lastReason = undefined
  }

  #fail({ reason, detail }: Failure): void {
    this.failures.count(reason)
    if (reason === this.#lastReason) return
    this.#lastReason = reason
    const server = this.options.name
    this.#log('warn', 'reference server gives no time', { server, reason, detail })
  }

  /** From now on one question an interval; a restarted burst ends here as well. */
  #endBurst(): void {
    this.#asked = BURST
    this.#settle()
    if (!this.#stopped) this.#repeater.retime(this.#interval, this.#interval)
  }
}
