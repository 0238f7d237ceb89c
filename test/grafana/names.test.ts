import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { z } from 'zod'
import { recordings } from '../../alerts/source/recording.js'
import { processMetrics } from '../../src/metrics/process.js'
import { metrics } from '../../src/metrics/table.js'
import { parsePromql } from './promql.js'
import { annotationQueries, panelQueries, substituted, variableQueries } from './queries.js'

const RULES = resolve(import.meta.dirname, '../../alerts/rules')
const TARGET = ['job', 'instance']

const rulesFile = z.object({
  groups: z.array(
    z.object({
      rules: z.array(
        z.object({
          alert: z.string().optional(),
          record: z.string().optional(),
          expr: z.string(),
          labels: z.record(z.string(), z.string()).optional(),
          annotations: z.record(z.string(), z.string()).optional(),
        }),
      ),
    }),
  ),
})
const rules = readdirSync(RULES).flatMap(file =>
  rulesFile.parse(parse(readFileSync(join(RULES, file), 'utf8'))).groups.flatMap(one => one.rules),
)

/** Node's and the process' own, with the parts of histograms: those have no series before the first value. */
const ofProcess = async (): Promise<[string, readonly string[]][]> => {
  const all = await Promise.all(processMetrics().map(metric => metric.get()))
  return all.flatMap(({ name, type, values }) => {
    const labels = [...new Set(values.flatMap(value => Object.keys(value.labels)))]
    const parts = String(type) === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']
    return parts.map((part): [string, string[]] => [`${name}${part}`, labels])
  })
}

const exported = Object.entries(metrics).map(([name, { labels }]): [string, readonly string[]] => [
  name,
  labels,
])
const process = await ofProcess()
const ruleLabels = rules.flatMap(({ labels = {} }) => Object.keys(labels))
const everyLabel = [...new Set(exported.flatMap(([, labels]) => labels))]
/** Name → labels, of all that can be in the database. */
const known = new Map<string, readonly string[]>([
  ...[...exported, ...process].map(([name, labels]) => [name, [...TARGET, ...labels]] as const),
  ...recordings.map(({ record, labels }) => [record, labels] as const),
  ['up', TARGET],
  ['scrape_duration_seconds', TARGET],
  ['ALERTS', [...TARGET, ...everyLabel, ...ruleLabels, 'alertname', 'alertstate']],
])

/** The known metrics that a selector can mean. */
const meant = (metric: string | undefined, pattern: string | undefined): string[] => {
  if (metric !== undefined) return known.has(metric) ? [metric] : []
  const matches = new RegExp(`^(?:${pattern ?? ''})$`)
  return [...known.keys()].filter(name => matches.test(name))
}

const check = (t: Test, name: string, expr: string, legend = ''): string[] => {
  const { selectors, grouping } = parsePromql(substituted(expr))
  const used = selectors.flatMap(selector => {
    const names = meant(selector.metric, selector.namePattern)
    t.ok(names.length > 0, `${name}: ${selector.text} is a known metric`)
    for (const one of names) {
      const unknown = selector.labels.filter(label => !known.get(one)?.includes(label))
      t.same(unknown, [], `${name}: labels of ${one}`)
    }
    return names
  })
  const labels = new Set(used.flatMap(one => known.get(one) ?? []))
  const shown = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label)
  const unknown = [...grouping, ...shown].filter(label => !labels.has(label))
  t.same(unknown, [], `${name}: what it is grouped and called by`)
  return used
}

const panels = panelQueries()
const metricsOf = (expr: string) =>
  parsePromql(substituted(expr)).selectors.map(({ metric = '' }) => metric)

void t.test('every metric and label of a panel exists', async t => {
  for (const { name, expr, legend } of panels) check(t, name, expr, legend)
})

void t.test('every metric and label of a variable exists', async t => {
  for (const { name, expr, label } of variableQueries()) {
    const used = check(t, name, expr)
    t.ok(
      used.every(one => known.get(one)?.includes(label)),
      `${name}: ${label}`,
    )
  }
})

void t.test('every metric and label of an annotation exists', async t => {
  for (const { name, expr, legend } of annotationQueries()) check(t, name, expr, legend)
})

void t.test('every metric and label of a rule exists', async t => {
  t.ok(rules.some(({ alert }) => alert) && rules.some(({ record }) => record))
  for (const { alert, record, expr, annotations = {} } of rules) {
    const name = alert ?? record ?? ''
    t.ok(parsePromql(expr).ok, `${name} is PromQL`)
    check(t, name, expr)
    // Annotations ask by themselves too, within their templates.
    const words = JSON.stringify(annotations).match(/\bedgeclock_[a-z0-9_]+/g) ?? []
    t.same(
      words.filter(word => !known.has(word)),
      [],
      `${name}: its annotations`,
    )
  }
})

/** What no panel shows, and why. */
const NOT_SHOWN: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/^probe_/, 'only on /probe, which is scraped as a job of its own choosing'],
  [/^process_cpu_(user|system)_seconds_total$/, 'process_cpu_seconds_total is their sum'],
  [/^process_(virtual_memory|heap)_bytes$/, 'what counts is the resident memory'],
  [
    /^nodejs_eventloop_lag(_min|_mean|_stddev|_p90)?_seconds$/,
    'half, 99 % and the worst are shown',
  ],
  [/^nodejs_active_/, 'for developers: what the program waits for'],
  [/^nodejs_heap_space_|^nodejs_heap_size_total_bytes$/, 'for developers: parts of the heap'],
  [/^nodejs_version_info$/, 'edgeclock_build_info has it'],
  [/^nodejs_gc_duration_seconds_(bucket|count)$/, 'its sum is shown'],
]

void t.test('every exported metric is shown, or it is said why not', async t => {
  const shown = new Set(panels.flatMap(({ expr }) => metricsOf(expr)))
  const all = [...exported, ...process].map(([name]) => name)
  for (const name of all) {
    const [, why] = NOT_SHOWN.find(([pattern]) => pattern.test(name)) ?? []
    t.not(shown.has(name), why !== undefined, `${name}: ${why ?? 'is on a dashboard'}`)
  }
  for (const [pattern] of NOT_SHOWN)
    t.ok(
      all.some(name => pattern.test(name)),
      String(pattern),
    )
})
