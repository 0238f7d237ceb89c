import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleFlags } from '../../alerts/source/flags.js'
import { dashboardFiles } from './files.js'

/**
 * Writes the dashboards: `npm run bundle -- --runbook-url=https://monitoring.contoso.com/runbooks`. They lead to each
 * other by paths, so that --grafana-url is for the rules alone, which the same command makes.
 */
const { output, runbooks: runbookUrl } = bundleFlags()

const folder = join(output, 'grafana', 'dashboards')
await mkdir(folder, { recursive: true })
for (const [name, text] of dashboardFiles({ runbookUrl })) await writeFile(join(folder, name), text)
