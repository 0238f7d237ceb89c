import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { rootDistance } from '../protocol/ntp.js'
import { interval, overlaps } from '../time/interval.js'
import { type DurationNs, durationNs, milliseconds } from '../time/units.js'
import type { Reference } from './reference.js'

/** The witness is asked less often than the servers themselves are. */
const INTERVALS_BETWEEN = 4n
/** Its stamps are whole milliseconds, cut or rounded: each end is moved out by one. */
const STAMP_RESOLUTION = milliseconds(1)
/** After this many questions in a row without an answer its last word is too old. */
const MISSES_ALLOWED = 3

export interface WitnessOptions {
  readonly interval: DurationNs
  readonly timeout: DurationNs
}

/**
 * A second NTP client, written by others (`ntp-time-sync`), asks one agreeing server after the other.
 * A wrong sign or a wrong formula on our side would show here, and nowhere else: every other check
 * uses the same code. Only its raw stamps are used; its own offset is off by half the round trip.
 */
export class Witness {
  /** Whether its interval overlapped the consensus when last asked; undefined while not known. */
  agrees: boolean | undefined
  #next = 0
  #misses = 0
  readonly #platform: Platform
  readonly #reference: Reference
  readonly #options: WitnessOptions
  readonly #repeater: Repeater

  constructor(platform: Platform, reference: Reference, options: WitnessOptions) {
    this.#platform = platform
    this.#reference = reference
    this.#options = options
    const every = durationNs(options.interval * INTERVALS_BETWEEN)
    this.#repeater = new Repeater(platform, every, options.interval, () => this.#ask())
  }

  /** Whether these options would make no other witness. */
  asksBy(options: WitnessOptions): boolean {
    const { interval: every, timeout } = this.#options
    return options.interval === every && options.timeout === timeout
  }

  stop(): void {
    this.#repeater.stop()
  }

  async #ask(): Promise<void> {
    const { quorum } = this.#reference.consensus(this.#platform.clock.mono())
    const members = quorum.ok ? quorum.members : []
    const server = members[this.#next++ % Math.max(1, members.length)]
    const sample = server?.sample
    if (!server || !sample) return this.#miss()
    const { clock } = this.#platform
    const sent = clock.mono()
    const stamps = await this.#platform.askWitness(
      sample.address,
      server.options.port,
      this.#options.timeout,
    )
    const received = clock.mono()
    const consensus = this.#reference.consensus(received).interval
    if (!stamps || !consensus) return this.#miss()
    this.#misses = 0
    const margin = rootDistance(sample.packet) + STAMP_RESOLUTION
    const lo = stamps.transmit - received - margin
    const hi = stamps.receive - sent + margin
    // Stamps that contradict each other are no agreement either.
    this.agrees = lo <= hi && overlaps(interval(lo, hi), consensus)
  }

  #miss(): void {
    if (++this.#misses >= MISSES_ALLOWED) this.agrees = undefined
  }
}
