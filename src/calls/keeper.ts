import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '../config/config.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { Repeater } from '../net/repeater.js'
import { durationNs, min, seconds } from '../time/units.js'
import { CallsSide } from './calls-side.js'
import { isSystemError } from './follow/system-error.js'
import { TEMPORARY } from './own-files.js'
import { type SavedCalls, checkState } from './saved-calls.js'
import type { PoolIdentities } from './messages.js'
import type { CallsSnapshot } from './snapshot.js'
import type { Pushed } from './sources/push.js'
import { noCounts } from './sources/source.js'
import { type Lock, lockDirectory } from './store/lock.js'
import { type OpenedState, StateFile } from './store/state-file.js'

type ClockAndTimers = Pick<Platform, 'clock' | 'timers'>

/** How often calls are settled, what may be shown is told, and the state written, where it has changed. */
const EVERY = seconds(1)
/** What is written on average at most: a large state is written less often, for the disk's sake. */
const BYTES_PER_SECOND = 256 * 1024
const LONGEST_BETWEEN = seconds(10)

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
  readonly #repeaters: readonly Repeater[]
  #written = ''
  /** Characters of the state that was last tried to write. */
  #tried = 0
  #nextWrite = 0n
  #durable = true
  #shown: Pick<CallsSnapshot, 'pools' | 'sources'> = { pools: [], sources: [] }
  /** What must not mix: no state is written with half a push in it, no source changed under one. */
  #queue: Promise<unknown> = Promise.resolve()
  /** Pushes that wait or are read: one may tell the rest of another's calls. */
  #pushes = 0

  private constructor(
    options: KeeperOptions,
    lock: Lock,
    file: StateFile,
    side: CallsSide,
    setAside: boolean,
  ) {
    this.#options = options
    this.#lock = lock
    this.#file = file
    this.#side = side
    this.#setAside = setAside
    const { platform } = options
    const now = durationNs(0n)
    this.#repeaters = [
      new Repeater(platform, EVERY, now, () => this.#oneByOne(() => this.#tick())),
      // Of its own: a long push or a disk that hangs must not look like a thread that is gone.
      new Repeater(platform, EVERY, now, async () => this.#publish()),
    ]
  }

  /** Takes the state directory and goes on from what is in it. */
  static async open(options: KeeperOptions): Promise<Kept> {
    const directory = options.config.calls?.stateDirectory ?? ''
    const no = (detail: string): Kept => ({ ok: false, detail: `${directory}: ${detail}` })
    const locked = await lockDirectory(directory)
    if (!locked.ok) return no(locked.detail)
    const { lock } = locked
    try {
      const opened = await StateFile.open(directory, () => lock.held())
      if (opened.ok) {
        await emptied(join(directory, TEMPORARY))
        return { ok: true, keeper: await Keeper.#begin(options, directory, lock, opened) }
      }
      await lock.release()
      return no(opened.detail)
    } catch (error) {
      await lock.release()
      if (!isSystemError(error)) throw error
      return no(error.message)
    }
  }

  static async #begin(
    options: KeeperOptions,
    directory: string,
    lock: Lock,
    { file, state, setAside }: OpenedState & { readonly ok: true },
  ): Promise<Keeper> {
    const { platform, log, config } = options
    const saved = state as SavedCalls | undefined
    const why = saved && whyNoState(saved)
    const detail = why === undefined ? setAside : await file.setAside(why)
    if (detail !== undefined) {
      log('error', 'the state could not be read; all counts begin anew', { directory, detail })
    }
    const side = new CallsSide(platform, log, directory, why === undefined ? saved : undefined)
    await side.apply(config)
    const keeper = new Keeper(options, lock, file, side, detail !== undefined)
    // What was read is durable; a disk that is full by now must not hide it.
    keeper.#shown = keeper.#toShow()
    keeper.#publish()
    return keeper
  }

  /** Goes on with another configuration; the state directory has to be the same. */
  apply(config: Config): Promise<void> {
    return this.#oneByOne(() => this.#side.apply(config))
  }

  identify(identities: readonly PoolIdentities[]): void {
    this.#side.identify(identities)
  }

  /** Counts a pushed text; over when it is durable, or is not going to be. */
  async push(source: string, path: string, hash: string): Promise<PushOutcome> {
    this.#pushes++
    try {
      return await this.#oneByOne(async () => {
        const pushed = await this.#side.push(source, path, hash)
        if (pushed === 'no_source') return { ok: false, reason: 'no_source' }
        const durable = pushed !== undefined && (await this.#commit())
        return durable ? { ok: true, ...pushed } : { ok: false, reason: 'unavailable' }
      })
    } finally {
      this.#pushes--
    }
  }

  /** Writes what there is, and gives the directory back. */
  async stop(): Promise<void> {
    for (const repeater of this.#repeaters) repeater.stop()
    await this.#oneByOne(async () => {
      await this.#side.stop()
      await this.#commit()
    })
    await this.#lock.release()
  }

  async #tick(): Promise<void> {
    if (this.#pushes === 0) this.#side.settle()
    const { clock } = this.#options.platform
    if (clock.mono() < this.#nextWrite) return
    await this.#commit()
    const pause = seconds(this.#tried / BYTES_PER_SECOND)
    this.#nextWrite = clock.mono() + min(pause, LONGEST_BETWEEN)
  }

  #oneByOne<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work)
    this.#queue = done.catch(() => undefined)
    return done
  }

  /** Whether all that was counted when it began is durable now. */
  async #commit(): Promise<boolean> {
    const state = JSON.stringify(this.#side.save())
    this.#tried = state.length
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
    const counted = new Map(this.#shown.sources.map(one => [one.source, one]))
    this.#options.publish({
      pools: this.#shown.pools.map(pool => ({ ...pool, ...live.get(pool.pool) })),
      sources: Array.from(this.#side.statuses(), ([source, status]) => {
        const { records, malformed, dropped, readBytes } = counted.get(source) ?? noCounts()
        return { ...status, source, records, malformed, dropped, readBytes }
      }),
      durable: this.#durable,
      setAside: this.#setAside,
    })
  }
}

/** Why what was read is no state of ours, for people. */
const whyNoState = (saved: SavedCalls): string | undefined => {
  try {
    checkState(saved)
    return undefined
  } catch (error) {
    return `it is no state that this version knows: ${String(error)}`
  }
}

const emptied = async (folder: string): Promise<void> => {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
}
