import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { bundleFiles } from './files.js'
import { PROJECT, bundleFlags } from './flags.js'
import { renewedReadme } from './readme.js'

/** Writes the rule files, into this project or another folder. */
const { output, ...urls } = bundleFlags()

for (const [path, text] of bundleFiles(urls)) {
  const file = join(output, path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

const readme = join(PROJECT, 'alerts', 'README.md')
if (output === PROJECT) await writeFile(readme, await renewedReadme(await readFile(readme, 'utf8')))
