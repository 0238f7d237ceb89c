import { type Metric, Registry, collectDefaultMetrics } from 'prom-client'

/** Gauges whose names end in `_total`, which is for counters; the same numbers have other names. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
]

let collected: Registry | undefined

/** process_* and nodejs_* of this process, collected once however often the exporter is built. */
export const processMetrics = (): readonly Metric[] => {
  if (!collected) {
    collected = new Registry()
    collectDefaultMetrics({ register: collected })
    for (const name of misnamed) collected.removeSingleMetric(name)
  }
  return collected.getMetricsAsArray() as unknown as readonly Metric[]
}
