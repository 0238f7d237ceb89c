/** critical pages somebody, warning is a ticket, info a note. */
export const severities = ['critical', 'warning', 'info'] as const
export type Severity = (typeof severities)[number]

/** Which part of the whole an alert is about. */
export const components = [
  'clock',
  'time_service',
  'calls',
  'reference',
  'host',
  'exporter',
] as const
export type Component = (typeof components)[number]

/** The uids of the dashboards in grafana/. */
export type DashboardUid =
  'edgeclock-pools' | 'edgeclock-server' | 'edgeclock-calls' | 'edgeclock-exporter'

/** One alert rule, and all that is derived from it: its URLs, its line in the README. */
export interface Alert {
  readonly name: `Edgeclock${string}`
  readonly severity: Severity
  readonly component: Component
  /** `reference`: it is doubtful while true time is not known, and then held back by EdgeclockReferenceLost. */
  readonly basis?: 'reference'
  /** The condition in a few words, for the README's table. */
  readonly when: string
  readonly expr: string
  /** How long it has to last. Absent: it fires at once. */
  readonly for?: string
  /** The same words each time, ended by a full stop. */
  readonly summary: string
  /** A template. Its first sentence, read aloud at night, is enough to begin with. */
  readonly description: string
  readonly dashboard: DashboardUid
  /** Those of its labels that are variables of that dashboard. */
  readonly variables: readonly ('pool' | 'server')[]
  /** Its runbook is needed while the exporter, which serves the others, is down. */
  readonly exporterIsDown?: true
}

/** A series that is computed at each evaluation; `labels` is what it has, for whoever queries it. */
export interface Recording {
  readonly record: string
  readonly labels: readonly string[]
  readonly meaning: string
  readonly expr: string
}
