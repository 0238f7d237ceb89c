import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common'
import type { GridPos, Panel, ValueMapping } from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus'
import type { Query } from './query.js'

/** Which one is the dashboard's variable. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' }

export const NO_DATA = 'no data'

/** Columns and rows of Grafana's grid, which is 24 wide. */
export type Size = readonly [width: number, height: number]

/** A panel without its place. */
export interface Placeable {
  readonly size: Size
  /** Where links and alerts name it; counted otherwise. */
  readonly id?: number
  readonly panel: Builder<Panel> & { id(id: number): unknown; gridPos(at: GridPos): unknown }
}

export interface Spec {
  readonly title: string
  /** What to look for, and what is normal. */
  readonly description: string
  readonly unit: string
  readonly size: Size
  readonly queries: readonly Query[]
  /** What to read where there are no data; says whether that is good. */
  readonly noValue?: string
  readonly decimals?: number
  readonly min?: number
  readonly max?: number
  readonly mappings?: ValueMapping[]
}

interface Property {
  id: string
  value: unknown
}

/** For series with this in their names. Grafana takes a pattern without slashes for a whole name. */
export const override = (
  panel: { overrideByRegexp(pattern: string, properties: Property[]): unknown },
  pattern: string,
  ...properties: Property[]
): void => void panel.overrideByRegexp(`/${pattern}/`, properties)

/** What all of the SDK's panel builders have, which share no type. */
interface AnyPanel extends Builder<Panel> {
  id(id: number): this
  gridPos(at: GridPos): this
  title(title: string): this
  description(description: string): this
  datasource(source: DataSourceRef): this
  unit(unit: string): this
  noValue(text: string): this
  decimals(decimals: number): this
  min(min: number): this
  max(max: number): this
  mappings(mappings: ValueMapping[]): this
  withTarget(target: Builder<Dataquery>): this
}

const target = ({ expr, legend, now }: Query, index: number, table: boolean): DataqueryBuilder => {
  const query = new DataqueryBuilder()
    .datasource(DATA_SOURCE)
    .refId(String.fromCodePoint('A'.codePointAt(0)! + index))
    .expr(expr)
    .format(table ? PromQueryFormat.Table : PromQueryFormat.TimeSeries)
  if (legend !== undefined && legend !== '') query.legendFormat(legend)
  return now ? query.instant() : query.range()
}

/** The panel with what all panels have. */
export const described = <P extends AnyPanel>(panel: P, spec: Spec, table = false): P => {
  panel
    .title(spec.title)
    .description(spec.description)
    .datasource(DATA_SOURCE)
    .unit(spec.unit)
    .noValue(spec.noValue ?? NO_DATA)
  if (spec.decimals !== undefined) panel.decimals(spec.decimals)
  if (spec.min !== undefined) panel.min(spec.min)
  if (spec.max !== undefined) panel.max(spec.max)
  if (spec.mappings) panel.mappings(spec.mappings)
  spec.queries.forEach((query, index) => panel.withTarget(target(query, index, table)))
  return panel
}
