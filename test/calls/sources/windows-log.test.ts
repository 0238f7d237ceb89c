import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import {
  EVENTS_A_ROUND,
  WindowsLog,
  type WindowsLogOptions,
} from '../../../src/calls/sources/windows-log.js'
import { seconds } from '../../../src/time/units.js'
import { until } from '../../peers/wait.js'
import { GERMAN, eventXml } from '../../protocol/windows-events.js'
import { type Behaviour, fakeWevtutil } from './fake-wevtutil.js'

const LOG = 'Lync Server'
const eventsFrom = (first: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => eventXml({ recordId: String(first + i) }, GERMAN))

type Test = Pick<typeof t, 'testdir'>

/** A log on a fake wevtutil, and what came of it. */
const setUp = async (t: Test, more: Partial<WindowsLogOptions> = {}) => {
  const folder = t.testdir({ temporary: {} })
  const directory = join(folder, 'temporary')
  const fake = await fakeWevtutil(folder)
  const records: number[] = []
  const lines: string[] = []
  const open = (bookmark?: string): WindowsLog =>
    new WindowsLog({
      log: LOG,
      bookmark,
      directory,
      command: fake.command,
      timeout: seconds(30),
      onEvent: event => records.push(Number(event.recordId)),
      report: (level, message, fields) =>
        lines.push(`${level} ${message} ${fields?.detail ?? ''}`.trim()),
      ...more,
    })
  return { ...fake, directory, records, lines, open }
}

void t.test('each event is handed over once, by one child a round', async t => {
  const { behave, open, records, lines, runs } = await setUp(t)
  const log = open()
  t.same(log.status().up, false)
  await behave({ events: eventsFrom(1, 3) })
  t.same(await log.round(), { more: false })
  t.same(await log.round(), { more: false })
  await behave({ events: eventsFrom(1, 5), bom: true })
  await log.round()
  t.same(records, [1, 2, 3, 4, 5])
  t.equal((await runs()).length, 3)
  t.match(log.status(), { up: true, detail: '', events: 5, malformed: 0 })
  t.ok(log.status().readBytes > 5 * 2 * eventXml().length)
  t.same(lines, [], 'nothing went wrong, nothing is logged')
})

void t.test('the arguments are those of a query, with full paths', async t => {
  const { behave, open, runs } = await setUp(t)
  const log = open()
  await behave({ events: eventsFrom(1, 1) })
  await log.round()
  await log.round()
  const [first, second] = await runs()
  t.same(first?.slice(0, 5), ['qe', LOG, '/f:RenderedXml', '/uni:true', `/c:${EVENTS_A_ROUND}`])
  t.match(first?.slice(5), [/^\/sbm:\/.*\.xml$/])
  t.match(second?.slice(5), [/^\/bm:\/.*\.xml$/, /^\/sbm:\/.*\.xml$/])
})

void t.test('a full round says that there is more', async t => {
  const { behave, open, records } = await setUp(t)
  await behave({ events: eventsFrom(1, EVENTS_A_ROUND + 1) })
  const log = open()
  t.same(await log.round(), { more: true })
  t.same(await log.round(), { more: false })
  t.equal(records.length, EVENTS_A_ROUND + 1)
})

void t.test('after a restart reading goes on from what was saved', async t => {
  const { behave, open, records, directory } = await setUp(t)
  await behave({ events: eventsFrom(1, 2) })
  const log = open()
  await log.round()
  const state = JSON.parse(JSON.stringify(log.save())) as { bookmark: string }
  await behave({ events: eventsFrom(1, 3) })
  await open(state.bookmark).round()
  t.same(records, [1, 2, 3])
  t.same(await readdir(directory), [], 'no file is left over')
})

void t.test('what is saved while events are handed over has them in it', async t => {
  const saved: (string | undefined)[] = []
  const { behave, open } = await setUp(t, { onEvent: () => saved.push(log.save().bookmark) })
  await behave({ events: eventsFrom(1, 2) })
  const log = open()
  t.equal(log.save().bookmark, undefined)
  await log.round()
  const last = Buffer.from(log.save().bookmark ?? '', 'latin1').toString('utf16le')
  t.match(last, /RecordId='2'/)
  t.same(saved, [log.save().bookmark, log.save().bookmark])
})

void t.test('nothing of a failed round counts, and the next one makes up for it', async t => {
  const bad: [string, Partial<Behaviour>, RegExp][] = [
    [
      'exit code',
      { exitCode: 5, complaint: 'Access is\r\ndenied.' },
      /exit code 5: Access is denied\.$/,
    ],
    ['cut and exit code', { exitCode: 1, cut: 500 }, /exit code 1$/],
    ['cut', { cut: 500 }, /ends within an event/],
    ['garbage', { output: 'No such log.' }, /no event/],
    ['broken event', { output: '<Event><System></Event>' }, /no event/],
    ['no bookmark', { bookmark: 'missing' }, /saved no bookmark/],
    ['a huge bookmark', { bookmark: 'large' }, /saved no bookmark/],
    ['the same bookmark', { bookmark: 'stays' }, /did not move the bookmark/],
    [
      'too many events',
      { output: eventsFrom(1, EVENTS_A_ROUND + 1).join('') },
      /more than was asked/,
    ],
    ['a flood', { output: 'x'.repeat(1 << 20), flood: true }, /more than was asked/],
  ]
  for (const [name, behaviour, detail] of bad) {
    await t.test(name, async t => {
      const { behave, open, records, lines, directory } = await setUp(t)
      const log = open()
      await behave({ events: eventsFrom(1, 2) })
      await log.round()
      const before = { ...log.save(), ...log.status() }
      await behave({ events: eventsFrom(1, 4), ...behaviour })
      t.same(await log.round(), { more: false })
      t.same(await log.round(), { more: false })
      t.same({ ...log.save(), ...log.status(), up: true, detail: '' }, before)
      t.match(log.status(), { up: false, detail })
      await behave({ events: eventsFrom(1, 4) })
      await log.round()
      t.same(records, [1, 2, 3, 4])
      t.match(log.status(), { up: true, detail: '' })
      t.equal(lines.length, 2, 'one line at its start, one at its end')
      t.match(lines, [/^warn Windows log is not read wevtutil/, /^info Windows log is read again$/])
      t.same(await readdir(directory), [])
    })
  }
})

void t.test('a child that hangs is ended at the deadline', async t => {
  const { behave, open, records, directory } = await setUp(t, { timeout: seconds(2) })
  await behave({ events: eventsFrom(1, 2), hang: true })
  const log = open()
  t.same(await log.round(), { more: false })
  t.match(log.status(), { up: false, detail: 'wevtutil: it did not end in time' })
  t.same(records, [])
  t.same(await readdir(directory), [])
})

void t.test('a round that is given up changes nothing', async t => {
  const { behave, open, records, lines, runs } = await setUp(t)
  await behave({ events: eventsFrom(1, 2), hang: true })
  const log = open()
  const stop = new AbortController()
  const round = log.round(stop.signal)
  await until(async () => (await runs()).length > 0, { what: 'the child runs' })
  stop.abort()
  t.same(await round, { more: false })
  t.same([records, lines], [[], []])
  t.equal(log.status().detail, 'not read yet')
})

void t.test('two rounds at a time are one', async t => {
  const { behave, open, records, runs } = await setUp(t)
  await behave({ events: eventsFrom(1, 2) })
  const log = open()
  await Promise.all([log.round(), log.round()])
  t.same(records, [1, 2])
  t.equal((await runs()).length, 1)
})

void t.test('a malformed event is passed over and counted', async t => {
  const { behave, open, records } = await setUp(t)
  const [first = '', third = ''] = [...eventsFrom(1, 1), ...eventsFrom(3, 1)]
  await behave({ events: [first, '<Event><System></Event>', third], encoding: 'latin1' })
  const log = open()
  await log.round()
  t.same(records, [1, 3])
  t.match(log.status(), { up: true, events: 2, malformed: 1 })
})

void t.test('a large output is read in windows', async t => {
  const { behave, open, records } = await setUp(t)
  const rendered = `<RenderingInfo><Message>${'ü'.repeat(60_000)}</Message></RenderingInfo>`
  const ids = Array.from({ length: 20 }, (_, i) => i + 1)
  await behave({ events: ids.map(id => eventXml({ recordId: String(id) }, rendered)) })
  await open().round()
  t.same(records, ids)
})

void t.test('a log without new events is up, and its bookmark stays', async t => {
  const { behave, open, records } = await setUp(t)
  const log = open()
  await behave({ events: [], bom: true })
  await log.round()
  t.match(log.status(), { up: true, readBytes: 2 })
  t.equal(log.save().bookmark, undefined)
  t.same(records, [])
})

void t.test('a program that is missing or none is trouble like any other', async t => {
  const missing = await setUp(t, { command: '/nonexistent/wevtutil' })
  const log = missing.open()
  await log.round()
  t.match(log.status(), { up: false, detail: /^wevtutil: it is not there/ })
  await log.round()
  t.equal(missing.lines.length, 1)
  const none = (await setUp(t, { command: missing.directory })).open()
  await none.round()
  t.match(none.status(), { up: false, detail: /^wevtutil: it cannot be started/ })
})

void t.test(
  'without wevtutil, other systems are told what to do',
  { skip: process.platform === 'win32' },
  async t => {
    const { directory } = await setUp(t)
    const log = new WindowsLog({
      log: LOG,
      bookmark: undefined,
      directory,
      timeout: seconds(30),
      onEvent: () => {},
      report: () => {},
    })
    await log.round()
    t.match(log.status().detail, /only Windows has it/)
  },
)

void t.test('a folder for bookmarks that is gone is trouble that ends', async t => {
  const directory = join(t.testdir({}), 'temporary', 'gone')
  const { behave, open, records } = await setUp(t, { directory })
  await behave({ events: eventsFrom(1, 1) })
  const log = open()
  await log.round()
  t.match(log.status(), { up: false, detail: /no bookmark can be kept: ENOENT/ })
  await mkdir(directory, { recursive: true })
  await log.round()
  t.same(records, [1])
})
