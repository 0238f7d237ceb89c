import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import type { Interval } from '../time/interval.js'
import { type WallReading, catchTick, glanceAtWall } from '../time/tick.js'
import { type Track, WANDER_PPM, estimate, newTrack, track } from '../time/tracker.js'
import { type DurationNs, type MonoNs, durationNs, seconds } from '../time/units.js'
import {
  type HostEvent,
  type HostLook,
  hostEvent,
  lookAtHost,
  wallJump,
} from '../time/wall-watch.js'

const LOOK_EVERY = seconds(1)

/** This machine's own clocks, looked at every second: the wall clock's offset, its steps, and sleeps. */
export class HostClock {
  steps = 0
  suspends = 0
  lastStep: DurationNs | undefined
  #track: Track = newTrack(WANDER_PPM)
  #look: HostLook
  readonly #platform: Platform
  readonly #onEvent: (event: HostEvent) => void
  readonly #repeater: Repeater

  constructor(platform: Platform, onEvent: (event: HostEvent) => void) {
    this.#platform = platform
    this.#onEvent = onEvent
    this.#look = lookAtHost(platform.clock)
    this.#repeater = new Repeater(platform, LOOK_EVERY, durationNs(0n), async () => this.#read())
  }

  /** (wall clock − our monotonic clock) at `now`. */
  offset(now: MonoNs): Interval | undefined {
    return estimate(this.#track, now)
  }

  /**
   * Has anything happened since the last look? For around each exchange: the time since boot, which costs as much as
   * all the rest of a reading, is asked only where the wall clock jumped. A sleep that hides from the wall
   * clock too is seen by the next {@link check}, within a second.
   */
  glance(): void {
    const glance = glanceAtWall(this.#platform.clock)
    if (wallJump(this.#look.glance, glance) !== undefined) this.check()
  }

  /** Has anything happened? Asked before anything is published, so that no sleep goes unseen. */
  check(): WallReading {
    const look = lookAtHost(this.#platform.clock)
    const event = hostEvent(this.#look, look)
    this.#look = look
    if (event) {
      this.#track = track(newTrack(WANDER_PPM), {
        at: look.glance.at,
        interval: look.glance.offset,
      })
      this.#note(event)
    }
    return look.glance
  }

  #read(): void {
    const glance = this.check()
    const tick = this.#platform.isQuiet() ? catchTick(this.#platform.clock) : undefined
    const { at, offset: interval } = tick ?? glance
    this.#track = track(this.#track, { at, interval })
  }

  stop(): void {
    this.#repeater.stop()
  }

  #note(event: HostEvent): void {
    if (event.kind !== 'step') this.suspends++
    if (event.kind !== 'suspend') {
      this.steps++
      this.lastStep = event.size
    }
    this.#onEvent(event)
  }
}
