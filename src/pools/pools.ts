import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { type MonoNs, durationNs, later } from '../time/units.js'
import { PoolServer, type ServerOptions } from './server.js'

/** All watched servers. Each is read on its own schedule, spread evenly over its pool's interval. */
export class Pools {
  #servers = new Map<string, PoolServer>()
  readonly #platform: Platform
  readonly #log: Log
  readonly #onStep: () => void
  readonly #epoch: MonoNs

  /** `onStep` hears when a server's clock has jumped. */
  constructor(platform: Platform, log: Log, onStep: () => void) {
    this.#platform = platform
    this.#log = log
    this.#onStep = onStep
    this.#epoch = platform.clock.mono()
  }

  get servers(): Iterable<PoolServer> {
    return this.#servers.values()
  }

  /** Watches exactly `servers`. One that did not change keeps its readings and its counts. */
  apply(servers: readonly ServerOptions[]): void {
    const next = new Map<string, PoolServer>()
    for (const { options, turn } of this.#spread(servers)) {
      const key = `${options.pool}\0${options.name}`
      const known = this.#servers.get(key)
      if (known && isDeepStrictEqual(known.options, options)) {
        known.takeTurnsFrom(turn)
        next.set(key, known)
      } else next.set(key, new PoolServer(this.#platform, this.#log, options, turn, this.#onStep))
    }
    for (const [key, server] of this.#servers) if (next.get(key) !== server) server.stop()
    this.#servers = next
  }

  /**
   * Each pool's servers, evenly over its interval. Counted from one epoch: a reload moves nobody's
   * turn, unless the pool grew or shrank.
   */
  #spread(servers: readonly ServerOptions[]) {
    const sizes = new Map<string, number>()
    const placed = servers.map(options => {
      const place = sizes.get(options.pool) ?? 0
      sizes.set(options.pool, place + 1)
      return { options, place }
    })
    return placed.map(({ options, place }) => {
      const size = BigInt(sizes.get(options.pool) ?? 1)
      const phase = durationNs((options.interval * BigInt(place)) / size)
      return { options, turn: later(this.#epoch, phase) }
    })
  }

  restart(): void {
    for (const server of this.#servers.values()) server.restart()
  }

  stop(): void {
    for (const server of this.#servers.values()) server.stop()
  }
}
