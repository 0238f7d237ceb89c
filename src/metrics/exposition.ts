import {
  Counter,
  Gauge,
  type OpenMetricsContentType,
  type PrometheusContentType,
  Registry,
} from 'prom-client'
import { type LabelValues, type MetricName, metrics } from './table.js'

export type ContentType = PrometheusContentType | OpenMetricsContentType

/** Puts one value into the exposition; undefined leaves the series out. */
export type Put = <N extends MetricName>(
  name: N,
  labels: LabelValues<N>,
  value: number | boolean | undefined,
) => void

/**
 * One scrape's metrics. Made anew each time, so that a series whose source is gone is gone too, and
 * two scrapes at once do not mix. Only metrics that got a value are written.
 */
export const exposition = (
  fill: (put: Put) => void,
  contentType: ContentType,
): Registry<ContentType> => {
  const registry = new Registry<ContentType>()
  registry.setContentType(contentType)
  const made = new Map<MetricName, (labels: { [label: string]: string }, value: number) => void>()
  const make = (name: MetricName) => {
    const { type, help, labels } = metrics[name]
    const options = { name, help, labelNames: [...labels], registers: [registry] }
    const metric = type === 'counter' ? new Counter(options) : new Gauge(options)
    return (values: { [label: string]: string }, value: number) => metric.inc(values, value)
  }
  fill((name, labels, value) => {
    if (value === undefined) return
    const add = made.get(name) ?? make(name)
    made.set(name, add)
    add({ ...labels }, Number(value))
  })
  return registry
}
