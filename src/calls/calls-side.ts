import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { type Config, wholePool } from '../config/config.js'
import type { SourceConfig } from '../config/sources.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { milliseconds, seconds, toSeconds } from '../time/units.js'
import type { PoolTally, SavedPool } from './pool-calls.js'
import { PoolCalls, PoolTap } from './pool-calls.js'
import type { PoolIdentities } from './messages.js'
import type { Identities } from './server-names.js'
import type { CallsSnapshot } from './snapshot.js'
import { TEMPORARY, isOurs } from './own-files.js'
import { type SavedCalls, readOf, savedSource } from './saved-calls.js'
import { makeSource } from './sources/make.js'
import { type Pushed, PushSource } from './sources/push.js'
import { type SavedSource, type Source, type SourceStatus, noCounts } from './sources/source.js'

type ClockAndTimers = Pick<Platform, 'clock' | 'timers'>

interface Running {
  readonly config: SourceConfig
  readonly source: Source
  readonly pool: PoolCalls
  readonly tap: PoolTap
  readonly stopped: AbortController
  /** Its last round left nothing unread. */
  caughtUp: boolean
  loop: Promise<void>
}

/** A round that hangs, on a dead file server for one, is left to itself. */
const STOP_LIMIT = milliseconds(300)
const MAX_RETIRED_POOLS = 50
/** Sources that the configuration no longer names, and their positions; then the oldest are forgotten. */
const MAX_RETIRED = 200

/** All sources at work, and what they count. It writes nothing: `save` is for whoever does. */
export class CallsSide {
  readonly #platform: ClockAndTimers
  readonly #log: Log
  readonly #directory: string
  readonly #seed: number
  readonly #pools = new Map<string, PoolCalls>()
  readonly #running = new Map<string, Running>()
  #identities: ReadonlyMap<string, Identities> = new Map()
  /** What was saved of pools and sources that are not at work. */
  readonly #retiredPools: Map<string, SavedPool>
  readonly #retired: Map<string, SavedSource>

  /** `directory`: the state's, which has a folder for temporary files. */
  constructor(platform: ClockAndTimers, log: Log, directory: string, saved?: SavedCalls) {
    this.#platform = platform
    this.#log = log
    this.#directory = directory
    this.#seed = saved?.seed ?? randomBytes(6).readUIntBE(0, 6)
    this.#retiredPools = new Map(Object.entries(saved?.pools ?? {}))
    this.#retired = new Map(Object.entries(saved?.sources ?? {}))
  }

  /** Sources that have not changed go on; the others are stopped, or started from where they were. */
  async apply(config: Config): Promise<void> {
    const wanted = new Map((config.calls?.sources ?? []).map(one => [one.name, one]))
    const changed = [...this.#running.values()].filter(
      ({ config: was }) => !isDeepStrictEqual(wanted.get(was.name), was),
    )
    await Promise.all(changed.map(running => this.#stop(running)))
    for (const [name, source] of wanted) {
      if (!this.#running.has(name)) this.#start(source, config)
    }
    if (!config.calls) return
    const patience = {
      settleAfter: toSeconds(config.calls.settleAfter),
      openLimit: toSeconds(config.calls.openLimit),
    }
    for (const [name, pool] of this.#pools) pool.configure(serversOf(config, name), patience)
  }

  /** Pools that have no source yet take theirs when they get one. */
  identify(identities: readonly PoolIdentities[]): void {
    this.#identities = new Map(identities.map(({ pool, names }) => [pool, names]))
    for (const [name, pool] of this.#pools) pool.identify(this.#identities.get(name) ?? [])
  }

  /** Counts the calls that are over by now. */
  settle(): void {
    for (const pool of this.#pools.values()) {
      const sources = [...this.#running.values()].filter(one => one.pool === pool)
      pool.now = this.#now()
      pool.settle(sources.every(one => one.caughtUp))
    }
  }

  /** Counts a pushed text, unless there is no such source or file. @throws Error */
  async push(
    source: string,
    path: string,
    hash: string,
  ): Promise<Pushed | 'no_source' | undefined> {
    const running = this.#running.get(source)
    if (!(running?.source instanceof PushSource)) return 'no_source'
    running.pool.now = this.#now()
    return running.source.take(path, hash)
  }

  /** What was counted and where the sources are: in step, since nothing waits in here. */
  save(): SavedCalls {
    const pools = [...this.#pools].map(([name, pool]) => [name, pool.save()] as const)
    const sources = [...this.#running].map(
      ([name, running]) => [name, savedSource(running)] as const,
    )
    return {
      seed: this.#seed,
      pools: Object.fromEntries([...this.#retiredPools, ...pools]),
      sources: Object.fromEntries([...this.#retired, ...sources]),
    }
  }

  tallies(): readonly PoolTally[] {
    return [...this.#pools.values()].map(pool => pool.tally())
  }

  statuses(): ReadonlyMap<string, SourceStatus> {
    return new Map([...this.#running].map(([name, { source }]) => [name, source.status()]))
  }

  /** What is told of pools as it is now: it is not counted. */
  live(): ReadonlyMap<string, Pick<CallsSnapshot['pools'][number], 'open' | 'offsets'>> {
    const now = this.#now()
    return new Map(
      [...this.#pools].map(([name, pool]) => {
        pool.now = now
        return [name, { open: pool.open, offsets: pool.offsets() }]
      }),
    )
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map(running => this.#stop(running)))
  }

  #start(config: SourceConfig, whole: Config): void {
    const pool = this.#pools.get(config.pool) ?? this.#makePool(config.pool, whole)
    const tap = new PoolTap(pool)
    const source = makeSource(config, {
      pool: tap,
      log: (level, message, fields) =>
        this.#log(level, message, { source: config.name, ...fields }),
      clock: this.#platform.clock,
      directory: join(this.#directory, TEMPORARY),
      isOurs: path => isOurs(this.#directory, path),
      saved: this.#savedFor(config),
    })
    this.#retired.delete(config.name)
    const running: Running = {
      config,
      source,
      pool,
      tap,
      stopped: new AbortController(),
      caughtUp: false,
      loop: Promise.resolve(),
    }
    running.loop = this.#run(running)
    this.#running.set(config.name, running)
  }

  /**
   * The counts of this name. The position of what is read now: it may have been read under another name, and
   * what this name read before may be something else.
   */
  #savedFor(config: SourceConfig): SavedSource | undefined {
    const of = readOf(config)
    const own = this.#retired.get(config.name)
    if (own?.of === of) return own
    const other = [...this.#retired.values()].find(one => one.of === of)
    if (!own && !other) return undefined
    return { counts: own?.counts ?? noCounts(), of, position: other?.position }
  }

  #makePool(name: string, config: Config): PoolCalls {
    const servers = serversOf(config, name)
    const saved = this.#retiredPools.get(name)
    const pool = new PoolCalls(name, servers, this.#seed, this.#now(), saved)
    pool.identify(this.#identities.get(name) ?? [])
    this.#retiredPools.delete(name)
    for (const oldest of this.#retiredPools.keys()) {
      if (this.#retiredPools.size <= MAX_RETIRED_POOLS) break
      this.#retiredPools.delete(oldest)
    }
    this.#pools.set(name, pool)
    return pool
  }

  async #run(running: Running): Promise<void> {
    const { source, pool, stopped } = running
    while (!stopped.signal.aborted) {
      pool.now = this.#now()
      running.caughtUp = false
      const { more } = await source.round(stopped.signal)
      running.caughtUp = !more
      await this.#pause(more ? 0 : source.every, stopped.signal)
    }
  }

  async #stop(running: Running): Promise<void> {
    const { config, source, tap, stopped, loop } = running
    stopped.abort()
    const ended = loop.then(() => source.close())
    await Promise.race([ended, this.#pause(toSeconds(STOP_LIMIT), NEVER)])
    // From here on it counts nothing: what was saved of it is all there is.
    tap.close()
    this.#retired.set(config.name, savedSource(running))
    for (const oldest of this.#retired.keys()) {
      if (this.#retired.size <= MAX_RETIRED) break
      this.#retired.delete(oldest)
    }
    this.#running.delete(config.name)
  }

  #pause(length: number, signal: AbortSignal): Promise<void> {
    if (length === 0) return new Promise(resolve => setImmediate(resolve))
    return new Promise(resolve => {
      const end = (): void => {
        cancel()
        signal.removeEventListener('abort', end)
        resolve()
      }
      const cancel = this.#platform.timers.after(seconds(length), end)
      if (signal.aborted) end()
      else signal.addEventListener('abort', end)
    })
  }

  #now(): number {
    return toSeconds(this.#platform.clock.mono())
  }
}

const NEVER = new AbortController().signal

const serversOf = ({ pools }: Config, name: string): readonly string[] => {
  const pool = pools.find(one => one.name === name)
  // A pool's calls are counted in one shard, whoever reads its servers' clocks.
  return pool === undefined ? [] : wholePool(pool).map(one => one.name)
}
