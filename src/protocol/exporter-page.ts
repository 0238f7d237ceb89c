import { isClockTime } from '../time/stamp.js'
import type { ExporterKind } from './exporter-kind.js'
import {
  type PrintedTime,
  type Sample,
  isExposition,
  pickSamples,
  printedTime,
} from './exposition-text.js'
import { nodeExporter } from './node-exporter.js'
import type { TimeServiceFacts } from './time-service.js'
import { windowsExporter } from './windows-exporter.js'

export const exporterKinds: readonly ExporterKind[] = [windowsExporter, nodeExporter]

/** A page's clock, and where on the page it was. */
export interface PageClock extends PrintedTime {
  readonly kind: ExporterKind
  readonly series: string
  readonly printed: string
}

/**
 * Why a page has no clock.
 * - `protocol`: it is no metrics page
 * - `no_time`: none of the series that tell the clock is there, or it has no value
 * - `implausible`: what it tells cannot be the clock as it was for this page
 */
export interface NoClock {
  readonly ok: false
  readonly reason: 'protocol' | 'no_time' | 'implausible'
  readonly detail: string
}

export type ReadPage =
  { readonly ok: true; readonly clock: PageClock; readonly facts: TimeServiceFacts } | NoClock

const SHOWN = 40

const none = (reason: NoClock['reason'], detail: string): NoClock => ({ ok: false, reason, detail })

/** What the page's other series tell, of whatever exporter; nothing where it is none. */
export const pageFacts = (page: Uint8Array): TimeServiceFacts =>
  Object.assign({}, ...exporterKinds.map(kind => kind.factsOf(samplesOf(page, kind))))

const samplesOf = (page: Uint8Array, kind: ExporterKind): readonly Sample[] =>
  pickSamples(page, kind.series, kind.keeps)

/** `seconds`: this exporter is known to print all digits down to the second. */
export const readExporterPage = (page: Uint8Array, seconds = false): ReadPage => {
  if (!isExposition(page)) return none('protocol', 'this is no metrics page')
  for (const kind of exporterKinds) {
    const samples = pickSamples(page, kind.clocks)
    const series = kind.clocks.find(name => samples.some(sample => sample.name === name))
    if (series === undefined) continue
    const clock = clockOf(
      samples.filter(sample => sample.name === series),
      { kind, series, seconds },
    )
    return clock.ok ? { ...clock, facts: kind.factsOf(samplesOf(page, kind)) } : clock
  }
  return none('no_time', 'the page has no series with the time: is its collector `time` on?')
}

interface Told {
  readonly kind: ExporterKind
  readonly series: string
  readonly seconds: boolean
}

const clockOf = (
  samples: readonly Sample[],
  { kind, series, seconds }: Told,
): { readonly ok: true; readonly clock: PageClock } | NoClock => {
  const [sample] = samples
  if (!sample || samples.length > 1) {
    return none('no_time', `${series} is there ${samples.length} times: whose clock is it?`)
  }
  const { value: printed, isDated } = sample
  const shown = `${series} is ${printed.slice(0, SHOWN)}`
  if (isDated) return none('implausible', `${series} has a date of its own: it is a copy`)
  if (/^[+-]?nan$/i.test(printed)) return none('no_time', shown)
  const time = printedTime(printed, seconds)
  if (!time || !isClockTime(time.stamp)) return none('implausible', shown)
  return { ok: true, clock: { ...time, kind, series, printed } }
}
