import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'tap'
import { StateFile, type OpenedState } from '../../../src/calls/store/state-file.js'
import { decodeState, encodeState } from '../../../src/calls/store/state-format.js'
import { temporaryFolder } from '../../peers/scope.js'
import { CHILD_IMPORTS, startChild } from './child.js'

const yes = async (): Promise<boolean> => true
const STATE = { version: 7, counters: { ünï: [1, 2, 3] } }

const opened = async (directory: string): Promise<Extract<OpenedState, { ok: true }>> => {
  const state = await StateFile.open(directory, yes)
  if (!state.ok) throw new Error(state.detail)
  return state
}

void test('what was written is read back by the next, and is the last', async t => {
  const directory = await temporaryFolder(t, 'state')
  const first = await opened(directory)
  t.match(first, { state: undefined, setAside: undefined })
  t.same(await first.file.write(JSON.stringify({ before: true })), { ok: true })
  t.same(await first.file.write(JSON.stringify(STATE)), { ok: true })
  const second = await opened(directory)
  t.same(second.state, STATE)
  t.equal(second.setAside, undefined)
  t.same(await readdir(directory), ['state.json'])
  t.equal((await stat(join(directory, 'state.json'))).mode & 0o777, 0o600)
  const text = await readFile(join(directory, 'state.json'), 'utf8')
  t.match(text, /^edgeclock-state 1 sha256=[0-9a-f]{64}\n\{"version":7,/)
})

void test('any JSON value comes back, and any other bytes are refused with a reason', async () => {
  fc.assert(
    fc.property(fc.json(), json => {
      const decoded = decodeState(encodeState(json))
      return decoded.ok && JSON.stringify(decoded.state) === JSON.stringify(JSON.parse(json))
    }),
  )
  fc.assert(fc.property(fc.uint8Array(), bytes => !decodeState(Buffer.from(bytes)).ok))
})

void test('a state with any byte flipped, or cut off anywhere, is none', async t => {
  const good = encodeState(JSON.stringify(STATE))
  for (let at = 0; at < good.length; at++) {
    t.notOk(decodeState(good.subarray(0, at)).ok, `cut off at ${at}`)
    const bad = Buffer.from(good)
    bad[at] = (bad[at] ?? 0) ^ (1 << (at % 8))
    t.notOk(decodeState(bad).ok, `flipped at ${at}`)
  }
})

void test('a state that cannot be read is set aside with all its bytes', async t => {
  const good = encodeState(JSON.stringify(STATE))
  const bad: readonly (readonly [Buffer, RegExp])[] = [
    [Buffer.alloc(0), /^it is not a state of edgeclock; it was kept as state\.json\.unreadable-1$/],
    [good.subarray(0, good.length - 1), /^its hash is wrong.* kept as state\.json\.unreadable-2$/],
    [Buffer.concat([good, Buffer.from('x')]), /hash is wrong/],
    [Buffer.from('{"version":7}'), /not a state of edgeclock/],
    [Buffer.from('edgeclock-state 2 crc32=0\n{}'), /^it is of version 2, not 1; /],
    [encodeState('{"name": "secret'), /^it is not JSON; /],
    [Buffer.alloc(4096), /not a state/],
  ]
  const directory = await temporaryFolder(t, 'state')
  for (const [bytes, why] of bad) {
    await writeFile(join(directory, 'state.json'), bytes)
    const { state, setAside, file } = await opened(directory)
    t.equal(state, undefined)
    t.match(setAside, why)
    t.same(await file.write('1'), { ok: true })
  }
  for (const [index, [bytes]] of bad.entries())
    t.same(await readFile(join(directory, `state.json.unreadable-${index + 1}`)), bytes)
  t.equal((await opened(directory)).state, 1)
})

void test('what was set aside earlier is never overwritten', async t => {
  const directory = await temporaryFolder(t, 'state')
  await writeFile(join(directory, 'state.json.unreadable-9'), 'nine')
  await writeFile(join(directory, 'state.json.unreadable-1'), 'one')
  await writeFile(join(directory, 'state.json'), 'bad')
  t.match((await opened(directory)).setAside, /kept as state\.json\.unreadable-10$/)
  t.equal(await readFile(join(directory, 'state.json.unreadable-10'), 'utf8'), 'bad')
  t.equal(await readFile(join(directory, 'state.json.unreadable-9'), 'utf8'), 'nine')
})

void test('what an unfinished write left is removed, and nothing else', async t => {
  const directory = await temporaryFolder(t, 'state')
  const others = ['state.json.0123456789ab', 'state.json.tmp', 'x.tmp']
  for (const name of ['state.json.0123456789ab.tmp', ...others])
    await writeFile(join(directory, name), '')
  await opened(directory)
  t.same((await readdir(directory)).sort(), others.sort())
})

void test('writes go one after the other, the last one last', async t => {
  const directory = await temporaryFolder(t, 'state')
  const { file } = await opened(directory)
  const written = Array.from({ length: 20 }, (_, i) => file.write(`[${i}]`))
  t.ok((await Promise.all(written)).every(({ ok }) => ok))
  t.same((await opened(directory)).state, [19])
  t.same(await readdir(directory), ['state.json'])
})

void test('a state of some megabytes is written whole', async t => {
  const directory = await temporaryFolder(t, 'state')
  const { file } = await opened(directory)
  const large = Array.from({ length: 200_000 }, (_, i) => `fingerprint ${i} é`)
  const json = JSON.stringify(large)
  t.same(await file.write(json), { ok: true })
  t.ok(JSON.stringify((await opened(directory)).state) === json)
})

void test('once the directory is lost, nothing is written', async t => {
  const directory = await temporaryFolder(t, 'state')
  let held = true
  const state = await StateFile.open(directory, async () => held)
  if (!state.ok) throw new Error(state.detail)
  t.same(await state.file.write('"ours"'), { ok: true })
  held = false
  t.match(await state.file.write('"too late"'), { ok: false, reason: 'lost' })
  t.same(await readdir(directory), ['state.json'])
  t.equal((await opened(directory)).state, 'ours')
})

/** Runs code in a process that is not root's, and gives the JSON that it says. */
const asNobody = async (directory: string, code: string): Promise<unknown> => {
  const drop = 'if (process.getuid() === 0) { process.setgid(65534); process.setuid(65534) }'
  const args = ['--input-type=module', '--eval', `${CHILD_IMPORTS}${drop}\n${code}`, directory]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return JSON.parse(stdout)
}

void test('what may not be read is not set aside', async t => {
  const directory = await temporaryFolder(t, 'state')
  await chmod(directory, 0o777)
  await writeFile(join(directory, 'state.json'), 'bad', { mode: 0 })
  const code = 'say(JSON.stringify(await StateFile.open(directory, async () => true)))'
  t.match(await asNobody(directory, code), { ok: false, detail: /EACCES/ })
  t.same(await readdir(directory), ['state.json'])
})

void test('a write into a directory that may not be written is told', async t => {
  const directory = await temporaryFolder(t, 'state')
  await chmod(directory, 0o555)
  const code = `const { file } = await StateFile.open(directory, async () => true)
    say(JSON.stringify(await file.write('1')))`
  t.match(await asNobody(directory, code), { ok: false, reason: 'io', detail: /EACCES/ })
  t.same(await readdir(directory), [])
})

void test('what is no file is left where it is', async t => {
  const directory = await temporaryFolder(t, 'state')
  await mkdir(join(directory, 'state.json'))
  t.match(await StateFile.open(directory, yes), { ok: false, detail: /is not a file$/ })
  await rm(join(directory, 'state.json'), { recursive: true })
  await symlink('state.json', join(directory, 'state.json'))
  t.match(await StateFile.open(directory, yes), { ok: false, detail: /ELOOP/ })
  t.same(await readdir(directory), ['state.json'])
  t.match(await StateFile.open(join(directory, 'none'), yes), { ok: false, detail: /ENOENT/ })
})

void test('a write that fails is told, and leaves the state before it and nothing else', async t => {
  const directory = await temporaryFolder(t, 'state')
  const { file } = await opened(directory)
  await file.write('"before"')
  // A directory in the file's place is what rename refuses for root too.
  await rm(join(directory, 'state.json'))
  await mkdir(join(directory, 'state.json', 'x'), { recursive: true })
  t.match(await file.write('1'), { ok: false, reason: 'io', detail: /EISDIR|ENOTEMPTY|EEXIST/ })
  t.same(await readdir(directory), ['state.json'])
  await rm(directory, { recursive: true })
  t.match(await file.write('1'), { ok: false, reason: 'io', detail: /ENOENT/ })
})

void test('a write that finds no more room leaves the state before it', async t => {
  const directory = await temporaryFolder(t, 'state')
  const { file } = await opened(directory)
  await file.write('"before"')
  const code = `${CHILD_IMPORTS}
    process.on('SIGXFSZ', () => {})
    const { file } = await StateFile.open(directory, async () => true)
    say(JSON.stringify([
      await file.write(JSON.stringify('x'.repeat(200_000))),
      await file.write('"small"'),
    ]))`
  const run = `ulimit -f 64; exec "$0" --input-type=module --eval "$1" "$2"`
  const output = await new Promise<string>((resolve, reject) => {
    const args = ['-c', run, process.execPath, code, directory]
    execFile('sh', args, (error, stdout) => (error ? reject(error) : resolve(stdout)))
  })
  t.match(JSON.parse(output), [{ ok: false, reason: 'io', detail: /EFBIG/ }, { ok: true }])
  t.same(await readdir(directory), ['state.json'])
  t.equal((await opened(directory)).state, 'small')
})

void test('a writer that is killed at any instant leaves one whole state', async t => {
  const directory = await temporaryFolder(t, 'state')
  const code = `
    const { file, state, setAside } = await StateFile.open(directory, async () => true)
    const padding = 'x'.repeat(300_000)
    let count = state?.count ?? 0
    say(setAside ?? 'ready')
    for (;;) {
      const written = await file.write(JSON.stringify({ count: ++count, padding, again: count }))
      if (!written.ok) say(written.detail)
    }`
  let last = 0
  for (let round = 0; round < 50; round++) {
    const writer = await startChild(t, directory, code, 'ready')
    const end = performance.now() + Math.random() * 30
    while (performance.now() < end) await readdir(directory)
    process.kill(writer.pid, 'SIGKILL')
    await writer.exited
    const { state, setAside } = await opened(directory)
    const { count, again } = (state ?? { count: 0, again: 0 }) as { count: number; again: number }
    if (setAside !== undefined || count !== again || count < last || writer.output() !== 'ready\n')
      t.fail(`round ${round}: ${setAside} ${count} ${again} ${last} ${writer.output()}`)
    last = count
  }
  t.ok(last > 0)
  t.same(await readdir(directory), ['state.json'])
})
