import { spawnSync } from 'node:child_process'
import { resolve } from 'node:path'

/** `npm run bundle`: the rules and the dashboards, each by its own program. Both get all arguments. */
const PROJECT = resolve(import.meta.dirname, '..')

for (const main of ['alerts/source/main.ts', 'grafana/source/main.ts']) {
  const args = ['--import', '@tapjs/typescript/import', main, ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { cwd: PROJECT, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
