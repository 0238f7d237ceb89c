import {
  appendFileSync,
  copyFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { temporaryFolder } from '../../peers/scope.js'
import { Following } from './following.js'

const setUp = async (t: Test, pattern = '*.log') => {
  const folder = await temporaryFolder(t, 'rotation')
  const path = (name: string) => join(folder, name)
  return { path, following: new Following(t, { pattern: path(pattern) }) }
}

/** Longer than what a file is known by, so that head and anchor differ. */
const long = (name: string): string => `${name} ${'x'.repeat(600)}`
const write = (path: string, ...lines: string[]) =>
  appendFileSync(path, lines.map(line => `${line}\n`).join(''))

void t.test('a renamed file is read to its end under a name that is none of ours', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'one')
  await following.readAll()
  renameSync(path('a.log'), path('a.old'))
  write(path('a.log'), 'new')
  write(path('a.old'), 'two')
  await following.readAll()
  write(path('a.old'), 'three')
  t.same((await following.readAll(6)).toSorted(), ['new', 'one', 'three', 'two'])
  t.equal(following.follower.status().files, 2)
  await following.readAll(61)
  t.equal(following.follower.status().files, 1, 'and forgotten once it has been quiet')
})

void t.test('a file that was renamed while nobody looked is found by its content', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), long('one'))
  await following.readAll()
  const { follower, got } = following
  const saved = follower.save()
  write(path('a.log'), 'two')
  renameSync(path('a.log'), path('moved'))
  copyFileSync(path('moved'), path('a.old'))
  rmSync(path('moved'))
  write(path('a.log'), 'new')
  write(path('other.txt'), 'not ours')
  await following.restart(saved, got)
  t.same((await following.readAll()).toSorted(), ['new', long('one'), 'two'])
})

void t.test('a deleted file is read to its end, then let go', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'one')
  await following.readAll()
  write(path('a.log'), 'two')
  rmSync(path('a.log'))
  t.same(await following.readAll(6), ['one', 'two'])
  await following.readAll(6)
  t.match(following.follower.status(), { up: true, files: 0 })
})

void t.test('a truncated file begins again, also when it has outgrown its old size', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'one', 'two')
  await following.readAll()
  writeFileSync(path('a.log'), 'three\n')
  await following.readAll()
  writeFileSync(path('a.log'), `${'four '.repeat(200)}\nfive\n`)
  t.same(await following.readAll(), ['one', 'two', 'three', 'four '.repeat(200), 'five'])
})

void t.test('a rewritten file of the same size is seen, whatever its stamps show', async t => {
  const { path, following } = await setUp(t)
  const stamps = (name: string) => {
    const { mtimeNs, ctimeNs } = statSync(path(name), { bigint: true })
    return `${mtimeNs} ${ctimeNs}`
  }
  let unseen = 0
  for (let i = 0; i < 50 && unseen === 0; i++) {
    const name = `${i}.log`
    write(path(name), `one ${i}`)
    await following.readAll(6)
    const before = stamps(name)
    writeFileSync(path(name), `two ${i}\n`)
    // Within one tick of the system's clock, where that is what files are stamped with.
    if (stamps(name) === before) unseen++
    following.got = []
    t.same(await following.readAll(), [`two ${i}`])
  }
  t.comment(unseen > 0 ? 'with equal stamps too' : 'no equal stamps on this system')
})

void t.test('a file that ends as before but begins otherwise is another', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), long('one'))
  await following.readAll()
  writeFileSync(path('a.log'), `${long('two')}\n`)
  t.same(await following.readAll(), [long('one'), long('two')])
})

void t.test('a copy that is taken before the truncation is not read twice', async t => {
  for (const copy of ['a.1.log', 'a.old']) {
    const { path, following } = await setUp(t)
    write(path('a.log'), long('one'))
    await following.readAll()
    write(path('a.log'), 'two')
    copyFileSync(path('a.log'), path(copy))
    truncateSync(path('a.log'))
    write(path('a.log'), 'three')
    t.same((await following.readAll(6)).toSorted(), [long('one'), 'three', 'two'], copy)
  }
})

void t.test(
  'a copy waits for its original, while that grows, and goes on in its place',
  async t => {
    const { path, following } = await setUp(t)
    const content = [long('one'), long('two')]
    write(path('a.log'), ...content)
    await following.readAll()
    // The copy is seen half done, then done; meanwhile the original grows.
    write(path('b.log'), long('one'))
    truncateSync(path('b.log'), 500)
    await following.readAll(6)
    await following.restart()
    await following.readAll(6)
    write(path('a.log'), 'three', 'four')
    await following.readAll()
    copyFileSync(path('a.log'), path('b.log'))
    write(path('a.log'), 'five')
    await following.readAll(6)
    appendFileSync(path('b.log'), 'five\nsix\n')
    truncateSync(path('a.log'))
    t.same(await following.readAll(6), [...content, 'three', 'four', 'five', 'six'])
  },
)

void t.test('what goes on differently is no copy any more', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'head', 'one')
  await following.readAll()
  copyFileSync(path('a.log'), path('b.log'))
  await following.readAll(6)
  write(path('a.log'), 'only in a')
  write(path('b.log'), 'in b')
  await following.readAll()
  t.same(await following.readAll(6), ['head', 'one', 'only in a', 'in b'])
})

void t.test('a copy that outgrows what it was copied from is read on', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'one')
  await following.readAll()
  copyFileSync(path('a.log'), path('b.log'))
  await following.readAll(6)
  write(path('b.log'), 'two')
  await following.readAll()
  t.same(await following.readAll(6), ['one', 'two'])
})

void t.test('a file that moves away and comes back is read on', async t => {
  const { path, following } = await setUp(t)
  write(path('a.log'), 'one')
  await following.readAll()
  const elsewhere = join(await temporaryFolder(t, 'elsewhere'), 'a.log')
  renameSync(path('a.log'), elsewhere)
  await following.readAll(6)
  await following.readAll(61)
  await following.readAll(61)
  t.equal(following.follower.status().files, 0)
  renameSync(elsewhere, path('a.log'))
  write(path('a.log'), 'two')
  t.same(await following.readAll(6), ['one', 'two'])
})
