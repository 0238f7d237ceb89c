import t from 'tap'
import { metrics } from '../../src/metrics/table.js'
import { type Selector, parsePromql } from './promql.js'
import {
  type PanelJson,
  annotationQueries,
  panelQueries,
  panelsOf,
  readDashboards,
  substituted,
  variableQueries,
} from './queries.js'

const DATA_SOURCE = { type: 'prometheus', uid: '${datasource}' }
const RATES = new Set(['rate', 'irate', 'increase'])
/** Beside its increase(): what of a counter is new, which increase() does not see. */
const BESIDE = new Set(['last_over_time', 'count_over_time'])
/** Stand for Grafana's variables, and occur nowhere else. */
const RATE_INTERVAL = '61s'
const RANGE = '62s'
const dashboards = readDashboards()

const isCounter = (metric: string): boolean =>
  Object.entries(metrics).some(([name, { type }]) => name === metric && type === 'counter') ||
  /_(total|sum|count|bucket)$/.test(metric)

/** Without its range. */
const bare = ({ text }: Selector): string => text.replace(/\[[^\]]*\]$/, '')

const overlap = (one: PanelJson, other: PanelJson): boolean => {
  const [a, b] = [one.gridPos, other.gridPos]
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

for (const one of dashboards) {
  void t.test(`${one.title} has what all dashboards have`, async t => {
    t.match(one, { timezone: 'utc', editable: false, graphTooltip: 1, schemaVersion: 42 })
    t.match(one.uid, /^edgeclock-/)
    t.same(one.tags, ['edgeclock'])
    t.ok(one.refresh && one.description)
    const [dropdown] = one.links
    t.match(dropdown, { type: 'dashboards', tags: ['edgeclock'], asDropdown: true })
    t.match(dropdown, { includeVars: true, keepTime: true })
    t.ok(
      one.links.every(({ placement }) => placement === undefined),
      'links can be seen',
    )
    t.ok(one.annotations.list.every(({ placement }) => placement === undefined))
  })

  void t.test(`${one.title} can be narrowed to a job, a pool and a server`, async t => {
    const { list } = one.templating
    t.same(
      list.map(({ name }) => name),
      ['datasource', 'job', 'pool', 'server'],
    )
    t.match(list[0], { type: 'datasource', query: 'prometheus', label: 'Data source' })
    for (const variable of list.slice(1)) {
      t.match(variable, { type: 'query', datasource: DATA_SOURCE, multi: true, refresh: 2 })
      t.match(variable, { includeAll: true, allValue: '.+' })
    }
  })

  void t.test(`each panel of ${one.title} says what it shows`, async t => {
    for (const panel of panelsOf(one)) {
      t.ok(panel.title && (panel.description ?? '').length > 20, `${panel.title} is described`)
      if (panel.type === 'text') continue
      t.ok(panel.fieldConfig?.defaults['unit'], `${panel.title} has a unit`)
      t.ok(panel.fieldConfig?.defaults['noValue'], `${panel.title} says what nothing means`)
      t.same(panel.datasource, DATA_SOURCE, panel.title)
      t.ok((panel.targets ?? []).length > 0, `${panel.title} asks for something`)
      for (const target of panel.targets ?? []) t.same(target.datasource, DATA_SOURCE, panel.title)
      const refIds = (panel.targets ?? []).map(({ refId }) => refId)
      t.equal(new Set(refIds).size, refIds.length, `${panel.title}: each query has its letter`)
      if (panel.type === 'status-history') t.ok((panel.maxDataPoints ?? Infinity) <= 50)
    }
  })

  void t.test(`the panels of ${one.title} lie beside each other`, async t => {
    const inOrder = one.panels.flatMap(panel => [panel, ...(panel.panels ?? [])])
    const ids = inOrder.map(({ id }) => id)
    t.equal(new Set(ids).size, ids.length, 'no number twice')
    for (const group of [one.panels, ...one.panels.map(panel => panel.panels ?? [])]) {
      for (const [index, panel] of group.entries()) {
        const { x, w } = panel.gridPos
        t.ok(x >= 0 && w > 0 && x + w <= 24, `${panel.title} is within the grid`)
        const other = group.slice(index + 1).find(next => overlap(panel, next))
        t.equal(other?.title, undefined, `${panel.title} covers no other panel`)
      }
    }
  })
}

void t.test('no two dashboards have one uid, and titles are theirs', async t => {
  const uids = ['edgeclock-calls', 'edgeclock-exporter', 'edgeclock-pools', 'edgeclock-server']
  t.same(dashboards.map(({ uid }) => uid).toSorted(), uids)
})

void t.test('every query is PromQL', async t => {
  const queries = [...panelQueries(), ...variableQueries(), ...annotationQueries()]
  for (const { name, expr } of queries) {
    t.ok(parsePromql(substituted(expr)).ok, `${name}: ${expr}`)
    t.notMatch(substituted(expr), /\$/, `${name} has no variable that nobody knows`)
  }
})

void t.test('every query takes the chosen job', async t => {
  for (const { name, expr } of [...panelQueries(), ...variableQueries()]) {
    if (name.endsWith('/ $job')) continue
    for (const { metric, text } of parsePromql(substituted(expr, { job: 'CHOSEN' })).selectors) {
      if (metric !== 'ALERTS') t.match(text, 'job=~"CHOSEN"', name)
    }
  }
})

void t.test('counters are only seen through their growth, over the interval that fits', async t => {
  const chosen = { rateInterval: RATE_INTERVAL, range: RANGE }
  for (const { name, expr, instant } of panelQueries()) {
    const { selectors } = parsePromql(substituted(expr, chosen))
    for (const selector of selectors) {
      const { metric = '', functionName = '', range, offset, text } = selector
      const isGrowth = RATES.has(functionName)
      const increases = selectors.some(
        other => other.functionName === 'increase' && bare(other) === bare(selector),
      )
      const isBeside = BESIDE.has(functionName) && increases
      t.equal(isGrowth || isBeside, isCounter(metric), `${name}: ${text}`)
      // A query that is asked once is asked of all the time that is shown.
      const window = instant ? RANGE : RATE_INTERVAL
      if (offset !== undefined) t.equal(offset, window, `${name}: ${text}`)
      else if (range !== undefined && metric !== 'edgeclock_build_info') {
        t.equal(range, window, `${name}: ${text}`)
      }
    }
  }
})

void t.test('red is in no palette: what only differs has no colour of failure', async t => {
  for (const { title, fieldConfig } of dashboards.flatMap(panelsOf)) {
    t.notMatch(JSON.stringify(fieldConfig), /palette-classic|continuous-/, title)
  }
})

void t.test('the runbook for a silent exporter is where the alert leads to', async t => {
  const exporter = dashboards.find(({ uid }) => uid === 'edgeclock-exporter')!
  const panel = panelsOf(exporter).find(({ id }) => id === 900)
  t.match(panel, { type: 'text', options: { mode: 'markdown', content: /## Mitigation/ } })
})
