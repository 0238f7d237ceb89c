import { callMetrics } from './tables/call.js'
import { clockMetrics } from './tables/clock.js'
import { exporterMetrics } from './tables/exporter.js'
import { referenceMetrics } from './tables/reference.js'
import { timeServiceMetrics } from './tables/time-service.js'

/**
 * Every metric that edgeclock exports: prom-client's objects and the README's table are made from
 * here, and nothing that is not here can be exported.
 */
export const metrics = {
  ...clockMetrics,
  ...timeServiceMetrics,
  ...referenceMetrics,
  ...callMetrics,
  ...exporterMetrics,
}

export type MetricName = keyof typeof metrics
export type LabelsOf<N extends MetricName> = (typeof metrics)[N]['labels'][number]
export type LabelValues<N extends MetricName> = { readonly [L in LabelsOf<N>]: string }
