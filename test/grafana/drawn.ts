import { z } from 'zod'
import type { PromApi } from '../peers/prometheus.js'
import { until } from '../peers/wait.js'
import { type Chosen, type PanelQuery, substituted, withoutFallback } from './queries.js'

/** How a graph is asked for, in seconds: a point each, and the time that it shows; and of what. */
export interface Shown extends Pick<Chosen, 'job' | 'pool' | 'server'> {
  readonly stepSeconds: number
  readonly rangeSeconds: number
}

const matrix = z.object({
  result: z.array(
    z.object({
      metric: z.record(z.string(), z.string()),
      values: z.array(z.tuple([z.number(), z.string()])),
    }),
  ),
})

/** The labels of the series that Grafana would draw for a query; none where there is nothing to draw. */
const drawn = async (
  api: PromApi,
  { expr, instant }: PanelQuery,
  { stepSeconds, rangeSeconds, ...chosen }: Shown,
): Promise<Record<string, string>[]> => {
  const promql = substituted(withoutFallback(expr), chosen)
  if (instant) {
    const samples = await api.query(promql)
    return samples.filter(({ value }) => !Number.isNaN(value)).map(({ metric }) => metric)
  }
  const end = Date.now() / 1000
  const query = new URLSearchParams({
    query: promql,
    start: String(end - rangeSeconds),
    end: String(end),
    step: String(stepSeconds),
  })
  const { result } = matrix.parse(await api.get(`/api/v1/query_range?${query.toString()}`))
  return result
    .filter(({ values }) => values.some(([, value]) => value !== 'NaN'))
    .map(({ metric }) => metric)
}

const labelsIn = (legend: string): string[] =>
  [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)

/** Waits until all of them are drawn, each by itself at whatever time; tells those that are not. */
export const missingOf = async (
  api: PromApi,
  queries: readonly PanelQuery[],
  { timeoutMs, ...shown }: Shown & { readonly timeoutMs: number },
): Promise<string[]> => {
  const pending = new Map(queries.map(query => [query.name, query]))
  const ask = async () => {
    for (const [name, query] of pending) {
      const series = await drawn(api, query, shown)
      // A name that is made of labels which are not there is no name.
      const isNamed = labelsIn(query.legend).every(label => series.some(one => label in one))
      if (series.length > 0 && isNamed) pending.delete(name)
    }
    return pending.size === 0
  }
  const all = until(ask, { what: 'every panel to have data', timeoutMs, intervalMs: 2000 })
  await all.catch((error: unknown) => {
    if (pending.size === 0) throw error
  })
  return [...pending.keys()]
}
