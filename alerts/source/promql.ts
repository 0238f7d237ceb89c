import type { LabelValues, MetricName } from '../../src/metrics/table.js'

/** As long as a scrape may fail before what it said is no more believed. */
const HOLD = '2m'
/** How far before an instant a scrape is looked for. */
const TOLERANCE = '5m'

/** A selector of a metric that exists: `series('edgeclock_um_calls_total', { outcome: 'failed' })`. */
export const series = <N extends MetricName>(
  name: N,
  labels: Partial<LabelValues<N>> = {},
): string => {
  const matchers = Object.entries(labels).map(([label, value]) => `${label}="${String(value)}"`)
  return matchers.length === 0 ? name : `${name}{${matchers.join(', ')}}`
}

/**
 * The newest value. An instant selector would be empty after one failed scrape, and the alert would be
 * resolved and begin anew. A repair shows at once, which a maximum would hide.
 */
export const last = <N extends MetricName>(name: N, labels?: Partial<LabelValues<N>>): string =>
  `last_over_time(${series(name, labels)}[${HOLD}])`

/** The three metrics of one kind of clock: a watched server's, or the exporter's host's. */
export interface ClockMetrics {
  readonly offset: MetricName
  readonly error: MetricName
  readonly steps: MetricName
}

export const watched: ClockMetrics = {
  offset: 'edgeclock_clock_offset_seconds',
  error: 'edgeclock_clock_offset_error_seconds',
  steps: 'edgeclock_clock_steps_total',
}

export const hosts: ClockMetrics = {
  offset: 'edgeclock_host_clock_offset_seconds',
  error: 'edgeclock_host_clock_offset_error_seconds',
  steps: 'edgeclock_host_clock_steps_total',
}

/** |offset| − error: how far the clock is off at least. Negative while it may be right. */
export const beyondError = ({ offset, error }: ClockMetrics): string =>
  `abs(${last(offset)}) - ${last(error)}`

/** Indented by two spaces, for an operand that has lines of its own. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ')

export const inBrackets = (text: string): string => `(\n${indented(text)}\n)`

/**
 * The clock comes nearer by more than its error in 5 min, and will be within the limit in time. Not where
 * a step did it: half a repair is none, and its slope would look like one for 5 min.
 */
export const converging = (
  clock: ClockMetrics,
  limitSeconds: number,
  withinSeconds: number,
): string => {
  const slope = `deriv(${clock.offset}[5m]) * sgn(${last(clock.offset)})`
  return inBrackets(`abs(${last(clock.offset)}) + ${withinSeconds} * ${slope} < ${limitSeconds}
and
300 * ${slope} < -${last(clock.error)}
unless
increase(${clock.steps}[6m]) > 0`)
}

/** The offset in whole seconds, with its sign, of each clock that is surely off and does not come back by itself. */
export const staysOff = (
  clock: ClockMetrics,
  limitSeconds: number,
  withinSeconds: number,
): string => `round(${last(clock.offset)})
and
${beyondError(clock)} > ${limitSeconds}
unless
${converging(clock, limitSeconds, withinSeconds)}`

/**
 * By how much each counter of the calls side has grown. A failure's first occurrence makes its series: its
 * first value is then growth too, unless the exporter itself, or its calls thread, is what is new.
 * Not increase(): that misses the first, extrapolates to fractions of calls, and VictoriaMetrics' takes
 * old counts for new ones where an exporter is scraped for the first time.
 */
export const grown = (counter: string, window: string): string => {
  const exporter = `last_over_time(${series('edgeclock_call_thread_up')}[${TOLERANCE}] offset ${window})`
  return `last_over_time(${counter}[${window}])
  unless last_over_time(${counter}[${TOLERANCE}] offset ${window})
  and on (job, instance) ${exporter} == 1
or
last_over_time(${counter}[${window}]) - min_over_time(${counter}[${window}])`
}

/** By how much the clocks of one pool differ at least, as one exporter sees them. */
export const surelyApart = `max without (server) (${last(watched.offset)} - ${last(watched.error)})
-
min without (server) (${last(watched.offset)} + ${last(watched.error)})`
