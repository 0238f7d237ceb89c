import { appendFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FollowOptions } from '../../../src/calls/follow/follower.js'
import { temporaryFolder } from '../../peers/scope.js'
import { Following } from './following.js'

const setUp = async (t: Test, options: Partial<FollowOptions> = {}) => {
  const folder = await temporaryFolder(t, 'follow')
  const path = (name: string) => join(folder, name)
  return { path, following: new Following(t, { pattern: path('*.log'), ...options }) }
}

void t.test('a record is read once it is whole', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), 'one\ntw')
  t.same(await following.readAll(), ['one'])
  t.match(following.follower.status(), { up: true, files: 1, readBytes: 4, lagBytes: 2 })
  appendFileSync(path('a.log'), 'o\n')
  t.same(await following.readAll(), ['one', 'two'])
  t.match(following.follower.status(), { readBytes: 8, lagBytes: 0 })
})

void t.test('a small file grows, from nothing on', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), '')
  await following.readAll()
  const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`)
  for (const line of lines) {
    appendFileSync(path('a.log'), `${line}\n`)
    await following.readAll()
    if (line.endsWith('7')) await following.restart()
  }
  t.same(following.got, lines)
})

void t.test('a byte order mark does not hide that more than a window follows', async t => {
  const marks = { utf8: Buffer.from('\uFEFF'), utf16le: Buffer.from('\uFEFF', 'utf16le') }
  for (const [encoding, mark] of Object.entries(marks)) {
    // Larger than what is read of any file to know it again.
    const { path, following } = await setUp(t, { limits: { windowBytes: 1000 } })
    const sizes = [1000, 1001, 1002, 1003, 1004, 1005, 2500]
    for (const size of sizes) {
      // Each its own text, or they would be copies of each other.
      const text = Buffer.from(`a line of ${size}\n`.repeat(200), encoding as BufferEncoding)
      appendFileSync(path(`${size}.log`), Buffer.concat([mark, text.subarray(0, size)]))
    }
    await following.readAll()
    const { lagBytes } = following.follower.status()
    t.ok(lagBytes < sizes.length * 40, `${encoding}: only cut lines wait, ${lagBytes} bytes`)
  }
})

void t.test('what does not fit in a window is skipped, the rest is read', async t => {
  const { path, following } = await setUp(t, { limits: { windowBytes: 100 } })
  appendFileSync(path('a.log'), `one\n${'x'.repeat(1000)}\ntwo\n`)
  const got = await following.readAll()
  t.equal(got[0], 'one')
  t.equal(got.at(-1), 'two')
})

void t.test('big files take turns', async t => {
  const { path, following } = await setUp(t, { limits: { windowBytes: 1000 } })
  for (const name of ['a', 'b']) appendFileSync(path(`${name}.log`), `${name}\n`.repeat(5000))
  t.same(await following.follower.round(4000), { more: true })
  t.ok(following.got.includes('a') && following.got.includes('b'), 'within a budget')
  t.ok(following.got.length < 3000)
  following.got = []
  for (let i = 0; i < 4; i++) await following.follower.round(1)
  const reads = following.follower.save().map(({ offset }) => offset)
  t.ok(Math.abs((reads[0] ?? 0) - (reads[1] ?? 0)) <= 1000, 'and from round to round')
})

void t.test('UTF-16LE is read by characters, also when it grows by bytes', async t => {
  const { path, following } = await setUp(t)
  const bytes = Buffer.from('\ufeffone\ntwö\nthree\n', 'utf16le')
  for (const byte of bytes) {
    appendFileSync(path('a.log'), Buffer.of(byte))
    await following.readAll()
  }
  t.same(following.got, ['one', 'twö', 'three'])
  t.equal(following.follower.status().readBytes, bytes.length)
  await following.restart()
  appendFileSync(path('a.log'), Buffer.from('four\n', 'utf16le'))
  t.same(await following.readAll(), ['one', 'twö', 'three', 'four'])
})

void t.test('bytes are code units elsewhere, and a UTF-8 mark is none of the text', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), '\ufeffgrün\n')
  t.same(await following.readAll(), [Buffer.from('grün').toString('latin1')])
})

void t.test('UTF-16BE is refused, and said once', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), Buffer.from('\ufeffone\n', 'utf16le').swap16())
  await following.readAll()
  appendFileSync(path('a.log'), Buffer.from('two\n', 'utf16le').swap16())
  await following.readAll()
  t.match(following.follower.status(), { up: true, lagBytes: 0, refusedFiles: 1 })
  t.equal(following.logged.length, 1)
  writeFileSync(path('a.log'), 'readable\n')
  t.same(await following.readAll(), ['readable'])
  t.equal(following.follower.status().refusedFiles, 0)
})

void t.test('the newest files are followed, the others counted', async t => {
  const { path, following } = await setUp(t, { limits: { files: 2 } })
  for (const i of [1, 2, 3, 4]) {
    appendFileSync(path(`${i}.log`), `${i}\n`)
    utimesSync(path(`${i}.log`), 1000, 1000 + i)
  }
  t.same((await following.readAll()).toSorted(), ['3', '4'])
  t.match(following.follower.status(), { files: 2, leftOutFiles: 2 })
  appendFileSync(path('1.log'), 'more\n')
  await following.readAll(6)
  appendFileSync(path('3.log'), 'more of 3\n')
  await following.readAll(6)
  t.same(following.got.slice(2), ['1', 'more', 'more of 3'], 'one that left is known again')
  t.equal(following.logged.length, 1)
})

void t.test('more files than may be open are all read', async t => {
  const { path, following } = await setUp(t, { limits: { openFiles: 3 } })
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 20; i++) appendFileSync(path(`${i}.log`), `${round} ${i}\n`)
    await following.readAll()
  }
  t.equal(new Set(following.got).size, 60)
  t.equal(following.got.length, 60)
})

void t.test('a new file is found within seconds, in a new folder too', async t => {
  const folder = await temporaryFolder(t, 'follow')
  const following = new Following(t, { pattern: `${folder}/**/*.log` })
  await following.readAll()
  mkdirSync(join(folder, 'edge1'))
  appendFileSync(join(folder, 'edge1', 'a.log'), 'one\n')
  t.same(await following.readAll(1), [])
  t.same(await following.readAll(5), ['one'])
})

void t.test('a file that slept is read when it wakes', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), 'one\n')
  await following.readAll()
  await following.readAll(100)
  appendFileSync(path('a.log'), 'two\n')
  t.same(await following.readAll(6), ['one', 'two'])
})

void t.test('a reader that breaks its contract is a bug', async t => {
  for (const done of [-1, 0, 1.5, 101]) {
    const reader = { read: () => done, save: () => null }
    const { path, following } = await setUp(t, {
      limits: { windowBytes: 100 },
      newReader: () => reader,
    })
    appendFileSync(path('a.log'), 'x'.repeat(1000))
    await t.rejects(following.follower.round(1e6), /text reader/, String(done))
  }
})

void t.test('after close nothing is read, and the place is still known', async t => {
  const { path, following } = await setUp(t)
  appendFileSync(path('a.log'), 'one\n')
  const { follower } = following
  const round = follower.round(1e6)
  await follower.close()
  await round
  t.same(await follower.round(1e6), { more: false })
  await following.restart()
  t.same(await following.readAll(), ['one'])
})
