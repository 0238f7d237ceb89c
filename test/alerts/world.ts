import type { MetricName } from '../../src/metrics/table.js'

export type Labels = Readonly<Record<string, string>>

/** What a scrape finds: a number, nothing (the series ends), or `gap`: nobody scraped. */
export type Value = number | undefined | 'gap'

export type Series = {
  readonly metric: MetricName | 'up'
  readonly labels: Labels
  /** By seconds since the beginning. */
  readonly at: (seconds: number) => Value
}

export type World = readonly Series[]

export type Change = (world: World) => World

type Values = Value | Series['at']

export const SCRAPE_SECONDS = 15
export const MINUTE = 60
export const HOUR = 3600

const values = (value: Values): Series['at'] => (typeof value === 'function' ? value : () => value)

/** A series; an empty label is none for Prometheus, as it is for the exporter. */
export const one = (metric: Series['metric'], labels: Labels, value: Values): Series => ({
  metric,
  labels,
  at: values(value),
})

const withValues = (series: Series, at: Series['at']): Series => ({ ...series, at })

const matches = (series: Series, metric: Series['metric'], labels: Labels): boolean =>
  series.metric === metric &&
  Object.entries(labels).every(([label, value]) => series.labels[label] === value)

/** Gives every series that the labels select other values. It throws where there is none. */
export const set =
  (metric: Series['metric'], labels: Labels, value: Values): Change =>
  world => {
    if (!world.some(series => matches(series, metric, labels)))
      throw new Error(`no ${metric}${JSON.stringify(labels)} in this world`)
    return world.map(series =>
      matches(series, metric, labels) ? withValues(series, values(value)) : series,
    )
  }

export const add =
  (...series: readonly Series[]): Change =>
  world => [...world, ...series]

/** The values that a series has anyway, and others from an instant on, until another one. */
export const during =
  (
    metric: Series['metric'],
    labels: Labels,
    [from, to]: readonly [from: number, to: number],
    value: Values,
  ): Change =>
  world => {
    const changed = set(metric, labels, value)(world)
    return changed.map((series, i) => {
      const before = world[i]
      if (!before || before.at === series.at) return series
      return withValues(series, s => (s >= from && s < to ? series.at(s) : before.at(s)))
    })
  }

const ofInstance = (
  instance: string,
  [from, to]: readonly [number, number],
  value: (series: Series) => Value,
): Change => {
  return world =>
    world.map(series =>
      series.labels['instance'] === instance
        ? withValues(series, s => (s >= from && s < to ? value(series) : series.at(s)))
        : series,
    )
}

/** Prometheus asks, and gets no answer: every series ends, and `up` is 0. */
export const failedScrapes = (instance: string, from: number, to: number): Change =>
  ofInstance(instance, [from, to], series => (series.metric === 'up' ? 0 : undefined))

/** Prometheus does not ask: there are no samples, and no series is known to end. */
export const noScrapes = (instance: string, from: number, to: number): Change =>
  ofInstance(instance, [from, to], () => 'gap')

/** The instance is no target then: nothing of it is there, `up` included. */
export const noTarget = (instance: string, from: number, to: number): Change =>
  ofInstance(instance, [from, to], () => undefined)

export const changed = (world: World, changes: readonly Change[]): World =>
  changes.reduce((sofar, change) => change(sofar), world)
