import { z } from 'zod'
import type { PromApi } from '../peers/prometheus.js'

const alerts = z.object({
  alerts: z.array(z.object({ labels: z.record(z.string(), z.string()), state: z.string() })),
})

const rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      lastEvaluation: z.coerce.date(),
      rules: z.array(
        z.object({ name: z.string(), health: z.string(), lastError: z.string().optional() }),
      ),
    }),
  ),
})

/** The alerts that Prometheus has now: `critical firing EdgeclockClockFarOff edge02`. */
export const alertsOf = async (api: PromApi): Promise<string[]> => {
  const found = alerts.parse(await api.get('/api/v1/alerts')).alerts
  return found.map(({ labels, state }) =>
    [labels['severity'], state, labels['alertname'], labels['server']].filter(Boolean).join(' '),
  )
}

/** Whether each group of rules was evaluated since then. @throws Error Where one could not be. */
export const evaluatedSince = async (api: PromApi, unixMs: number): Promise<boolean> => {
  const { groups } = rules.parse(await api.get('/api/v1/rules'))
  const failed = groups.flatMap(group => group.rules).filter(({ health }) => health === 'err')
  if (failed.length > 0) throw new Error(JSON.stringify(failed))
  return groups.length > 0 && groups.every(group => group.lastEvaluation.getTime() > unixMs)
}
