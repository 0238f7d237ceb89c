import { at, startExporter } from '../exporter/exporter.js'
import { shippedAlertmanager, startAlertmanager } from '../peers/alertmanager.js'
import { startChronyd } from '../peers/chronyd.js'
import { startPrometheusWith } from '../peers/prometheus.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { type Notification, startWebhook } from '../peers/webhook.js'
import { shippedPrometheus } from './shipped.js'
import { traceCalls } from './simulated-calls.js'

/** As the README has it: each server is read once in 15 s, and all else is left as it is. */
const configOf = (
  pool: string,
  references: readonly { address: string; port: number }[],
  servers: Readonly<Record<string, { address: string; port: number }>>,
  { traces, state }: { traces: string; state: string },
): object => ({
  reference: { servers: references.map(at), interval: '16s' },
  pools: [
    {
      name: pool,
      interval: '15s',
      servers: Object.entries(servers).map(([name, server]) => ({ name, address: at(server) })),
    },
  ],
  calls: {
    state_directory: state,
    sources: [{ kind: 'trace', name: 'traces', pool, path: `${traces}/*.log` }],
  },
})

/** Five real servers of time: three references, and two Edges of which edge02 can be stepped. Their calls are traced. */
export const startPool = async (scope: Scope, name = 'edgepool1') => {
  const [one, two, three, edge01, edge02] = await Promise.all([
    startChronyd(scope),
    startChronyd(scope),
    startChronyd(scope),
    startChronyd(scope),
    startChronyd(scope, { steppable: true }),
  ])
  const folders = {
    traces: await temporaryFolder(scope, 'traces'),
    state: await temporaryFolder(scope, 'state'),
  }
  const config = configOf(name, [one, two, three], { edge01, edge02 }, folders)
  return { edge02, config, calls: traceCalls(scope, folders.traces) }
}

/** From a clock to whoever is woken: real programs, and the configuration that is shipped. */
export const startChain = async (scope: Scope) => {
  const [pool, webhook] = await Promise.all([startPool(scope), startWebhook(scope)])
  const [exporter, alertmanager] = await Promise.all([
    startExporter(scope, pool.config),
    startAlertmanager(scope, { config: await shippedAlertmanager(webhook.url) }),
  ])
  const prometheus = await startPrometheusWith(
    scope,
    await shippedPrometheus(exporter.address, alertmanager.target),
  )
  return { ...pool, exporter, prometheus, webhook }
}

/** What a template leaves in a text where it went wrong. */
export const MISTAKEN = /error expanding|<no value>|<nil>|%!|NaN/

/** What a test says of one alert in a notification: who is told, of what, and where. */
export const told = ({ receiver, alerts }: Notification): readonly string[] =>
  alerts.map(({ status, labels }) =>
    [receiver, status, labels['alertname'], labels['pool'], labels['server']].join(' '),
  )
