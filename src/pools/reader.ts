import type { Module } from '../config/modules.js'
import type { Failure, Reason } from '../net/failure.js'
import type { Log, LogFields } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { Tally } from '../net/tally.js'
import type { Facts, ProbeReading, ProbeSession } from '../probers/prober.js'
import { openProbe, reasonsOf } from '../probers/table.js'
import { discardReasons } from '../protocol/ntp.js'
import { PHI_PPM, type Track, WANDER_PPM, forget, newTrack, track } from '../time/tracker.js'
import { type DurationNs, type MonoNs, durationNs, elapsed, toSeconds } from '../time/units.js'
import { ToldIdentities } from './told-identities.js'

export interface ReaderOptions {
  readonly pool: string
  readonly server: string
  readonly host: string
  readonly module: Module
  readonly interval: DurationNs
}

/** How the last question went. */
export interface LastRead {
  readonly ok: boolean
  readonly duration: DurationNs
  readonly reason?: Reason
}

/** After kisses-o'-death a server is left alone for 1, 2, 4 … at most this many intervals. */
const LONGEST_PAUSE = 64
/**
 * What a server answers that has no time for us, or not for us. It is asked again after 1, 2, 4, then every 8
 * intervals: such a state lasts until somebody changes it. One that is silent gives nothing to be spared of.
 */
const ERRORS: ReadonlySet<Reason> = new Set([
  'protocol',
  'tls',
  'unauthenticated',
  'no_time',
  'implausible',
])
const LONGEST_WAIT = 8
/** Of so many readings it is remembered what the server called itself. */
const REMEMBERED_NAMES = 8

/** One module of one server, read on schedule: it waits for nobody, and nobody waits for it. */
export class Reader {
  readonly options: ReaderOptions
  readonly failures: Tally<Reason>
  readonly discards = new Tally(discardReasons)
  last: LastRead | undefined
  /** The last good reading's. */
  rtt: DurationNs | undefined
  facts: Facts = {}
  /** What the computers were called that answered the last few readings; of a load balancer several. */
  computers: readonly string[] = []
  readonly #identities = new ToldIdentities()
  #track: Track = newTrack(WANDER_PPM + PHI_PPM)
  #turn: MonoNs
  #kisses = 0
  #errors = 0
  /** Turns to be left out. */
  #pause = 0
  readonly #platform: Platform
  readonly #log: Log
  readonly #onStep: () => void
  readonly #session: ProbeSession
  readonly #abort = new AbortController()
  readonly #repeater: Repeater

  constructor(
    platform: Platform,
    log: Log,
    options: ReaderOptions,
    turn: MonoNs,
    onStep: () => void,
  ) {
    this.options = options
    this.failures = new Tally(reasonsOf(options.module.kind))
    this.#platform = platform
    this.#log = log
    this.#onStep = onStep
    this.#session = openProbe(platform, {
      host: options.host,
      module: options.module,
      onDiscard: why => this.discards.count(why),
    })
    this.#turn = turn
    this.#repeater = new Repeater(platform, options.interval, this.#untilTurn(), () => this.#read())
  }

  /** The server's clock − our monotonic clock, as followed by this module. */
  get track(): Track {
    return this.#track
  }

  /** Reads at once, whatever it answered last; only a server that asked for silence is left in peace. */
  readNow(): void {
    if (this.#kisses === 0) this.#pause = 0
    this.#repeater.runNow()
  }

  /** Reads at `turn` and every interval before and after it. */
  takeTurnsFrom(turn: MonoNs): void {
    if (turn === this.#turn) return
    this.#turn = turn
    this.#repeater.retime(this.options.interval, this.#untilTurn())
  }

  /** Our monotonic clock lost time: what was read before no longer holds. Reads again at once. */
  restart(): void {
    this.#track = forget(this.#track)
    this.readNow()
  }

  stop(): void {
    this.#repeater.stop()
    this.#abort.abort()
    this.#session.close()
  }

  #untilTurn(): DurationNs {
    const { interval } = this.options
    const left = elapsed(this.#platform.clock.mono(), this.#turn) % interval
    return durationNs(left < 0n ? left + interval : left)
  }

  async #read(): Promise<void> {
    if (this.#pause > 0) {
      this.#pause--
      return
    }
    const { clock } = this.#platform
    const started = clock.mono()
    const result = await this.#session.read(this.#abort.signal)
    if (this.#abort.signal.aborted) return
    const duration = elapsed(started, clock.mono())
    if (result.ok) this.#accept(result, duration)
    else this.#fail(result, duration)
  }

  #accept(reading: ProbeReading, duration: DurationNs): void {
    if (this.last?.ok !== true) this.#say('info', 'server answers')
    this.last = { ok: true, duration }
    this.rtt = reading.rtt
    const { identity } = reading.facts
    this.facts = {
      ...reading.facts,
      ...(identity && { identity: this.#identities.told(identity) }),
    }
    this.computers = remembered(this.computers, reading.facts)
    this.#kisses = this.#errors = 0
    const { steps } = this.#track
    this.#track = track(this.#track, reading)
    const { lastStep } = this.#track
    if (!lastStep || this.#track.steps === steps) return
    this.#say('warn', "the server's clock jumped", { bySeconds: toSeconds(lastStep.size) })
    this.#onStep()
  }

  #fail({ reason, detail }: Failure, duration: DurationNs): void {
    if (this.last?.reason !== reason) this.#say('warn', 'server is not read', { reason, detail })
    this.last = { ok: false, duration, reason }
    this.failures.count(reason)
    if (reason === 'kiss_of_death') this.#pause = Math.min(2 ** this.#kisses++, LONGEST_PAUSE)
    if (ERRORS.has(reason)) this.#pause = Math.min(2 ** this.#errors++, LONGEST_WAIT) - 1
  }

  #say(level: 'info' | 'warn', message: string, more: LogFields = {}): void {
    const { pool, server, module } = this.options
    this.#log(level, message, { pool, server, module: module.name, ...more })
  }
}

const remembered = (names: readonly string[], { identity }: Facts): readonly string[] => {
  const name = identity?.computer ?? identity?.dnsName
  return name === undefined ? names : [...names, name].slice(-REMEMBERED_NAMES)
}

/** How old the newest reading is at `now`; undefined where there is none. */
export const ageOf = ({ last }: Track, now: MonoNs): DurationNs | undefined =>
  last && durationNs(now - last.at)
