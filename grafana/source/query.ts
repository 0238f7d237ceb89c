/** One PromQL query of a panel. */
export interface Query {
  readonly expr: string
  /** A series' name: `{{server}}`. */
  readonly legend?: string
  /** Asked once, at the end of the time range, and not over it. */
  readonly now?: true
}

export const JOB = 'job=~"$job"'
export const POOL = 'pool=~"$pool"'
export const SERVER = 'server=~"$server"'
/** Also what has no such label: a request that failed nobody knows where, an alert of a whole pool. */
export const POOL_OR_NONE = 'pool=~"$pool|"'
export const SERVER_OR_NONE = 'server=~"$server|"'

export const select = (metric: string, ...matchers: string[]): string =>
  `${metric}{${[JOB, ...matchers].join(', ')}}`

/** Of the watched servers that are chosen. */
export const ofServers = (metric: string, ...matchers: string[]): string =>
  select(metric, POOL, SERVER, ...matchers)

export const ofPools = (metric: string, ...matchers: string[]): string =>
  select(metric, POOL, ...matchers)

/** Alerts of these rules that fire. Those of whole pools and of calls have no job: what has none is among them. */
export const alerts = (...matchers: string[]): string =>
  `ALERTS{${['alertname=~"Edgeclock.+"', 'alertstate="firing"', ...matchers].join(', ')}}`

/** One value for each server, whichever exporters watch it. */
export const perServer = (operator: 'avg' | 'max' | 'min', expr: string): string =>
  `${operator} by (pool, server) (${expr})`

/** How far before a time range a scrape is looked for. */
const TOLERANCE = '5m'

/**
 * The first event makes its series, and increase() never sees that one: what is new is all growth. Not where
 * the series is there for as long as any of its pool: those appear with old counts, once its sources have been
 * read. As the alerts count.
 */
const withFirst = (selector: string, window: string): string =>
  `((last_over_time(${selector}[${window}])` +
  ` unless last_over_time(${selector}[${TOLERANCE}] offset ${window}))` +
  ` and count_over_time(${selector}[${window}]) < on (job, instance, pool) group_left ()` +
  ` count_over_time(${select('edgeclock_calls_open')}[${window}])` +
  ` or increase(${selector}[${window}]))`

/** The two below for counters without a series before the first event: failures and Windows events. */
export const growthWithFirst = (selector: string): string => withFirst(selector, '$__rate_interval')
export const growthWithFirstInRange = (selector: string): string => withFirst(selector, '$__range')

/** What a counter grew by from point to point of a graph. */
export const growth = (selector: string): string => `increase(${selector}[$__rate_interval])`

/** What a counter grew by in the whole time range; for a query that is asked once. */
export const growthInRange = (selector: string): string => `increase(${selector}[$__range])`

export const over = (expr: string, legend: string): Query => ({ expr, legend })
export const now = (expr: string, legend = ''): Query => ({ expr, legend, now: true })
