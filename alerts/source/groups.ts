import type { Alert, Component, Recording } from './alert.js'
import { components } from './alert.js'
import { recordings } from './recording.js'
import { alertsOf } from './table.js'
import { type BundleUrls, dashboardUrl, runbookUrl } from './urls.js'

/** Groups of rules as Prometheus, vmalert and the PrometheusRule of Kubernetes have them. */
export interface Group {
  readonly name: string
  readonly rules: readonly object[]
}

const recordingRule = ({ record, expr }: Recording): object => ({ record, expr })

const alertRule = (urls: BundleUrls, alert: Alert): object => ({
  alert: alert.name,
  expr: alert.expr,
  ...(alert.for !== undefined && { for: alert.for }),
  labels: {
    severity: alert.severity,
    component: alert.component,
    ...(alert.basis && { basis: alert.basis }),
  },
  annotations: {
    summary: alert.summary,
    description: alert.description,
    runbook_url: runbookUrl(urls, alert),
    dashboard_url: dashboardUrl(urls, alert),
  },
})

export const recordingGroups = (): readonly Group[] => [
  { name: 'edgeclock-recording', rules: recordings.map(recordingRule) },
]

export const alertGroups = (urls: BundleUrls): readonly Group[] =>
  components.map((component: Component) => ({
    name: `edgeclock-${component.replaceAll('_', '-')}`,
    rules: alertsOf(component).map(alert => alertRule(urls, alert)),
  }))
