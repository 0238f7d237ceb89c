import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { durationNs, seconds } from '../time/units.js'
import { CallsSide, type SavedCalls } from './calls-side.js'
import type { CallsSnapshot } from './snapshot.js'
import type { Pushed } from './sources/push.js'
import { type Lock, lockDirectory } from './store/lock.js'
import { StateFile } from './store/state-file.js'

type ClockAndTimers = Pick<Platform, 'clock' | 'timers'>

/** How often what may be shown is told, and the state written, where it has changed. */
const EVERY = seconds(1)
/** What is written on average at most: a large state is written less often, for the disk's sake. */
const BYTES_PER_SECOND = 256 * 1024
/** The folder for what is not yet or no longer needed; emptied at each start. */
export const TEMPORARY = 'tmp'

export interface KeeperOptions {
  readonly platform: ClockAndTimers
  readonly log: Log
  readonly config: Config
  /** Hears about each second what may be shown. */
  readonly publish: (snapshot: CallsSnapshot) => void
  /** Another process has taken the state directory: nothing may be counted any more. */
  readonly onLost: (error: Error) => void
}

export type Kept =
  { readonly ok: true; readonly keeper: Keeper } | { readonly ok: false; readonly detail: string }

/** What became of a push. `unavailable`: it is not durable; to be sent again. */
export type PushOutcome =
  | ({ readonly ok: true } & Pushed)
  | { readonly ok: false; readonly reason: 'no_source' | 'unavailable' }

/**
 * Makes durable what the calls side counts. The state is one file, replaced as a whole: positions and
 * counters are of the same moment, so that a process killed at any instant goes on from a moment at
 * which they agreed. What is shown is what was last written. A log of changes was refused: a state has
 * some hundred kilobytes, and there is nothing to replay, nothing to compact.
 */
export class Keeper {
  readonly #options: KeeperOptions
  readonly #lock: Lock
  readonly #file: StateFile
  readonly #side: CallsSide
  readonly #setAside: boolean
  readonly #repeater: Repeater
  #written = ''
  #nextWrite = 0n
  #durable = true
  #shown: Pick<CallsSnapshot, 'pools' | 'sources'> = { pools: [], sources: [] }
  /** Commits and pushes, one after the other: no state is written with half a push in it. */
  #queue: Promise<unknown> = Promise.resolve()

  private constructor(
    options: KeeperOptions,
    lock: Lock,
    file: StateFile,
    saved: SavedCalls | undefined,
    setAside: boolean,
    directory: string,
  ) {
    this.#options = options
    this.#lock = lock
    this.#file = file
    this.#setAside = setAside
    const { platform, log } = options
    this.#side = new CallsSide(platform, log, join(directory, TEMPORARY), saved)
    this.#repeater = new Repeater(platform, EVERY, durationNs(0n), () => this.#tick())
  }

  /** Takes the state directory and goes on from what is in it. */
  static async open(options: KeeperOptions): Promise<Kept> {
    const directory = options.config.calls?.stateDirectory ?? ''
    const locked = await lockDirectory(directory)
    if (!locked.ok) return { ok: false, detail: `${directory}: ${locked.detail}` }
    const { lock } = locked
    const opened = await StateFile.open(directory, () => lock.held())
    if (!opened.ok) {
      await lock.release()
      return { ok: false, detail: `${directory}: ${opened.detail}` }
    }
    const { file, state, setAside } = opened
    if (setAside !== undefined) {
      options.log('error', 'the state could not be read; all counts begin anew', {
        directory,
        detail: setAside,
      })
    }
    await emptied(join(directory, TEMPORARY))
    const saved = state as SavedCalls | undefined
    const keeper = new Keeper(options, lock, file, saved, setAside !== undefined, directory)
    await keeper.apply(options.config)
    return { ok: true, keeper }
  }

  /** Goes on with another configuration; the state directory has to be the same. */
  async apply(config: Config): Promise<void> {
    await this.#side.apply(config)
  }

  /** Counts a pushed text; over when it is durable, or is not going to be. */
  push(source: string, path: string, hash: string): Promise<PushOutcome> {
    return this.#oneByOne(async () => {
      const pushed = await this.#side.push(source, path, hash)
      if (pushed === 'no_source') return { ok: false, reason: 'no_source' }
      const durable = pushed !== undefined && (await this.#commit())
      return durable ? { ok: true, ...pushed } : { ok: false, reason: 'unavailable' }
    })
  }

  /** Writes what there is, and gives the directory back. */
  async stop(): Promise<void> {
    this.#repeater.stop()
    await this.#side.stop()
    await this.#oneByOne(() => this.#commit())
    await this.#lock.release()
  }

  async #tick(): Promise<void> {
    const { clock } = this.#options.platform
    if (clock.mono() >= this.#nextWrite) {
      await this.#oneByOne(() => this.#commit())
      this.#nextWrite = clock.mono() + seconds(this.#written.length / BYTES_PER_SECOND)
    }
    this.#publish()
  }

  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** Whether all that was counted when it began is durable now. */
  async #commit(): Promise<boolean> {
    this.#side.settle()
    const state = JSON.stringify(this.#side.save())
    const shown = this.#toShow()
    if (state !== this.#written) {
      const result = await this.#file.write(state)
      if (!result.ok && result.reason === 'lost') this.#options.onLost(new Error(result.detail))
      if (result.ok !== this.#durable) this.#tell(result.ok ? undefined : result.detail)
      this.#durable = result.ok
      if (!result.ok) return false
      this.#written = state
    }
    this.#shown = shown
    return true
  }

  #tell(detail: string | undefined): void {
    const { log } = this.#options
    if (detail === undefined) log('info', 'the state is written again')
    else log('error', 'the state cannot be written; counts stand still', { detail })
  }

  #toShow(): Pick<CallsSnapshot, 'pools' | 'sources'> {
    const live = this.#side.live()
    return {
      pools: Array.from(this.#side.tallies(), tally => {
        const { open, offsets } = live.get(tally.pool) ?? { open: 0, offsets: [] }
        return { ...tally, open, offsets }
      }),
      sources: Array.from(this.#side.statuses(), ([source, status]) => ({ ...status, source })),
    }
  }

  /** Counts as they were last written; what is no count, as it is now. */
  #publish(): void {
    const live = this.#side.live()
    const statuses = this.#side.statuses()
    this.#options.publish({
      pools: this.#shown.pools.map(pool => ({ ...pool, ...live.get(pool.pool) })),
      sources: this.#shown.sources.map(source => {
        const { up, detail, lagBytes, files } = statuses.get(source.source) ?? source
        return { ...source, up, detail, lagBytes, files }
      }),
      durable: this.#durable,
      setAside: this.#setAside,
    })
  }
}

const emptied = async (folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
