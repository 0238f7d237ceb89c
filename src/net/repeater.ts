import { type DurationNs, type MonoNs, durationNs, elapsed, later } from '../time/units.js'
import type { Cancel, Platform } from './platform.js'

/**
 * Runs `work` at phase + k · interval on the monotonic clock. A run that is not over when the next
 * one is due makes that one fall out; lateness never adds up, and after a long pause the missed runs
 * are not made up for.
 */
export class Repeater {
  readonly #platform: Pick<Platform, 'clock' | 'timers'>
  readonly #work: () => Promise<void>
  #due: MonoNs
  #interval: DurationNs
  #cancel: Cancel = () => undefined
  #busy = false
  #stopped = false

  /** The first run is `phase` from now. `work` handles its own failures: it never rejects. */
  constructor(
    platform: Pick<Platform, 'clock' | 'timers'>,
    interval: DurationNs,
    phase: DurationNs,
    work: () => Promise<void>,
  ) {
    this.#platform = platform
    this.#work = work
    this.#interval = interval
    this.#due = later(platform.clock.mono(), phase)
    this.#schedule()
  }

  /** From the next run on: at `phase` from now, then every `interval`. */
  retime(interval: DurationNs, phase: DurationNs): void {
    this.#interval = interval
    this.#due = later(this.#platform.clock.mono(), phase)
    this.#cancel()
    if (!this.#stopped) this.#schedule()
  }

  /** Runs now as well, unless it is running. */
  runNow(): void {
    if (!this.#busy && !this.#stopped) void this.#run()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #schedule(): void {
    const wait = elapsed(this.#platform.clock.mono(), this.#due)
    this.#cancel = this.#platform.timers.after(wait > 0n ? wait : durationNs(0n), () => {
      this.#due = this.#next()
      this.#schedule()
      this.runNow()
    })
  }

  /** Counted from when this run was due: timers fire late, and by a fraction of a millisecond early. */
  #next(): MonoNs {
    const late = elapsed(this.#due, this.#platform.clock.mono())
    const missed = late > 0n ? late / this.#interval : 0n
    return later(this.#due, durationNs(this.#interval * (missed + 1n)))
  }

  async #run(): Promise<void> {
    this.#busy = true
    try {
      await this.#work()
    } finally {
      this.#busy = false
    }
  }
}
