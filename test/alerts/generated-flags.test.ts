import { spawnSync } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { bundleFiles } from '../../alerts/source/files.js'
import { PROJECT, parseFlags } from '../../alerts/source/flags.js'
import { defaultUrls } from '../../alerts/source/urls.js'
import { dashboardFiles } from '../../grafana/source/files.js'
import { temporaryFolder } from '../peers/scope.js'

const run = (...args: string[]) => spawnSync('node', args, { cwd: PROJECT, encoding: 'utf8' })
const typescript = ['--import', '@tapjs/typescript/import']

void t.test('without flags the generators write into the project, with its own URLs', async t => {
  t.strictSame(parseFlags([]), { ...defaultUrls, output: PROJECT })
})

for (const flag of ['--grafana-url', '--runbook-url']) {
  void t.test(`${flag} has to be a URL of the web`, async t => {
    for (const url of ['notaurl', 'localhost:3000', 'ftp://grafana.test', 'https://', '']) {
      const message = `${flag}=${url}: not a URL that begins with http:// or https://`
      t.throws(() => parseFlags([`${flag}=${url}`]), { message }, url)
    }
    const url = 'https://grafana.test:3000/at'
    t.ok(Object.values(parseFlags([`${flag}=${url}//`])).includes(url), 'and loses its slashes')
  })
}

void t.test('a flag that does not exist is refused', async t => {
  for (const wrong of ['--grafana=https://grafana.test', '--output', 'here'])
    t.throws(() => parseFlags([wrong]), { message: /^.+$/ }, wrong)
})

void t.test('a wrong flag ends each generator in one line, and nothing is written', async t => {
  const output = await temporaryFolder(t, 'bundle')
  for (const [main, wrong] of [
    ['alerts/source/main.ts', '--grafana=https://grafana.test'],
    ['grafana/source/main.ts', '--grafana-url=notaurl'],
  ] as const) {
    const { status, stdout, stderr } = run(...typescript, main, `--output=${output}`, wrong)
    t.equal(status, 2, main)
    t.match(stderr, /^\S.+\n$/)
    t.match(stderr, wrong.split('=')[0])
    t.equal(stdout, '')
  }
  t.strictSame(await readdir(output), [])
})

void t.test('the bundle is made with the URLs that are given, by both generators', async t => {
  const output = await temporaryFolder(t, 'bundle')
  const urls = ['--grafana-url=https://grafana.test/', '--runbook-url=https://runbooks.test/r']
  const { status, stderr } = run('.ci/bundle.js', ...urls, `--output=${output}`)
  t.equal(status, 0, stderr)
  const given = { grafana: 'https://grafana.test', runbooks: 'https://runbooks.test/r' }
  for (const [path, text] of bundleFiles(given)) {
    t.equal(await readFile(join(output, path), 'utf8'), text, path)
    t.notMatch(text, /_url: .*localhost/, path)
  }
  for (const [name, text] of dashboardFiles({ runbookUrl: given.runbooks })) {
    const written = await readFile(join(output, 'grafana', 'dashboards', name), 'utf8')
    t.ok(written === text, name)
    t.match(text, given.runbooks, name)
  }
})

void t.test('the bundle ends as the first generator that refuses its flags', async t => {
  const { status, stderr } = run('.ci/bundle.js', '--runbook-url=notaurl')
  t.equal(status, 2)
  t.equal(stderr, '--runbook-url=notaurl: not a URL that begins with http:// or https://\n')
})
