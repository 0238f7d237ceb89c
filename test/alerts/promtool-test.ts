import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'
import { promtool } from '../peers/prometheus.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { type Labels, SCRAPE_SECONDS, type Series, type Value, type World } from './world.js'

export const RULES = ['edgeclock.recording.yml', 'edgeclock.alerts.yml'].map(file =>
  resolve(import.meta.dirname, '..', '..', 'alerts', 'rules', file),
)

/** What fires at an instant, in full: labels as /alerts has them, without `alertname`. */
export type Expected = { readonly labels: Labels; readonly annotations: Labels }

export type AlertTest = {
  readonly alert: string
  readonly atSeconds: number
  readonly alerts: readonly Expected[]
}

export type QueryTest = {
  readonly query: string
  readonly atSeconds: number
  readonly samples: readonly { readonly labels: Labels; readonly value: number }[]
}

export type RuleTest = {
  readonly world: World
  readonly alerts?: readonly AlertTest[]
  readonly queries?: readonly QueryTest[]
  /** How often the rules are evaluated; as often as the exporter is scraped, if not given. */
  readonly evaluationSeconds?: number
}

const selector = ({ metric, labels }: Series): string =>
  `${metric}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(', ')}}`

/** In promtool's notation: `stale` ends a series, as Prometheus does, `_` is no sample. */
const token = (value: Value, before: Value): string => {
  if (value === 'gap') return '_'
  if (value === undefined) return before === undefined ? '_' : 'stale'
  return Number.isFinite(value) || Number.isNaN(value) ? String(value) : value < 0 ? '-Inf' : 'Inf'
}

const samples = ({ at }: Series, untilSeconds: number): string => {
  const tokens: string[] = []
  let known: Value
  for (let seconds = 0; seconds <= untilSeconds; seconds += SCRAPE_SECONDS) {
    const value = at(seconds)
    tokens.push(token(value, known))
    if (value !== 'gap') known = value
  }
  return tokens.join(' ')
}

const seconds = (at: number): string => `${at}s`

/** JSON, which is YAML as well. */
const testText = (
  { world, alerts = [], queries = [], evaluationSeconds = SCRAPE_SECONDS }: RuleTest,
  rules: string[],
): string => {
  const until = Math.max(...[...alerts, ...queries].map(({ atSeconds }) => atSeconds))
  return JSON.stringify({
    rule_files: rules,
    evaluation_interval: seconds(evaluationSeconds),
    tests: [
      {
        interval: seconds(SCRAPE_SECONDS),
        input_series: world.map(one => ({ series: selector(one), values: samples(one, until) })),
        alert_rule_test: alerts.map(({ alert, atSeconds, alerts: expected }) => ({
          eval_time: seconds(atSeconds),
          alertname: alert,
          exp_alerts: expected.map(({ labels, annotations }) => ({
            exp_labels: labels,
            exp_annotations: annotations,
          })),
        })),
        promql_expr_test: queries.map(({ query, atSeconds, samples: expected }) => ({
          expr: query,
          eval_time: seconds(atSeconds),
          exp_samples: expected.map(({ labels, value }) => ({
            labels: selector({ metric: '' as Series['metric'], labels, at: () => value }),
            value,
          })),
        })),
      },
    ],
  })
}

type RuleFile = { groups: { name: string; rules: { alert?: string; record?: string }[] }[] }

/** The rules of the named alerts alone: no alert needs another rule, and all take 30 times as long. */
const rulesOf = async (names: ReadonlySet<string>): Promise<string> => {
  const files = await Promise.all(RULES.map(async file => readFile(file, 'utf8')))
  const groups = files.flatMap(file => (parse(file) as RuleFile).groups)
  const some = groups.map(({ name, rules }) => ({
    name,
    rules: rules.filter(({ alert }) => alert !== undefined && names.has(alert)),
  }))
  return JSON.stringify({ groups: some.filter(({ rules }) => rules.length > 0) })
}

/** Empty where promtool finds all as it should be, else what it says. */
export const problemsOf = async (scope: Scope, test: RuleTest): Promise<string> => {
  const folder = await temporaryFolder(scope, 'rules')
  const file = join(folder, 'test.yml')
  const some = join(folder, 'rules.yml')
  const names = new Set(test.alerts?.map(({ alert }) => alert))
  if (!test.queries) await writeFile(some, await rulesOf(names))
  await writeFile(file, testText(test, test.queries ? RULES : [some]))
  const { code, stdout, stderr } = await promtool(['test', 'rules', file])
  return code === 0 ? '' : `${stdout}${stderr}`
}
