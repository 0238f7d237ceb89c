import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { TraceFiles } from '../../src/demo/trace-files.js'
import { temporaryFolder } from '../peers/scope.js'

void t.test('a full file is followed by a new one, and the oldest are deleted', async t => {
  const folder = await temporaryFolder(t, 'traces')
  const files = new TraceFiles(folder, 10)
  files.append('fe1', 'é is two\n')
  t.same(await readdir(folder), ['fe1-000001.log'])
  for (let i = 2; i <= 5; i++) files.append('fe1', `${i}: 123456\n`)
  files.append('fe1', '6\n')
  files.append('fe1', 'last\n')
  files.append('fe2', 'other\n')
  const names = (await readdir(folder)).sort()
  t.same(names, ['fe1-000004.log', 'fe1-000005.log', 'fe1-000006.log', 'fe2-000001.log'])
  t.equal(await readFile(join(folder, 'fe1-000006.log'), 'utf8'), '6\nlast\n')
})
