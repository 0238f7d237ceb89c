import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import {
  TableCellDisplayMode,
  TableCellHeight,
  TableSortByFieldStateBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type { Link } from '../links.js'
import { type Placeable, type Spec, described } from '../panel.js'
import { type Query, now } from '../query.js'
import { type Steps, type Words, nothing, thresholds, words } from '../style.js'

/** A column of values; its rows are joined with those of the others by their labels. */
export interface Column {
  readonly title: string
  readonly expr: string
  readonly unit: string
  readonly decimals?: number
  readonly words?: Words
  readonly colors?: Steps
}

export interface TableSpec extends Omit<Spec, 'queries' | 'unit'> {
  /** Labels in their order, each with the title of its column. */
  readonly labels: { readonly [label: string]: string }
  readonly columns: readonly Column[]
  /** The column that is asked for first; the largest value is on top, unless told otherwise. */
  readonly sortBy: string
  readonly smallestFirst?: true
  readonly links?: { readonly [column: string]: Link }
}

const refIdOf = (index: number): string => String.fromCodePoint('A'.codePointAt(0)! + index)
/** How Grafana calls the values of a query: by its refId where there are several. */
const valueOf = (index: number, count: number): string =>
  count > 1 ? `Value #${refIdOf(index)}` : 'Value'

/** In a row that has no such value. The panel's own word for it speaks of all rows. */
const NONE = '–'

const propertiesOf = ({ unit, decimals, words: said, colors }: Column) => [
  { id: 'unit', value: unit },
  { id: 'noValue', value: NONE },
  ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
  { id: 'mappings', value: [...(said ? words(said) : []), nothing(NONE)] },
  ...(colors ? [{ id: 'thresholds', value: thresholds(colors).build() }] : []),
  ...(said || colors
    ? [
        { id: 'color', value: { mode: 'thresholds' } },
        { id: 'custom.cellOptions', value: { type: TableCellDisplayMode.ColorText } },
      ]
    : []),
]

/** What is now, a row for each thing. */
export const table = (spec: TableSpec): Placeable => {
  const { labels, columns, sortBy, smallestFirst, links = {} } = spec
  const titles = { ...labels }
  columns.forEach(({ title }, index) => (titles[valueOf(index, columns.length)] = title))
  const queries = columns.map(({ expr }): Query => now(expr))
  const panel = described(new PanelBuilder(), { ...spec, unit: 'none', queries }, true)
    .cellHeight(TableCellHeight.Sm)
    .filterable(true)
    .sortBy([new TableSortByFieldStateBuilder().displayName(sortBy).desc(!smallestFirst)])
    .withTransformation({ id: 'merge', options: {} })
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(Object.keys(titles).map((name, index) => [name, index])),
        renameByName: titles,
      },
    })
  for (const title of Object.values(labels)) {
    panel.overrideByName(title, [{ id: 'noValue', value: NONE }])
  }
  for (const column of columns) panel.overrideByName(column.title, propertiesOf(column))
  for (const [column, one] of Object.entries(links)) {
    panel.overrideByName(column, [{ id: 'links', value: [one] }])
  }
  return { size: spec.size, panel }
}
