import { isDeepStrictEqual } from 'node:util'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { durationNs } from '../time/units.js'
import { PoolServer, type ServerOptions } from './server.js'

/** All watched servers. Each is read on its own schedule, spread evenly over its pool's interval. */
export class Pools {
  #servers = new Map<string, PoolServer>()
  readonly #platform: Platform
  readonly #log: Log

  constructor(platform: Platform, log: Log) {
    this.#platform = platform
    this.#log = log
  }

  get servers(): Iterable<PoolServer> {
    return this.#servers.values()
  }

  /** Watches exactly `servers`. One that did not change keeps its readings and its counts. */
  apply(servers: readonly ServerOptions[]): void {
    const next = new Map<string, PoolServer>()
    servers.forEach((options, i) => {
      const key = `${options.pool}\0${options.name}`
      const phase = durationNs((options.interval * BigInt(i)) / BigInt(servers.length))
      const known = this.#servers.get(key)
      if (known && isDeepStrictEqual(known.options, options)) {
        known.rephase(phase)
        next.set(key, known)
      } else next.set(key, new PoolServer(this.#platform, this.#log, options, phase))
    })
    for (const [key, server] of this.#servers) if (next.get(key) !== server) server.stop()
    this.#servers = next
  }

  restart(): void {
    for (const server of this.#servers.values()) server.restart()
  }

  stop(): void {
    for (const server of this.#servers.values()) server.stop()
  }
}
