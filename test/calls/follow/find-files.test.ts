import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { filesIn, findFiles, parsePattern } from '../../../src/calls/follow/find-files.js'
import { temporaryFolder } from '../../peers/scope.js'

void t.test('a pattern is split where it begins to vary', t => {
  const cases: readonly [string, boolean, string, string | undefined][] = [
    ['/var/log/*.log', false, '/var/log', '*.log'],
    ['/*.log', false, '/', '*.log'],
    ['traces/**/a.log', false, 'traces', '**/a.log'],
    ['*.log', false, '.', '*.log'],
    ['/var/log/trace.log', false, '/var/log', undefined],
    ['C:\\Traces\\Edge1\\*.log', true, 'C:/Traces/Edge1', '*.log'],
    ['C:\\*.log', true, 'C:/', '*.log'],
    ['C:\\Program Files (x86)\\trace.log', true, 'C:/Program Files (x86)', undefined],
    ['\\\\edge1\\traces\\{a,b}\\*.log', true, '//edge1/traces', '{a,b}/*.log'],
  ]
  for (const [pattern, windows, base, glob] of cases) {
    const parsed = parsePattern(pattern, windows)
    t.same([parsed.base, parsed.glob], [base, glob], pattern)
  }
  t.end()
})

void t.test('files are found below folders with any name', async t => {
  const folder = join(await temporaryFolder(t, 'find'), 'old (x86) [1]')
  mkdirSync(join(folder, 'sub'), { recursive: true })
  for (const name of ['a.log', 'b.txt', 'sub/c.log']) writeFileSync(join(folder, name), 'x')
  mkdirSync(join(folder, 'folder.log'))
  const names = async (glob: string) =>
    (await findFiles({ path: join(folder, glob), base: folder, glob })).found
      .map(({ path }) => path.slice(folder.length + 1))
      .sort()
  t.same(await names('*.log'), ['a.log'])
  t.same(await names('**/*.log'), ['a.log', 'sub/c.log'])
  t.same(await names('{a.log,b.*}'), ['a.log', 'b.txt'])
})

void t.test('a name that looks like a pattern is found as it is written', async t => {
  const folder = await temporaryFolder(t, 'find')
  const path = join(folder, 'trace[1].log')
  writeFileSync(path, 'x')
  const { found, problem } = await findFiles(parsePattern(path))
  t.same(
    found.map(seen => seen.path),
    [path],
  )
  t.equal(problem, undefined)
})

void t.test('two names of one file are one file', async t => {
  const folder = await temporaryFolder(t, 'find')
  writeFileSync(join(folder, 'a.log'), 'x')
  symlinkSync('a.log', join(folder, 'current.log'))
  t.equal((await findFiles(parsePattern(join(folder, '*.log')))).found.length, 1)
})

void t.test('what is missing is told apart from what cannot be seen', async t => {
  const folder = await temporaryFolder(t, 'find')
  const empty = await findFiles(parsePattern(join(folder, '*.log')))
  t.same(empty, { found: [], problem: undefined, complete: true }, 'no file is no problem')
  const plain = await findFiles(parsePattern(join(folder, 'a.log')))
  t.match(plain, { found: [], problem: /ENOENT/, complete: true })
  const noFolder = await findFiles(parsePattern(join(folder, 'none/*.log')))
  t.match(noFolder, { found: [], problem: /ENOENT/, complete: false })
  const isFolder = await findFiles(parsePattern(folder))
  t.match(isFolder, { found: [], problem: /is no file/, complete: true })
  t.match(await filesIn(join(folder, 'none')), { found: [], complete: true })
})
