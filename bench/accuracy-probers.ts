import { type Module, type ProberKind, builtInModules } from '../src/config/modules.js'
import { nodePlatform } from '../src/net/node-platform.js'
import { watchedPlatform } from '../src/net/around.js'
import type { ProbeSession } from '../src/probers/prober.js'
import { openProbe } from '../src/probers/table.js'
import { width } from '../src/time/interval.js'
import { PHI_PPM, WANDER_PPM, estimate, newTrack, track } from '../src/time/tracker.js'
import { type DurationNs, milliseconds } from '../src/time/units.js'
import { type Reading, type Row, ascending, judged, quantile } from './accuracy-readings.js'

/** Rows of our own probers, each reading one shifted server as a pool does. */
export interface Watched {
  readonly client: string
  readonly kind: ProberKind
  readonly port: number
  /** What the server's clock is ahead of this machine's. Seconds. */
  readonly shift: number
  /** Instead of the module's default. */
  readonly staleness?: DurationNs
  readonly readings: number
  /** How often it begins with nothing known. */
  readonly acquisitions: number
}

const HOST = '127.0.0.1'
/** The half-width that is asked for, doubled. */
const NARROW = milliseconds(40)
/** A module that is no narrower after so many exchanges stays as wide as it is. */
const MAX_EXCHANGES = 28
const MAX_FAILURES = 5

const moduleOf = ({ kind, port, staleness }: Watched): Module => {
  const usual = builtInModules().find(module => module.kind === kind)
  if (!usual) throw new Error(`there is no prober ${kind}`)
  return { ...usual, port, ...(staleness !== undefined && { staleness }) }
}

interface Acquired {
  readonly readings: readonly Reading[]
  readonly exchanges: number
}

/** A session of its own, whose requests are counted. */
class Counted {
  exchanges = 0
  readonly #session: ProbeSession
  readonly #shift: number
  #track = newTrack(WANDER_PPM + PHI_PPM)
  #failures = 0

  constructor(watched: Watched) {
    const platform = watchedPlatform(nodePlatform(), run => {
      this.exchanges++
      return run()
    })
    this.#session = openProbe(platform, { host: HOST, module: moduleOf(watched) })
    this.#shift = watched.shift
  }

  /** One reading, joined with those before it as a pool does; undefined where it failed. */
  async read(): Promise<Reading | undefined> {
    const result = await this.#session.read(new AbortController().signal)
    if (!result.ok) {
      if (++this.#failures > MAX_FAILURES) {
        throw new Error(`not read: ${result.reason}, ${result.detail}`)
      }
      return undefined
    }
    this.#track = track(this.#track, result)
    const interval = estimate(this.#track, result.at)
    if (!interval) throw new Error('several clocks answer')
    this.isNarrow = width(interval) < NARROW
    return judged(interval, this.#shift)
  }

  isNarrow = false

  /** Reads until it is narrow, or stays wide. */
  async acquire(): Promise<Acquired> {
    const readings: Reading[] = []
    while (!this.isNarrow && this.exchanges < MAX_EXCHANGES) {
      const reading = await this.read()
      if (reading) readings.push(reading)
    }
    return { readings, exchanges: this.isNarrow ? this.exchanges : Infinity }
  }

  async readings(count: number): Promise<Reading[]> {
    const readings: Reading[] = []
    while (readings.length < count) {
      const reading = await this.read()
      if (reading) readings.push(reading)
    }
    return readings
  }

  close(): void {
    this.#session.close()
  }
}

export interface ProberRow extends Row {
  /** Those of the acquisitions too, which are wide: no interval may miss the truth. */
  readonly missed: number
}

/** Errors and bounds are of the readings after an acquisition; exchanges are the median acquisition's. */
export const proberRow = async (watched: Watched): Promise<ProberRow> => {
  const acquired: Acquired[] = []
  let readings: Reading[] = []
  for (let left = watched.acquisitions; left > 0; left--) {
    const counted = new Counted(watched)
    try {
      acquired.push(await counted.acquire())
      if (left === 1) readings = await counted.readings(watched.readings)
    } finally {
      counted.close()
    }
  }
  const exchanges = quantile(ascending(acquired.map(one => one.exchanges)), 0.5)
  const all = [...acquired.flatMap(one => one.readings), ...readings]
  return {
    client: watched.client,
    readings,
    exchanges: Number.isFinite(exchanges) ? exchanges : 'never',
    missed: all.filter(({ missed }) => missed).length,
  }
}
