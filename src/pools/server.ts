import type { Address } from '../config/endpoint.js'
import type { Module } from '../config/modules.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import type { Facts } from '../probers/prober.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import { type Interval, intersect, overlaps } from '../time/interval.js'
import { type Drift, type Step, drift, estimate, isConsistent } from '../time/tracker.js'
import { type DurationNs, type MonoNs, elapsed, max } from '../time/units.js'
import { Reader, ageOf } from './reader.js'

export interface ServerOptions {
  readonly pool: string
  readonly name: string
  readonly address: Address
  readonly modules: readonly Module[]
  readonly interval: DurationNs
}

/** A server's clock as all its modules show it. */
export interface ServerClock {
  /** The server's clock − our monotonic clock; undefined where it may not be told. */
  readonly interval: Interval | undefined
  /** False while modules, or one module's readings, cannot be true of one clock; undefined where none was read lately. */
  readonly consistent: boolean | undefined
  readonly lastAt: MonoNs | undefined
  readonly drift: Drift | undefined
  readonly contradictions: number
  readonly steps: number
  readonly lastStep: Step | undefined
  /** Modules that cannot be true of one clock: two, or one alone whose own readings cannot. */
  readonly contradicting: readonly Contradiction[]
}

export type Contradiction = readonly [module: string, other?: string]

/** After so many intervals without a reading nobody knows what a server's clock does: it may have rebooted. */
const STALE_INTERVALS = 5n

/** One server of a pool: its readers, and what they come to together. */
export class PoolServer {
  readonly options: ServerOptions
  readonly readers: readonly Reader[]

  readonly #platform: Pick<Platform, 'clock'>
  readonly #onStep: () => void
  #readAgainAt: MonoNs | undefined

  /** Read at `turn` and every interval before and after it. `onStep` hears of jumps of its clock. */
  constructor(
    platform: Platform,
    log: Log,
    options: ServerOptions,
    turn: MonoNs,
    onStep: () => void,
  ) {
    this.#platform = platform
    this.#onStep = onStep
    this.options = options
    const { pool, name: server, address, interval } = options
    const { host } = address
    this.readers = options.modules.map(
      module =>
        new Reader(platform, log, { pool, server, host, module, interval }, turn, () =>
          this.#stepped(),
        ),
    )
  }

  clock(now: MonoNs): ServerClock {
    const current = this.#current(now)
    const told = current.flatMap(({ track }) => estimate(track, now) ?? [])
    const common = told.reduce<Interval | undefined>(
      (all, one, i) => (i === 0 ? one : all && intersect(all, one)),
      undefined,
    )
    const steady = current.every(({ track }) => isConsistent(track))
    const consistent = steady && (told.length === 0 || common !== undefined)
    const tracks = this.readers.map(reader => reader.track)
    const drifts = current.flatMap(({ track }) => drift(track) ?? [])
    return {
      interval: consistent ? common : undefined,
      consistent: current.length > 0 ? consistent : undefined,
      contradicting: consistent ? [] : contradictionsOf(current, now),
      lastAt: tracks.flatMap(({ last }) => last?.at ?? []).reduce(latest, undefined),
      drift: drifts.sort((a, b) => a.error - b.error)[0],
      contradictions: Math.max(...tracks.map(track => track.contradictions)),
      steps: Math.max(...tracks.map(track => track.steps)),
      lastStep: this.#lastStep(),
    }
  }

  /** What the server says of its time service, from all modules that answer. */
  facts(): TimeServiceFacts {
    const told = this.readers.filter(({ last }) => last?.ok).map(({ facts }) => facts)
    return serviceFacts(joined(told))
  }

  takeTurnsFrom(turn: MonoNs): void {
    for (const reader of this.readers) reader.takeTurnsFrom(turn)
  }

  restart(): void {
    for (const reader of this.readers) reader.restart()
  }

  stop(): void {
    for (const reader of this.readers) reader.stop()
  }

  /** The readers whose word counts: read not too long ago, and not before the last step seen. */
  #current(now: MonoNs): readonly Reader[] {
    const limit = this.options.interval * STALE_INTERVALS
    const stepAt = this.#lastStep()?.at
    return this.readers.filter(({ track }) => {
      const age = ageOf(track, now)
      if (age === undefined || age > limit) return false
      return stepAt === undefined || (track.last?.at ?? stepAt) >= stepAt
    })
  }

  #lastStep(): Step | undefined {
    const steps = this.readers.flatMap(({ track }) => track.lastStep ?? [])
    return steps.sort((a, b) => Number(b.at - a.at))[0]
  }

  #stepped(): void {
    this.#readAgain()
    this.#onStep()
  }

  /**
   * One module saw the clock jump: the others look at once, instead of contradicting it meanwhile. Once an interval,
   * and not where several clocks answer: there each reading may be a jump, which had all others read again.
   */
  #readAgain(): void {
    const now = this.#platform.clock.mono()
    const since = this.#readAgainAt === undefined ? undefined : elapsed(this.#readAgainAt, now)
    if (since !== undefined && since < this.options.interval) return
    if (!this.readers.every(({ track }) => isConsistent(track))) return
    this.#readAgainAt = now
    for (const reader of this.readers) reader.readNow()
  }
}

/** Facts without those of the module alone, which may have been told by another computer. */
export const serviceFacts = (facts: Facts): TimeServiceFacts => {
  const { certificate: _certificate, identity: _identity, ...service } = facts
  return service
}

const joined = (all: readonly Facts[]): Facts => Object.assign({}, ...all)

/** Intervals have a point in common if each two of them have one: so two are named, or one. */
const contradictionsOf = (readers: readonly Reader[], now: MonoNs): readonly Contradiction[] => {
  const unsteady = readers.filter(({ track }) => !isConsistent(track)).map(nameOf)
  const steady = readers.flatMap(reader => {
    const interval = estimate(reader.track, now)
    return interval ? [{ name: nameOf(reader), interval }] : []
  })
  const pairs = steady.flatMap((one, i) =>
    steady
      .slice(i + 1)
      .filter(other => !overlaps(one.interval, other.interval))
      .map(other => [one.name, other.name] as const),
  )
  return [...unsteady.map(name => [name] as const), ...pairs]
}

const nameOf = ({ options }: Reader): string => options.module.name

const latest = (a: MonoNs | undefined, b: MonoNs): MonoNs => (a === undefined ? b : max(a, b))
