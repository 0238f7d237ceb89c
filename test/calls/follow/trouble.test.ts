import { spawnSync } from 'node:child_process'
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { temporaryFolder } from '../../peers/scope.js'
import { Following } from './following.js'

const DOWN = 'files cannot be read'
const UP = 'files can be read again'

void t.test('a missing file or folder is down until it is there, and said once', async t => {
  const folder = await temporaryFolder(t, 'trouble')
  for (const pattern of ['new/a.log', 'other/*.log']) {
    const following = new Following(t, { pattern: join(folder, pattern) })
    for (let i = 0; i < 3; i++) await following.readAll()
    t.match(following.follower.status(), { up: false, detail: /ENOENT/, files: 0 })
    mkdirSync(join(folder, pattern, '..'))
    appendFileSync(join(folder, pattern, '..', 'a.log'), 'one\n')
    t.same(await following.readAll(6), ['one'])
    t.match(following.follower.status(), { up: true, detail: undefined, files: 1 })
    t.same(following.messages(), [DOWN, UP])
  }
})

void t.test('a folder in the place of a file is down', async t => {
  const folder = await temporaryFolder(t, 'trouble')
  const following = new Following(t, { pattern: folder })
  await following.readAll()
  t.match(following.follower.status(), { up: false, detail: /is no file/ })
})

void t.test('files behind a folder that is away are not forgotten', async t => {
  const folder = await temporaryFolder(t, 'trouble')
  const share = join(folder, 'share')
  mkdirSync(share)
  appendFileSync(join(share, 'a.log'), 'one\n')
  const following = new Following(t, { pattern: join(share, '*.log') })
  await following.readAll()
  renameSync(share, join(folder, 'away'))
  await following.restart()
  await following.readAll(100)
  t.equal(following.follower.status().up, false)
  await following.restart()
  await following.readAll(100)
  renameSync(join(folder, 'away'), share)
  appendFileSync(join(share, 'a.log'), 'two\n')
  t.same(await following.readAll(6), ['one', 'two'])
})

void t.test('a mount point that is empty for a while makes nothing be read twice', async t => {
  const folder = await temporaryFolder(t, 'trouble')
  const share = join(folder, 'share')
  mkdirSync(share)
  appendFileSync(join(share, 'a.log'), 'one\n')
  const following = new Following(t, { pattern: join(share, '*.log') })
  await following.readAll()
  renameSync(share, join(folder, 'away'))
  mkdirSync(share)
  for (let i = 0; i < 4; i++) await following.readAll(70)
  t.equal(following.follower.status().files, 0)
  await following.restart()
  await following.readAll(70)
  rmSync(share, { recursive: true })
  renameSync(join(folder, 'away'), share)
  appendFileSync(join(share, 'a.log'), 'two\n')
  t.same(await following.readAll(6), ['one', 'two'])
})

const skip = process.getuid?.() === 0 ? false : 'only root can take rights away from a process'
void t.test('what may not be read is said, the rest is read', { skip }, async t => {
  const folder = await temporaryFolder(t, 'trouble')
  chmodSync(folder, 0o755)
  mkdirSync(join(folder, 'closed'), { mode: 0o700 })
  appendFileSync(join(folder, 'a.log'), 'one\n')
  appendFileSync(join(folder, 'b.log'), 'secret\n')
  chmodSync(join(folder, 'b.log'), 0o600)
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, join(import.meta.dirname, 'unprivileged.ts'), folder],
    { encoding: 'utf8' },
  )
  const [open, closed] = JSON.parse(stdout || JSON.stringify(stderr))
  t.match(open, { got: ['one'], messages: [DOWN] })
  t.match(open.status, { up: false, detail: /EACCES.*b\.log/, files: 2 })
  t.match(closed.status, { up: false, detail: /EACCES/, files: 0 })
})
