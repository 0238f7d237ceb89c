import type { Cancel, Timers } from '../../src/net/platform.js'
import type { Clock } from '../../src/time/clock.js'
import { type MonoNs, type UnixNs, durationNs, monoNs, unixNs } from '../../src/time/units.js'

interface Timer {
  readonly due: bigint
  readonly run: () => void
}

/** Everything that waits for nothing but the event loop goes on. */
export const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** A monotonic clock that is moved by hand, and the timers on it. */
export class VirtualTime {
  now = 10n ** 12n
  /** How much later than asked for a timer fires; negative: earlier. */
  late = 0n
  readonly #timers = new Set<Timer>()

  readonly clock: Clock = {
    mono: (): MonoNs => monoNs(this.now),
    wall: (): UnixNs => unixNs(0n),
    uptime: () => ({ since: durationNs(this.now), resolution: durationNs(0n) }),
  }

  readonly timers: Timers = {
    after: (delay, run): Cancel => {
      const timer = { due: this.now + delay + this.late, run }
      this.#timers.add(timer)
      return () => this.#timers.delete(timer)
    },
  }

  /** How many timers wait. */
  get waiting(): number {
    return this.#timers.size
  }

  /** Lets time pass and runs what falls due, one after the other. */
  async pass(duration: bigint): Promise<void> {
    const end = this.now + duration
    for (;;) {
      await settle()
      const next = [...this.#timers].sort((a, b) => (a.due < b.due ? -1 : 1))[0]
      if (!next || next.due > end) break
      this.#timers.delete(next)
      if (next.due > this.now) this.now = next.due
      next.run()
    }
    this.now = end
    await settle()
  }

  /** The machine was busy: time passes and no timer has run yet. */
  skip(duration: bigint): void {
    this.now += duration
  }
}
