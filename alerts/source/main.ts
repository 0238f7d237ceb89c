import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { bundleFiles } from './files.js'
import { renewedReadme } from './readme.js'
import { defaultUrls } from './urls.js'

const PROJECT = join(import.meta.dirname, '..', '..')

/** Writes the rule files, into this project or another folder. */
const { values } = parseArgs({
  options: {
    'grafana-url': { type: 'string', default: defaultUrls.grafana },
    'runbook-url': { type: 'string', default: defaultUrls.runbooks },
    output: { type: 'string', default: PROJECT },
  },
})

const withoutSlash = (url: string): string => url.replace(/\/+$/, '')

const files = bundleFiles({
  grafana: withoutSlash(values['grafana-url']),
  runbooks: withoutSlash(values['runbook-url']),
})
for (const [path, text] of files) {
  const file = join(values.output, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const readme = join(PROJECT, 'alerts', 'README.md')
if (values.output === PROJECT)
  await writeFile(readme, await renewedReadme(await readFile(readme, 'utf8')))
