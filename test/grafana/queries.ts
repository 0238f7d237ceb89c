import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

export const DASHBOARDS = resolve(import.meta.dirname, '../../grafana/dashboards')

const dataSource = z.object({ type: z.string(), uid: z.string() })
const target = z.object({
  datasource: dataSource,
  refId: z.string(),
  expr: z.string(),
  legendFormat: z.string().optional(),
  instant: z.boolean(),
  format: z.string(),
})
const panel = z.object({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().optional(),
  datasource: dataSource.optional(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(target).optional(),
  repeat: z.string().optional(),
  maxDataPoints: z.number().optional(),
  interval: z.string().optional(),
  transformations: z.array(z.object({ id: z.string(), options: z.unknown() })).optional(),
  options: z.unknown().optional(),
  fieldConfig: z
    .object({ defaults: z.record(z.string(), z.unknown()), overrides: z.array(z.unknown()) })
    .optional(),
})
const dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  timezone: z.string(),
  editable: z.boolean(),
  graphTooltip: z.number(),
  refresh: z.string(),
  schemaVersion: z.number(),
  links: z.array(z.looseObject({ type: z.string(), placement: z.string().optional() })),
  templating: z.object({
    list: z.array(
      z.looseObject({
        name: z.string(),
        type: z.string(),
        label: z.string(),
        query: z.union([z.string(), z.object({ query: z.string() }).transform(one => one.query)]),
      }),
    ),
  }),
  annotations: z.object({
    list: z.array(
      z.object({
        name: z.string(),
        placement: z.string().optional(),
        datasource: dataSource,
        expr: z.string(),
        titleFormat: z.string(),
        textFormat: z.string(),
      }),
    ),
  }),
  panels: z.array(panel.extend({ panels: z.array(panel).optional() })),
})

export type DashboardJson = z.infer<typeof dashboard> & { readonly file: string }
export type PanelJson = z.infer<typeof panel>

/** The committed dashboards, as Grafana gets them. */
export const readDashboards = (): DashboardJson[] =>
  readdirSync(DASHBOARDS)
    .filter(name => name.endsWith('.json'))
    .map(file => {
      const json: unknown = JSON.parse(readFileSync(join(DASHBOARDS, file), 'utf8'))
      return Object.assign(dashboard.parse(json), { file })
    })

/** All panels but the headings, those that are folded away too. */
export const panelsOf = ({ panels }: DashboardJson): PanelJson[] =>
  panels.flatMap(one => (one.type === 'row' ? (one.panels ?? []) : [one]))

export interface PanelQuery {
  /** `server.json / Drift / A`: the same as long as dashboard and panel are called so. */
  readonly name: string
  readonly expr: string
  readonly legend: string
  /** Asked once at the end of the time range; over the range otherwise. */
  readonly instant: boolean
}

/** Every query of every panel, with Grafana's variables still in it. */
export const panelQueries = (
  dashboards: readonly DashboardJson[] = readDashboards(),
): PanelQuery[] =>
  dashboards.flatMap(one =>
    panelsOf(one).flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr, legendFormat = '', instant }) => ({
        name: `${one.file} / ${title} / ${refId}`,
        expr,
        legend: legendFormat,
        instant,
      })),
    ),
  )

/** The series that each variable takes its values from, with the variables before it still in them. */
export const variableQueries = (dashboards: readonly DashboardJson[] = readDashboards()) =>
  dashboards.flatMap(({ file, templating }) =>
    templating.list
      .filter(({ type }) => type === 'query')
      .map(({ name, query }) => {
        const [, expr = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? []
        return { name: `${file} / $${name}`, expr, label }
      }),
  )

export const annotationQueries = (dashboards: readonly DashboardJson[] = readDashboards()) =>
  dashboards.flatMap(({ file, annotations }) =>
    annotations.list.map(({ name, expr, titleFormat, textFormat }) => ({
      name: `${file} / ${name}`,
      expr,
      legend: `${titleFormat} ${textFormat}`,
    })),
  )

export interface Chosen {
  readonly job?: string
  readonly pool?: string
  readonly server?: string
  readonly rateInterval?: string
  readonly range?: string
}

/** What Grafana makes of a query: everything is chosen unless told otherwise. */
export const substituted = (expr: string, chosen: Chosen = {}): string => {
  const { job = '.+', pool = '.+', server = '.+', rateInterval = '1m', range = '5m' } = chosen
  const values: Record<string, string> = { job, pool, server }
  return expr
    .replaceAll('$__rate_interval', rateInterval)
    .replaceAll('$__range', range)
    .replaceAll(/\$(job|pool|server)\b/g, (_, name: string) => values[name]!)
}

/** Without what is shown when nothing is there: so that what is there has to come from the series. */
export const withoutFallback = (expr: string): string => expr.replace(/ or 0 \* count\(.*\)$/, '')
