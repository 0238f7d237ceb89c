import { isClockTime } from '../time/stamp.js'
import { seconds, unixNs } from '../time/units.js'
import type { Sample } from './exposition-text.js'
import type { TimeServiceFacts } from './time-service.js'

/** A collector that tells something of the time service, and which fact says that a page has it already. */
export interface FactCollector {
  readonly collector: string
  readonly fact: keyof TimeServiceFacts
}

/** A family of exporters whose pages have the clock of their machine. */
export interface ExporterKind {
  readonly name: string
  /** The clock, in seconds of Unix time, as the generations have called it: the best one first. */
  readonly clocks: readonly string[]
  /** What `factsOf` wants to see, besides. */
  readonly series: readonly string[]
  readonly keeps: (sample: Sample) => boolean
  readonly factsOf: (samples: readonly Sample[]) => TimeServiceFacts
  /** What may have to be asked for by itself. */
  readonly collectors: readonly FactCollector[]
}

/** A machine that says it started before this tells something else: how long it has been up. */
const EARLIEST_BOOT = Date.UTC(2000, 0, 1) / 1000

const isBootTime = (value: number): boolean =>
  Number.isFinite(value) && value >= EARLIEST_BOOT && isClockTime(unixNs(seconds(value)))

/** When it started, by the first of these series that tells a time; undefined where two values differ. */
export const bootTimestamp = (
  samples: readonly Sample[],
  names: readonly string[],
): number | undefined => {
  for (const name of names) {
    const values = samples.filter(sample => sample.name === name).map(({ value }) => Number(value))
    const [value = Number.NaN] = values
    const isOne = values.every(other => other === value)
    if (isOne && isBootTime(value)) return value
  }
  return undefined
}
