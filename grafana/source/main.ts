import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { dashboardFiles } from './files.js'
import { DEFAULTS } from './dashboard.js'

/** Writes the dashboards: `npm run bundle -- --runbook-url=https://monitoring.contoso.com/runbooks`. */
const { values } = parseArgs({
  options: {
    // Dashboards lead to each other by paths: this flag is for the rules, which are made by the same command.
    'grafana-url': { type: 'string' },
    'runbook-url': { type: 'string', default: DEFAULTS.runbookUrl },
    output: { type: 'string', default: join(import.meta.dirname, '..', '..') },
  },
})

const folder = join(values.output, 'grafana', 'dashboards')
await mkdir(folder, { recursive: true })
const files = dashboardFiles({ runbookUrl: values['runbook-url'].replace(/\/+$/, '') })
for (const [name, text] of files) await writeFile(join(folder, name), text)
