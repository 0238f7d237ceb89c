import type { Alert } from './alert.js'

/** Where those who are alerted find Grafana and the runbooks. Without a slash at the end. */
export interface BundleUrls {
  readonly grafana: string
  readonly runbooks: string
}

export const defaultUrls: BundleUrls = {
  grafana: 'http://localhost:3000',
  runbooks: 'http://localhost:10429/runbooks',
}

/** The panel of the exporter's dashboard with the runbook for when no exporter serves any. */
const RUNBOOK_PANEL_ID = 900

export const dashboardUrl = ({ grafana }: BundleUrls, alert: Alert): string => {
  const query = alert.variables.map(name => `var-${name}={{ $labels.${name} | urlquery }}`)
  const dashboard = `${grafana}/d/${alert.dashboard}`
  return query.length === 0 ? dashboard : `${dashboard}?${query.join('&')}`
}

export const runbookUrl = ({ grafana, runbooks }: BundleUrls, alert: Alert): string =>
  alert.exporterIsDown
    ? `${grafana}/d/edgeclock-exporter?viewPanel=${RUNBOOK_PANEL_ID}`
    : `${runbooks}/${alert.name}`
