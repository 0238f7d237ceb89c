import { umCalls } from './calls/dashboard.js'
import { type Settings, dashboard, textOf } from './dashboard.js'
import { edgePools } from './pools/dashboard.js'
import { exporterAndReference } from './exporter/dashboard.js'
import { server } from './server/dashboard.js'

/** The name of each file of grafana/dashboards, and its text. */
export const dashboardFiles = (settings: Settings): ReadonlyMap<string, string> =>
  new Map(
    [
      ['edge-pools.json', edgePools] as const,
      ['server.json', server] as const,
      ['um-calls.json', umCalls] as const,
      ['exporter.json', exporterAndReference()] as const,
    ].map(([name, spec]) => [name, textOf(dashboard(spec, settings))]),
  )
