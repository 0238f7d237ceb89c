import { type Test, test } from 'tap'
import { contains, halfWidth } from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import {
  type Generation,
  type WindowsExporterOptions,
  collectorsIn,
  goFloat,
  pageReply,
  reply,
  windowsAnswer,
} from '../peers/windows-exporter.js'
import { World, hours } from '../sim/world.js'
import { openExporter, readIn, readingOf } from './exporter-reading.js'

const AHEAD = hours(1)
/** Of a reading, where nothing else is said. */
const TIMEOUT = seconds(10)

/** No answer to that, and the connection stays. */
const SILENT = Symbol('silent')

/** An exporter in a world of its own, a millisecond away; it may say something `instead`. */
const simulated = (
  options: WindowsExporterOptions,
  offset = seconds(0),
  instead: (head: string, clock: bigint) => string | typeof SILENT | undefined = () => undefined,
) => {
  const world = new World()
  const asked: string[] = []
  let connections = 0
  const server = world.add('192.0.2.12', {
    offset,
    converse: () => {
      connections++
      return (request, clock) => {
        const head = Buffer.from(request).toString('latin1')
        asked.push(collectorsIn(head).join('+'))
        const answer = instead(head, clock) ?? windowsAnswer(options, head, clock)
        return answer === SILENT ? [] : [Buffer.from(answer, 'latin1')]
      }
    },
  })
  const more = { host: '192.0.2.12', platform: world.platform }
  const session = openExporter({}, more)
  const truth = () => world.clockOf(server) - world.mono()
  const read = async (t: Test) => {
    const reading = readingOf(await readIn(world, session))
    t.ok(contains(reading.interval, truth()), 'the truth is inside')
    return reading
  }
  return { world, server, asked, connections: () => connections, read, session }
}

for (const generation of ['wmi', 'os', 'time'] as const satisfies readonly Generation[]) {
  void test(`whole seconds of a Windows exporter (${generation}) are aimed at`, async t => {
    for (const offset of [hours(-6), seconds(90.5), seconds(0.4)]) {
      const { world, asked, read } = simulated({ generation, state: 'stopped' }, offset)
      const first = await read(t)
      t.ok(
        halfWidth(first.interval) < milliseconds(20),
        `± ${toMilliseconds(halfWidth(first.interval))} ms`,
      )
      t.match(first.facts, { running: false, bootTimestamp: 1_790_000_000.5 })
      const before = asked.length
      for (let i = 0; i < 10; i++) {
        await world.pass(seconds(10))
        t.ok(halfWidth((await read(t)).interval) < milliseconds(20))
      }
      t.ok(asked.length - before < 40, `${asked.length - before} requests for 10 readings`)
    }
  })
}

void test('the clock alone is asked for where it is, and the rest now and then', async t => {
  const { world, asked, read } = simulated({ generation: 'os' })
  // To a second whose last digit is printed.
  await world.pass(seconds(1.5))
  await read(t)
  t.same(asked.slice(0, 4), ['time', 'os', 'system', 'service'], 'it is searched for once')
  t.same(new Set(asked.slice(4)), new Set(['os']))
  const count = (name: string) => asked.filter(one => one === name).length
  for (let i = 0; i < 9; i++) {
    await world.pass(seconds(20))
    await read(t)
  }
  t.equal(count('time'), 1)
  t.ok(count('service') >= 3 && count('service') <= 5, `${count('service')} in three minutes`)
  await world.pass(seconds(3600))
  await read(t)
  t.equal(count('time'), 2, 'after an hour it may be elsewhere')
})

void test('an exporter without filters tells all on one page', async t => {
  const { asked, read } = simulated({ generation: 'wmi' })
  t.match((await read(t)).facts, { running: true, bootTimestamp: 1_790_000_000.5 })
  t.same(new Set(asked), new Set(['time']), 'it is asked for no fact')
})

void test('collectors that are refused are left alone for an hour', async t => {
  const refused = reply('500 Internal Server Error', 'text/plain', 'no')
  let answers: string | undefined = refused
  const { world, asked, read } = simulated({ generation: 'time' }, seconds(0), head =>
    head.includes('=service') ? answers : undefined,
  )
  for (let i = 0; i < 4; i++) {
    t.notOk('running' in (await read(t)).facts)
    await world.pass(seconds(60))
  }
  t.equal(asked.filter(one => one === 'service').length, 1)
  answers = undefined
  await world.pass(hours(1))
  t.match((await read(t)).facts, { running: true }, 'it failed just then')
})

void test('a new exporter with its defaults has no clock, and is asked once a reading', async t => {
  const { world, asked, session } = simulated({ generation: 'time', collectors: ['os', 'system'] })
  for (let i = 0; i < 3; i++) {
    t.match(await readIn(world, session), { ok: false, reason: 'no_time', detail: /`time`/ })
    await world.pass(seconds(15))
  }
  t.same(asked, ['time', 'os', '', '', ''])
})

void test('a number without its last digits is asked for again, a second later', async t => {
  const world = new World()
  const server = world.add('192.0.2.12', {
    // To the tenth second: the first page comes right after one.
    offset: durationNs(-((world.trueTime() - 1_000_000n) % 10_000_000_000n)),
    converse: () => (request, clock) => {
      const head = Buffer.from(request).toString('latin1')
      return [Buffer.from(windowsAnswer({ generation: 'time' }, head, clock), 'latin1')]
    },
  })
  const more = { host: '192.0.2.12', platform: world.platform }
  const reading = readingOf(await readIn(world, openExporter({}, more)))
  t.ok(contains(reading.interval, world.clockOf(server) - world.mono()))
  t.ok(halfWidth(reading.interval) < milliseconds(20))
})

void test('a collector that hangs costs its fact, and neither the clock nor its bound', async t => {
  const page = (clock: bigint) => pageReply(`node_time_seconds ${clock}e-9\n`)
  const { asked, read } = simulated({ generation: 'os' }, AHEAD, (head, clock) =>
    head.includes('=stat') ? SILENT : page(clock),
  )
  for (let i = 0; i < 3; i++) {
    const reading = await read(t)
    t.equal(reading.rtt, milliseconds(2))
    t.ok(halfWidth(reading.interval) < milliseconds(10))
  }
  t.equal(asked.filter(one => one === 'stat').length, 1)
})

void test('a service collector that takes seconds leaves time to aim in', async t => {
  const { asked, world, read } = simulated({ generation: 'time' }, seconds(90.5), head =>
    head.includes('=service') ? SILENT : undefined,
  )
  const before = world.mono()
  const reading = await read(t)
  t.ok(world.mono() - before <= TIMEOUT + milliseconds(5), 'in its time')
  t.same(reading.facts, { bootTimestamp: 1_790_000_000.5 })
  t.ok(asked.filter(one => one === 'time').length > 2, 'it was aimed')
})

void test('facts that take their time take nothing from the aim', async t => {
  const { server, asked, read } = simulated({ generation: 'time' }, seconds(0.4))
  server.back = () => (asked.at(-1) === 'service' ? milliseconds(700) : milliseconds(1))
  const { interval } = await read(t)
  t.ok(halfWidth(interval) < milliseconds(20), `± ${toMilliseconds(halfWidth(interval))} ms`)
})

void test('a sleep of our machine anywhere within a reading is seen', async t => {
  const page = (clock: bigint) => pageReply(`node_time_seconds ${clock}e-9\n`)
  for (const says of [page, () => undefined]) {
    const { world, session } = simulated({ generation: 'time' }, AHEAD, (head, clock) => {
      if (!/=(?:service|stat)/.test(head)) return says(clock)
      world.suspend(seconds(30))
      return undefined
    })
    const result = await readIn(world, session)
    t.match(result, { ok: false, reason: 'aborted' })
  }
})

void test('a clock that says less all at once is not taken for whole seconds', async t => {
  const printed = { cut: (clock: bigint) => goFloat(Number(clock / 10_000_000_000n) * 10) }
  for (const [name, value, holds] of [
    ['cut now and then', 'mixed', true],
    ['cut for good', 'cut', false],
  ] as const) {
    let isRenamed = false
    let pages = 0
    const { world, read, session } = simulated({ generation: 'time' }, seconds(0), (_, clock) => {
      if (!isRenamed) return undefined
      const isCut = value === 'cut' || pages++ === 0
      const number = isCut ? printed.cut(clock) : String(clock / 1_000_000_000n)
      return pageReply(`windows_os_time ${number}\n`)
    })
    await read(t)
    isRenamed = true
    // Towards the end of ten seconds, where what was cut is farthest from the truth.
    await world.pass(durationNs(19_000_000_000n - (world.trueTime() % 10_000_000_000n)))
    if (holds) t.ok(halfWidth((await read(t)).interval) < milliseconds(20), name)
    else {
      t.match(await readIn(world, session), { ok: false, reason: 'no_time' }, name)
      await read(t)
    }
  }
})

void test('a connection is kept for an hour at most', async t => {
  const { world, connections, read } = simulated({ generation: 'time' })
  await read(t)
  await world.pass(seconds(3500))
  await read(t)
  t.equal(connections(), 1)
  await world.pass(seconds(100))
  await read(t)
  t.equal(connections(), 2)
})
