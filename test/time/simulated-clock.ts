import type { Clock } from '../../src/time/clock.js'
import { type DurationNs, type MonoNs, type UnixNs } from '../../src/time/units.js'

const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n

/** A read of one of the clocks: how long it takes before and after it looks. */
export interface ReadCost {
  readonly before: bigint
  readonly after: bigint
}

/**
 * A machine whose clocks are known better than it can read them itself. Its time passes only by
 * reading a clock, or by hand.
 */
export class SimulatedClock implements Clock {
  /** The monotonic clock, exactly. */
  now = 10n ** 15n
  /** The true wall clock − the monotonic clock. */
  wallOffset: bigint
  /** Time since boot − the monotonic clock. */
  slept = 0n
  /** Of the time since boot. */
  resolution = SECOND
  /** A wall clock that does not tick. */
  standing: bigint | undefined
  reads = 0
  readonly #cost: (read: number) => ReadCost

  constructor(wallOffset: bigint, cost: (read: number) => ReadCost = hundredNanoseconds) {
    this.wallOffset = wallOffset
    this.#cost = cost
  }

  mono(): MonoNs {
    return this.#read(() => this.now) as MonoNs
  }

  wall(): UnixNs {
    return this.#read(() => {
      const wall = this.standing ?? this.now + this.wallOffset
      return wall - (wall % MILLISECOND)
    }) as UnixNs
  }

  /** Cut to its resolution. */
  uptime(): { since: DurationNs; resolution: DurationNs } {
    const { resolution } = this
    const since = this.#read(() => {
      const exactly = this.now + this.slept
      return exactly - (exactly % resolution)
    })
    return { since: since as DurationNs, resolution: resolution as DurationNs }
  }

  pass(duration: bigint): void {
    this.now += duration
  }

  #read(look: () => bigint): bigint {
    const { before, after } = this.#cost(this.reads++)
    this.now += before
    const seen = look()
    this.now += after
    return seen
  }
}

export const hundredNanoseconds = (): ReadCost => ({ before: 50n, after: 50n })
