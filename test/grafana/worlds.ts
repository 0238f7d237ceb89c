import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promtool } from '../peers/prometheus.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { type Chosen, panelQueries, substituted } from './queries.js'

/** What a database holds, in promtool's notation: series and its values, 15 s apart. */
export interface World {
  readonly name: string
  readonly series: Readonly<Record<string, string>>
  /** `server.json / Drift / A` → the samples that it gives after 15 min, by their labels. */
  readonly shown: Readonly<Record<string, Readonly<Record<string, number>>>>
}

const AT = '15m'
const CHOSEN: Chosen = { job: '.+', range: '10m', rateInterval: '2m15s' }

const queries = new Map(panelQueries().map(({ name, expr }) => [name, expr]))

const testOf = ({ name, series, shown }: World) => ({
  name,
  interval: '15s',
  input_series: Object.entries(series).map(([one, values]) => ({ series: one, values })),
  promql_expr_test: Object.entries(shown).map(([query, samples]) => {
    const expr = queries.get(query)
    if (expr === undefined) throw new Error(`there is no ${query}`)
    return {
      expr: substituted(expr, CHOSEN),
      eval_time: AT,
      exp_samples: Object.entries(samples).map(([labels, value]) => ({ labels, value })),
    }
  }),
})

/** Empty where every world is shown as it should be, else what promtool says. */
export const problemsOf = async (scope: Scope, worlds: readonly World[]): Promise<string> => {
  const file = join(await temporaryFolder(scope, 'worlds'), 'test.yml')
  // JSON, which is YAML as well.
  await writeFile(file, JSON.stringify({ evaluation_interval: '15s', tests: worlds.map(testOf) }))
  const { code, stdout, stderr } = await promtool(['test', 'rules', file])
  return code === 0 ? '' : `${stdout}${stderr}`
}
