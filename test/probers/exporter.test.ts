import { type Test, test } from 'tap'
import type { ProbeResult } from '../../src/probers/prober.js'
import { contains, halfWidth } from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import type { Asked } from '../peers/http-script.js'
import { startHttpScript } from '../peers/http-script.js'
import { freeTcpPort } from '../peers/ports.js'
import { until } from '../peers/wait.js'
import {
  type Generation,
  type WindowsExporterOptions,
  collectorsIn,
  pageReply,
  reply,
  startWindowsExporter,
  windowsAnswer,
  windowsPage,
} from '../peers/windows-exporter.js'
import { World, hours } from '../sim/world.js'
import {
  openExporter,
  readExporter,
  readIn,
  readNow,
  readingOf,
  shiftOf,
} from './exporter-reading.js'

const SHORT = milliseconds(400)
const AHEAD = hours(1)
const now = (): bigint => BigInt(Date.now()) * 1_000_000n + AHEAD
const fine = (): string => `node_time_seconds ${(Number(now()) / 1e9).toFixed(3)}\n`

/** An exporter in a world of its own, a millisecond away. */
const simulated = (options: WindowsExporterOptions, offset = seconds(0)) => {
  const world = new World()
  const asked: string[] = []
  const server = world.add('192.0.2.12', {
    offset,
    converse: () => (request, clock) => {
      const head = Buffer.from(request).toString('latin1')
      asked.push(collectorsIn(head).join('+'))
      return [Buffer.from(windowsAnswer(options, head, clock), 'latin1')]
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
  return { world, asked, read, session }
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

void test('collectors that are off are not asked for again', async t => {
  const { world, asked, read } = simulated({ generation: 'time', collectors: ['time'] })
  for (let i = 0; i < 4; i++) {
    t.same((await read(t)).facts, {})
    await world.pass(seconds(60))
  }
  t.equal(asked.filter(one => one === 'service').length, 1)
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

void test('a Windows exporter over real sockets is read to 20 ms', async t => {
  const shift = seconds(0.4)
  const peer = await startWindowsExporter(t, { generation: 'time', startMode: 'disabled' }, shift)
  const session = openExporter({ port: peer.port })
  t.teardown(() => session.close())
  const narrow = async () => {
    const reading = readingOf(await readNow(session))
    const around = shiftOf(reading)
    if (!contains(around, shift)) t.fail(`${around.lo} to ${around.hi}`)
    t.match(reading.facts, { running: true, survivesReboot: false })
    t.comment(`± ${toMilliseconds(halfWidth(around))} ms after ${peer.heads.length} requests`)
    return halfWidth(around) <= milliseconds(20)
  }
  t.ok(await until(narrow, { what: 'a reading of 20 ms', timeoutMs: 25_000 }))
  t.equal(peer.connections(), 1, 'all over one connection')
})

void test('a collector that hangs costs its fact, and neither the clock nor its bound', async t => {
  const peer = await startHttpScript(t, ({ head }) =>
    collectorsIn(head).includes('stat') ? undefined : pageReply(fine()),
  )
  const session = openExporter({ port: peer.port, timeout: milliseconds(1500) })
  t.teardown(() => session.close())
  for (let i = 0; i < 3; i++) {
    const reading = readingOf(await readNow(session))
    t.ok(contains(shiftOf(reading), AHEAD))
    t.ok(reading.rtt < milliseconds(500))
  }
  t.equal(peer.heads.filter(head => head.includes('stat')).length, 1)
})

void test('a service collector that takes seconds leaves time to aim in', async t => {
  const shift = seconds(90.5)
  const peer = await startHttpScript(t, ({ head }) => {
    if (collectorsIn(head).includes('service')) return undefined
    return windowsAnswer({ generation: 'time' }, head, BigInt(Date.now()) * 1_000_000n + shift)
  })
  const session = openExporter({ port: peer.port, timeout: seconds(4) })
  t.teardown(() => session.close())
  const started = process.hrtime.bigint()
  const reading = readingOf(await readNow(session))
  t.ok(process.hrtime.bigint() - started < seconds(5), 'in its time')
  t.ok(contains(shiftOf(reading), shift))
  t.same(reading.facts, { bootTimestamp: 1_790_000_000.5 })
  t.ok(peer.heads.filter(head => head.includes('=time')).length > 1, 'it was aimed')
})

void test('a connection that was closed meanwhile is replaced', async t => {
  const peer = await startHttpScript(t, ({ request, socket }) => {
    if (request === 3) return void socket.destroy()
    return pageReply(`${fine()}node_boot_time_seconds 1.7e+09\nnode_timex_sync_status 1\n`)
  })
  const session = openExporter({ port: peer.port })
  t.teardown(() => session.close())
  for (let i = 0; i < 6; i++) readingOf(await readNow(session))
  t.equal(peer.connections(), 2)
})

void test('a path that has a filter is asked for as it is', async t => {
  const peer = await startHttpScript(t, () => pageReply(fine()))
  readingOf(await readExporter({ port: peer.port, path: '/metrics?collect[]=time' }))
  t.same(
    peer.heads.map(head => head.split(' ')[1]),
    ['/metrics?collect[]=time'],
  )
  readingOf(await readExporter({ port: peer.port, path: '/m?a=b' }))
  t.equal(peer.heads[1]?.split(' ')[1], '/m?a=b&collect%5B%5D=time')
  t.match(peer.heads[1], /Accept: text\/plain;version=0\.0\.4/)
})

/** What one answer to everything makes of a reading; its connection is closed as it should be. */
const outcome = async (
  t: Test,
  answer: (asked: Asked) => string | undefined,
  timeout = seconds(10),
): Promise<ProbeResult> => {
  const peer = await startHttpScript(t, answer)
  const result = await readExporter({ port: peer.port, timeout })
  await until(() => peer.open() === 0, { what: 'every connection closed' })
  return result
}

void test('whatever else may answer, there is a reason', async t => {
  const html = '<html><h1>It works</h1></html>'
  const page = fine()
  const cases = [
    [reply('200 OK', 'text/html', html), 'protocol'],
    [reply('404 Not Found', 'text/html', html), 'protocol'],
    [reply('400 Bad Request', 'text/plain', 'no'), 'protocol'],
    [reply('301 Moved', 'text/html', '', ['Location: http://192.0.2.1/']), 'protocol'],
    [reply('503 Busy', 'text/plain', 'Limit of concurrent requests reached (40)'), 'protocol'],
    [reply('401 Unauthorized', 'text/plain', ''), 'unauthenticated'],
    [reply('403 Forbidden', 'text/plain', ''), 'unauthenticated'],
    [pageReply(page, 'Content-Encoding: gzip'), 'protocol'],
    [pageReply(page, 'Age: 0'), 'implausible'],
    [pageReply(page, 'Via: 1.1 cache'), 'implausible'],
    [pageReply('up 1\n'), 'no_time'],
    [pageReply('node_time_seconds NaN\n'), 'no_time'],
    [pageReply('node_time_seconds -1\n'), 'implausible'],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'protocol'],
  ] as const
  for (const [answer, reason] of cases) {
    const result = await outcome(t, ({ socket }) => {
      socket.end(answer, 'latin1')
      return undefined
    })
    t.match(result, { ok: false, reason }, answer.slice(0, 30))
  }
})

void test('a page in chunks, one byte at a time, is read, and its wait is the bound', async t => {
  const result = await outcome(t, ({ socket }) => {
    const page = `${fine()}node_boot_time_seconds 1.7e+09\nnode_timex_sync_status 1\n`
    const chunked = `${page.length.toString(16)}\r\n${page}\r\n0\r\n\r\n`
    const whole = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}`
    void (async () => {
      for (const character of whole) {
        socket.write(character)
        await new Promise<void>(resolve => setImmediate(resolve))
      }
    })()
    return undefined
  })
  t.ok(contains(shiftOf(readingOf(result)), AHEAD))
})

void test('a server that drips, never ends or never begins has its reason in time', async t => {
  const endless = (line: string) => (asked: Asked) => {
    const { socket } = asked
    socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n')
    const more = (): void => {
      if (!socket.writable) return
      socket.write(line, () => setTimeout(more, line.length < 100 ? 50 : 0))
    }
    more()
    return undefined
  }
  t.match(await outcome(t, endless('up 1\n'), SHORT), { ok: false, reason: 'timeout' })
  t.match(await outcome(t, () => undefined, SHORT), { ok: false, reason: 'timeout' })
  const flood = await outcome(t, endless('up 1\n'.repeat(50_000)))
  t.match(flood, { ok: false, reason: 'protocol', detail: /bytes/ })
  t.match(await readExporter({ port: await freeTcpPort() }), { ok: false, reason: 'refused' })
})

void test('a page of a MiB costs its wait, and little more', async t => {
  const big = windowsPage({ generation: 'os', otherServices: 1500 }, now())
  t.ok(big.length > 1 << 20)
  const peer = await startHttpScript(t, () => pageReply(`${big}${fine()}`))
  const started = process.cpuUsage()
  const session = openExporter({ port: peer.port, path: '/metrics?collect[]=os' })
  t.teardown(() => session.close())
  t.equal(readingOf(await readNow(session)).facts.running, true)
  const { user } = process.cpuUsage(started)
  t.comment(`${(user / 1000 / peer.heads.length).toFixed(1)} ms of CPU a page, both sides`)
})

void test('what was made of the bytes is told, a line a stamp', async t => {
  const peer = await startHttpScript(t, () => pageReply(fine()))
  const lines: string[] = []
  const session = openExporter({ port: peer.port }, { trace: line => lines.push(line) })
  t.teardown(() => session.close())
  readingOf(await readNow(session))
  t.match(lines, [
    /^node_time_seconds of node_exporter: \d{10}\.\d{3}, to 2 ms, in an exchange of /,
  ])
})
