import { connect, createServer } from 'node:net'
import { chmod, mkdir, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { test } from 'tap'
import { lockDirectory, type Lock } from '../../../src/calls/store/lock.js'
import { temporaryFolder, type Scope } from '../../peers/scope.js'
import { until } from '../../peers/wait.js'
import { HOLD, startChild } from './child.js'

const lockOf = async (scope: Scope, directory: string): Promise<Lock> => {
  const locked = await lockDirectory(directory)
  if (!locked.ok) throw new Error(locked.detail)
  scope.teardown(() => locked.lock.release())
  return locked.lock
}

void test('a directory is made, locked once, and free again after its release', async t => {
  const directory = join(await temporaryFolder(t, 'lock'), 'deep', 'state')
  const lock = await lockOf(t, directory)
  t.equal((await stat(directory)).mode & 0o777, 0o700)
  t.equal(await lock.held(), true)
  const second = await lockDirectory(directory)
  t.match(second, { ok: false, detail: `in use by process ${process.pid} on ` })
  t.equal(await lock.held(), true)
  await lock.release()
  t.equal(await lock.held(), false)
  t.same(await readdir(directory), [])
  await lockOf(t, directory)
})

void test('a release does not wait for those who ask', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const lock = await lockOf(t, directory)
  const [name = ''] = await readdir(directory)
  const asking = connect({ path: join(directory, name), allowHalfOpen: true })
  t.teardown(() => asking.destroy())
  await new Promise(resolve => void asking.once('data', resolve))
  const before = performance.now()
  await lock.release()
  t.ok(performance.now() - before < 500)
})

void test('a directory is one under all its names', async t => {
  const folder = await temporaryFolder(t, 'lock')
  await lockOf(t, join(folder, 'state'))
  await symlink(join(folder, 'state'), join(folder, 'other'))
  t.match(await lockDirectory(join(folder, 'other')), { ok: false })
  t.match(await lockDirectory(join(folder, 'x', '..', 'state', '.')), { ok: false })
})

void test('what a killed process held is taken at once', async t => {
  const directory = await temporaryFolder(t, 'lock')
  for (let round = 0; round < 3; round++) {
    const holder = await startChild(t, directory, HOLD, 'locked')
    t.match(await lockDirectory(directory), { ok: false, detail: `process ${holder.pid} on ` })
    process.kill(holder.pid, 'SIGKILL')
    await holder.exited
  }
  t.equal((await readdir(directory)).length, 1)
  const before = performance.now()
  const lock = await lockOf(t, directory)
  t.ok(performance.now() - before < 500)
  t.ok(await lock.held())
  t.equal((await readdir(directory)).length, 1)
})

void test('a holder that is stopped in its tracks still holds', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const holder = await startChild(t, directory, HOLD, 'locked')
  process.kill(holder.pid, 'SIGSTOP')
  t.match(await lockDirectory(directory), { ok: false, detail: /a process that does not answer$/ })
  process.kill(holder.pid, 'SIGCONT')
})

void test('of ten that start at once in one process, one wins', async t => {
  for (let round = 0; round < 5; round++) {
    const directory = join(await temporaryFolder(t, 'lock'), 'not', 'yet')
    const all = await Promise.all(Array.from({ length: 10 }, () => lockDirectory(directory)))
    const won = all.flatMap(locked => (locked.ok ? [locked.lock] : []))
    t.equal(won.length, 1, JSON.stringify(all))
    for (const locked of all)
      if (!locked.ok) t.match(locked.detail, `in use by process ${process.pid}`)
    t.equal((await readdir(directory)).length, 1)
    for (const lock of won) await lock.release()
  }
})

void test('of ten processes that start at once where one was killed, one wins', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const dead = await startChild(t, directory, HOLD, 'locked')
  process.kill(dead.pid, 'SIGKILL')
  await dead.exited
  const starters = await Promise.all(
    Array.from({ length: 10 }, () =>
      startChild(
        t,
        directory,
        `setInterval(() => {}, 1000); process.on('SIGUSR2', async () => {${HOLD}}); say('ready')`,
        'ready',
      ),
    ),
  )
  for (const { pid } of starters) process.kill(pid, 'SIGUSR2')
  const outputs = await until(
    () => {
      const texts = starters.map(({ output }) => output())
      return texts.every(text => /locked|refused/.test(text)) && texts
    },
    { what: 'every starter has its answer' },
  )
  t.equal(outputs.filter(text => text.includes('locked')).length, 1, outputs.join(''))
  const winner = starters.find(({ output }) => output().includes('locked'))
  const refused = outputs.filter(text => text.includes('refused'))
  t.ok(refused.every(text => text.includes(`in use by process ${winner?.pid} on `)))
})

void test('starters that are killed at any instant never leave a directory locked', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const loop = `say('ready'); for (;;) {
    const locked = await lockDirectory(directory)
    if (locked.ok) await locked.lock.release()
  }`
  for (let round = 0; round < 5; round++) {
    const starters = await Promise.all([0, 1].map(() => startChild(t, directory, loop, 'ready')))
    const end = performance.now() + Math.random() * 50
    while (performance.now() < end) await readdir(directory)
    for (const { pid } of starters) process.kill(pid, 'SIGKILL')
    await Promise.all(starters.map(({ exited }) => exited))
    const lock = await lockOf(t, directory)
    t.equal((await readdir(directory)).length, 1)
    await lock.release()
  }
  t.same(await readdir(directory), [])
})

void test('two never hold at once, however they come and go', async t => {
  const directory = await temporaryFolder(t, 'lock')
  let holding = 0
  let most = 0
  let times = 0
  const comeAndGo = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      const locked = await lockDirectory(directory)
      if (!locked.ok) continue
      most = Math.max(most, ++holding)
      times++
      await readdir(directory)
      t.ok(await locked.lock.held())
      holding--
      await locked.lock.release()
    }
  }
  await Promise.all([comeAndGo(), comeAndGo(), comeAndGo()])
  t.equal(most, 1)
  t.ok(times > 0)
})

void test('a holder whose socket is deleted, replaced or moved sees it', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const lock = await lockOf(t, directory)
  const [name = ''] = await readdir(directory)
  await rename(join(directory, name), join(directory, 'away'))
  t.equal(await lock.held(), false)
  await writeFile(join(directory, name), '')
  t.equal(await lock.held(), false)
  await rename(join(directory, 'away'), join(directory, name))
  t.equal(await lock.held(), true)
  await rm(join(directory, name))
  const other = await lockOf(t, directory)
  t.same([await lock.held(), await other.held()], [false, true])
  await lock.release()
  t.same([await lock.held(), await other.held()], [false, true])
})

void test('a directory that is moved away and made anew is not the one that was locked', async t => {
  const folder = await temporaryFolder(t, 'lock')
  const directory = join(folder, 'state')
  const lock = await lockOf(t, directory)
  await rename(directory, join(folder, 'old'))
  await mkdir(directory)
  t.equal(await lock.held(), false)
})

void test('a directory with a path too long for a socket is locked all the same', async t => {
  const directory = join(
    await temporaryFolder(t, 'lock'),
    'long'.repeat(50),
    'directory'.repeat(20),
  )
  const locked = await lockDirectory(directory)
  if (process.platform !== 'linux') {
    t.match(locked, { ok: false, detail: /its path is too long/ })
    return
  }
  t.match(locked, { ok: true })
  t.match(await lockDirectory(directory), { ok: false, detail: /in use by process/ })
  if (!locked.ok) return
  t.equal(await locked.lock.held(), true)
  await locked.lock.release()
  t.same(await readdir(directory), [])
})

void test('where there can be no lock, it is said why', async t => {
  const folder = await temporaryFolder(t, 'lock')
  await writeFile(join(folder, 'file'), '')
  t.match(await lockDirectory(join(folder, 'file')), {
    ok: false,
    detail: /^the directory cannot be locked: .*ENOTDIR/,
  })
  t.match(await lockDirectory(join(folder, 'file', 'state')), { ok: false, detail: /ENOTDIR/ })
  t.match(await lockDirectory('/proc/nothing'), { ok: false, detail: /^the directory cannot/ })
})

void test('a stranger that listens there and says something else does not let us in', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const stranger = createServer(socket => socket.end('hello\n'))
  t.teardown(() => stranger.close())
  const name = `lock-${'0'.repeat(16)}.sock`
  await new Promise<void>(resolve => void stranger.listen(join(directory, name), resolve))
  t.match(await lockDirectory(directory), {
    ok: false,
    detail: `cannot be told (${name}: it ended the connection)`,
  })
  t.same(await readdir(directory), [name])
})

void test('what was left by those killed before they had a name is removed', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const others = ['new-.sock', 'state.json', 'lock-x.sock']
  for (const name of [`new-${'0'.repeat(16)}.sock`, ...others])
    await writeFile(join(directory, name), '')
  await chmod(join(directory, 'state.json'), 0o600)
  const lock = await lockOf(t, directory)
  await lock.release()
  t.same((await readdir(directory)).sort(), others.sort())
})

void test('a lock is held from a worker thread, and keeps neither it nor a process alive', async t => {
  const directory = await temporaryFolder(t, 'lock')
  const url = new URL('../../../dist/calls/store/lock.js', import.meta.url)
  const code = `import(${JSON.stringify(url)}).then(async ({ lockDirectory }) => {
    const { parentPort, workerData } = require('node:worker_threads')
    parentPort.postMessage((await lockDirectory(workerData)).ok)
  })`
  const worker = new Worker(code, { eval: true, workerData: directory })
  const ended = new Promise(resolve => void worker.once('exit', resolve))
  t.equal(await new Promise(resolve => void worker.once('message', resolve)), true)
  t.equal(await ended, 0)
  await lockOf(t, directory)
})
