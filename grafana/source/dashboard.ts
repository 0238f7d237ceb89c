import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'
import { type Section, layOut } from './layout.js'
import { DATA_SOURCE } from './panel.js'
import { JOB, POOL, alerts } from './query.js'

export const TAG = 'edgeclock'
const REFRESH = '15s'

/** What is the reader's own: where things are. */
export interface Settings {
  /** Of the page with all runbooks. */
  readonly runbookUrl: string
}

export const DEFAULTS: Settings = { runbookUrl: 'http://localhost:10429/runbooks' }

export interface Annotation {
  readonly name: string
  readonly color: string
  readonly expr: string
  readonly title: string
  readonly text: string
  /** The value is the time in ms, and not the time of the sample. */
  readonly atValue?: true
}

export interface DashboardSpec {
  readonly uid: string
  readonly title: string
  readonly description: string
  readonly from: string
  readonly sections: readonly Section[]
  /** The metrics whose servers can be chosen; those of the watched ones otherwise. */
  readonly servers?: string
  /** Which alerts are drawn into the graphs. */
  readonly alerts: readonly string[]
  /** Whom they are of. */
  readonly alertsOf: string
  readonly annotations?: readonly Annotation[]
}

/**
 * Every pool and server that has a series, whichever kind: it may be watched from outside, by itself, or be
 * known from traces alone.
 */
const named = (metrics: string, ...matchers: string[]): string =>
  `{${[`__name__=~"edgeclock_(${metrics})"`, JOB, ...matchers].join(', ')}}`
const POOLS = named('probe_success|ntp_source_readable|um_calls_total')
const WATCHED = 'probe_success|ntp_source_readable'

const variable = (name: string, label: string, series: string): QueryVariableBuilder =>
  new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .query({ query: `label_values(${series}, ${name})`, refId: name, qryType: 5 })
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: ['All'], value: ['$__all'] })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)

const annotated = ({ name, color, expr, title, text, atValue }: Annotation) =>
  new AnnotationQueryBuilder()
    .name(name)
    .datasource(DATA_SOURCE)
    .iconColor(color)
    .expr(expr)
    .titleFormat(title)
    .textFormat(text)
    .useValueForTime(atValue === true)
    .target(new DataqueryBuilder().refId('Anno').expr(expr).range())

const firing = ({ alerts: matchers, alertsOf }: DashboardSpec): Annotation => ({
  name: 'Firing alerts',
  color: 'red',
  expr: alerts(...matchers),
  title: '{{alertname}}',
  text: `{{severity}} ${alertsOf}`,
})

/** What is the same on each dashboard: only the panels differ. */
export const dashboard = (spec: DashboardSpec, { runbookUrl }: Settings): Dashboard => {
  const builder = new DashboardBuilder(spec.title)
    .uid(spec.uid)
    .description(spec.description)
    .tags([TAG])
    .timezone('utc')
    .readonly()
    .time({ from: spec.from, to: 'now' })
    .refresh(REFRESH)
    .tooltip(DashboardCursorSync.Crosshair)
    .withVariable(
      new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
    )
    .withVariable(variable('job', 'Job', 'edgeclock_build_info'))
    .withVariable(variable('pool', 'Pool', POOLS))
    .withVariable(variable('server', 'Server', named(spec.servers ?? WATCHED, POOL)))
    .link(
      new DashboardLinkBuilder('Edgeclock')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .link(
      new DashboardLinkBuilder('Runbooks')
        .type(DashboardLinkType.Link)
        .icon('doc')
        .tooltip('What to do when one of the alerts fires')
        .url(runbookUrl)
        .targetBlank(true),
    )
  for (const one of [firing(spec), ...(spec.annotations ?? [])]) builder.annotation(annotated(one))
  layOut(builder, spec.sections)
  return builder.build()
}

/** The SDK puts links and annotations into a menu, where nobody sees them. */
const shown = (key: string, value: unknown): unknown =>
  key === 'placement' && value === 'inControlsMenu' ? undefined : value

/** As it is in the file: the same text for the same dashboard. Ends with a line feed. */
export const textOf = (built: Dashboard): string => `${JSON.stringify(built, shown, 2)}\n`
