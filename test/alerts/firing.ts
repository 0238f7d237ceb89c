import type { Expected } from './promtool-test.js'
import type { Change, Labels } from './world.js'

/** What makes an alert fire, when, and all that it then says. */
export type Case = {
  readonly alert: string
  /** After "the alert fires for …". */
  readonly what: string
  readonly changes: readonly Change[]
  /** At each of these seconds exactly these fire. */
  readonly fires: readonly (readonly [atSeconds: number, alerts: readonly Expected[]])[]
  /** At each of these seconds none does: before, in its `for`, after the repair. */
  readonly quiet: readonly number[]
}

export const RUNBOOKS = 'http://localhost:10429/runbooks'
export const DASHBOARDS = 'http://localhost:3000/d'

/** What an alert says each time. */
type Constant = {
  readonly alert: string
  readonly labels: Labels
  readonly summary: string
  /** After the address of the dashboards. */
  readonly dashboard: string
  readonly runbook?: string
}

/** `const farOff = alertNamed({…})`, then `farOff.says(labels, description)`. */
export const alertNamed = ({ alert, labels, summary, dashboard, runbook }: Constant) => ({
  alert,
  says: (more: Labels, description: string): Expected => ({
    labels: { ...labels, ...more },
    annotations: {
      summary,
      description,
      runbook_url: runbook ?? `${RUNBOOKS}/${alert}`,
      dashboard_url: `${DASHBOARDS}/${dashboard}`,
    },
  }),
})

export const OF_EDGE01 = 'edgeclock-server?var-pool=edgepool1&var-server=edge01'
export const OF_EDGE02 = 'edgeclock-server?var-pool=edgepool1&var-server=edge02'
export const OF_EXPORTER = 'edgeclock-exporter'
