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

/** What a counter grew by from point to point of a graph. */
export const growth = (selector: string): string => `increase(${selector}[$__rate_interval])`

/** What a counter grew by in the whole time range; for a query that is asked once. */
export const growthInRange = (selector: string): string => `increase(${selector}[$__range])`

export const over = (expr: string, legend: string): Query => ({ expr, legend })
export const now = (expr: string, legend = ''): Query => ({ expr, legend, now: true })
