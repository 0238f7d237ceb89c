import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'tap'
import { loadConfig, loadWebConfig } from '../../src/config/load.js'
import { REFERENCE } from './parsed.js'

void test('a file is read, with or without a byte order mark', async t => {
  const directory = t.testdir({ 'a.yml': REFERENCE, 'b.yml': `\uFEFF${REFERENCE}` })
  const plain = await loadConfig(join(directory, 'a.yml'))
  t.ok(plain.ok)
  t.same(await loadConfig(join(directory, 'b.yml')), plain)
})

void test('a file that cannot be read is a problem, not an exception', async t => {
  const directory = t.testdir({ 'big.yml': `ab: ${'é'.repeat(1024 * 512)}` })
  await writeFile(join(directory, 'utf16.yml'), Buffer.from(REFERENCE, 'utf16le'))
  await writeFile(join(directory, 'latin1.yml'), Buffer.from('# münchen\n', 'latin1'))
  const cases: Readonly<Record<string, RegExp>> = {
    'missing.yml': /^cannot be read: ENOENT/,
    '': /^cannot be read: EISDIR/,
    'big.yml': /^is larger than 1048576 bytes$/,
    'latin1.yml': /^is not UTF-8 text/,
  }
  for (const [name, message] of Object.entries(cases)) {
    const problems = [{ line: 0, column: 0, path: '', rule: 'file', message }]
    t.match(await loadConfig(join(directory, name)), { ok: false, problems }, name)
    t.match(await loadWebConfig(join(directory, name)), { ok: false, problems }, name)
  }
  t.match(await loadConfig(join(directory, 'utf16.yml')), { ok: false })
  t.match(await loadConfig('a\0b'), { ok: false, problems: [{ rule: 'file' }] })
})

void test("a web configuration's paths start at its own directory", async t => {
  const directory = t.testdir({
    'web.yml': 'tls_server_config: {cert_file: a.crt, key_file: ../b.key}',
  })
  const tls = { certFile: join(directory, 'a.crt'), keyFile: join(directory, '..', 'b.key') }
  t.match(await loadWebConfig(join(directory, 'web.yml')), { ok: true, config: { tls } })
})
