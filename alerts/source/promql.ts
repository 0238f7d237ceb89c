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
export const beyondError = ({ offset, error }: ClockMetrics, labels: OfServer = {}): string =>
  `abs(${last(offset, labels)}) - ${last(error, labels)}`

/** The labels of a server that a query is restricted to. */
export type OfServer = { readonly pool?: string; readonly server?: string }

/**
 * What one metric after another says of servers: of those that an exporter reads over the network, and of those
 * that only edgeclock on them reads (`host:`). That clock has no name of its own: the tools asked on that host
 * bear it. All of them are one, and one exporter is one clock: two for one would be an error, and no alert.
 */
export const perServer = (
  value: (clock: ClockMetrics, labels: OfServer) => string,
  labels: OfServer = {},
): string => `${value(watched, labels)}
or
max by (job, instance) ${inBrackets(value(hosts, {}))}
* on (job, instance) group_right ()
group without (tool, reason) (${last('edgeclock_ntp_source_readable', labels)})`

/** The offset of each server whose clock is surely off by more than so many seconds, by any exporter. */
export const serversOff = (limitSeconds: number, labels: OfServer = {}): string =>
  perServer(
    (clock, of) => `${last(clock.offset, of)}
and
${beyondError(clock, of)} > ${limitSeconds}`,
    labels,
  )

/** Indented by two spaces, for an operand that has lines of its own. */
export const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ')

export const inBrackets = (text: string): string => `(\n${indented(text)}\n)`

/**
 * The clock comes nearer by more than its error in 5 min, and will be within the limit in time. Not where
 * a step did it: half a repair is none, and its slope would look like one for 5 min. Nothing slews by half a
 * second a second: that was a step too, which an exporter that was restarted meanwhile did not count.
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
and
abs(deriv(${clock.offset}[5m])) < 0.5
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
 * What `staysOff` had last found, while the exporter does not answer, for an hour: an exporter that dies is no
 * repair, and must not tell whoever was woken that the clock is right.
 */
export const wasOff = ({ offset, error }: ClockMetrics, limitSeconds: number): string =>
  inBrackets(`round(last_over_time(${offset}[1h]))
and
abs(last_over_time(${offset}[1h])) - last_over_time(${error}[1h]) > ${limitSeconds}
and on (job, instance)
max_over_time(up[${HOLD}]) == 0`)

/**
 * By how much each counter of the calls side has grown. A failure's first occurrence makes its series: its
 * first value is then growth too, unless the pool's counts themselves are what is new: they
 * appear, old ones included, once its sources have been read.
 * Not increase(): that misses the first, extrapolates to fractions of calls, and VictoriaMetrics' takes
 * old counts for new ones where an exporter is scraped for the first time.
 */
export const grown = (counter: string, window: string): string => {
  const known = `last_over_time(${series('edgeclock_calls_open')}[${TOLERANCE}] offset ${window})`
  return `last_over_time(${counter}[${window}])
  unless last_over_time(${counter}[${TOLERANCE}] offset ${window})
  and on (job, instance, pool) ${known}
or
last_over_time(${counter}[${window}]) - min_over_time(${counter}[${window}])`
}

/** By exporters that know true time: one that does not would find others' clocks off. */
const surely = (value: string): string =>
  inBrackets(`${value}
and on (job, instance)
${last('edgeclock_reference_synchronized')} == 1`)

/** By how much the clocks of one pool differ at least, whichever exporter reads which of them. */
export const surelyApart = `max by (pool) ${surely(`${last(watched.offset)} - ${last(watched.error)}`)}
-
min by (pool) ${surely(`${last(watched.offset)} + ${last(watched.error)}`)}`
