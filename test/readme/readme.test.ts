import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format } from 'prettier'
import t from 'tap'
import { parseConfig } from '../../src/config/config.js'
import { parseWebConfig } from '../../src/config/web.js'
import { skipUnless } from '../peers/peer.js'
import { promtool } from '../peers/prometheus.js'
import { temporaryFolder } from '../peers/scope.js'
import { readme, renewed } from './tables.js'

const formatted = async (text: string): Promise<string> =>
  format(text, {
    parser: 'markdown',
    ...(JSON.parse(
      await readFile(new URL('../../.prettierrc.json', import.meta.url), 'utf8'),
    ) as object),
  })

void t.test(
  'the tables in the README are those of the code (npm run readme makes them anew)',
  async t => {
    t.equal(await formatted(readme()), await formatted(renewed(readme())))
  },
)

/** Those of lists are indented. */
const yamlBlocks = (): readonly string[] =>
  [...readme().matchAll(/^( *)```yaml\n([^]*?)^ *```$/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  )

void t.test('every configuration of Prometheus in the README is one that it takes', async t => {
  if (skipUnless(t, 'promtool')) return
  const blocks = yamlBlocks().filter(text => /^scrape_configs:/m.test(text))
  t.ok(blocks.length >= 3)
  const file = join(await temporaryFolder(t, 'readme'), 'prometheus.yml')
  for (const text of blocks) {
    await writeFile(file, text)
    const { code, stdout, stderr } = await promtool(['check', 'config', '--syntax-only', file])
    t.equal(code, 0, `${text}${stdout}${stderr}`)
  }
})

void t.test('every configuration in the README is one that edgeclock takes', async t => {
  const blocks = yamlBlocks()
  const ours = blocks.filter(text => /^reference:/m.test(text))
  t.ok(ours.length > 0)
  for (const text of ours) {
    const parsed = parseConfig(text)
    t.ok(parsed.ok, parsed.ok ? text : JSON.stringify(parsed.problems))
  }
  const web = blocks.filter(text => /^tls_server_config:/m.test(text))
  t.equal(web.length, 1)
  t.ok(web.every(text => parseWebConfig(text, 'web.yml').ok))
})

void t.test('every command in the README is a script or a command that there is', async t => {
  const manifest = JSON.parse(
    await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as { scripts: Record<string, string> }
  const named = [...readme().matchAll(/npm (?:run )?([a-z:]+)/g)].map(([, name = '']) => name)
  t.ok(named.includes('test'))
  for (const name of named) {
    t.ok(name in manifest.scripts || ['install', 'ci'].includes(name), `npm ${name}`)
  }
})
