/** One metric of the table. Offsets are a clock − true time; positive = it is ahead. */
export interface MetricDefinition {
  readonly type: 'gauge' | 'counter'
  /** With sign and unit. */
  readonly help: string
  readonly labels: readonly string[]
}

export const gauge = <const L extends readonly string[]>(help: string, labels: L) =>
  ({ type: 'gauge', help, labels }) as const
export const counter = <const L extends readonly string[]>(help: string, labels: L) =>
  ({ type: 'counter', help, labels }) as const

/** A watched server's labels. */
export const server = ['pool', 'server'] as const
