import { type Test, test } from 'tap'
import type { ProbeResult } from '../../src/probers/prober.js'
import { contains, halfWidth } from '../../src/time/interval.js'
import { milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import { type Asked, startHttpScript } from '../peers/http-script.js'
import { freeTcpPort } from '../peers/ports.js'
import { until } from '../peers/wait.js'
import { pageReply, reply, startWindowsExporter, windowsPage } from '../peers/windows-exporter.js'
import { hours } from '../sim/world.js'
import { openExporter, readExporter, readNow, readingOf, shiftOf } from './exporter-reading.js'

const SHORT = milliseconds(400)
const AHEAD = hours(1)
const now = (): bigint => BigInt(Date.now()) * 1_000_000n + AHEAD
const fine = (): string => `node_time_seconds ${(Number(now()) / 1e9).toFixed(3)}\n`

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

void test('a farewell to a kept connection is no page: a fresh one is asked', async t => {
  const farewell = reply('408 Request Timeout', 'text/plain', '', ['Connection: close'])
  const page = `${fine()}node_boot_time_seconds 1.7e+09\nnode_timex_sync_status 1\n`
  const peer = await startHttpScript(t, ({ connection, request }) =>
    connection === 0 && request > 0 ? farewell : pageReply(page),
  )
  const session = openExporter({ port: peer.port })
  t.teardown(() => session.close())
  for (let i = 0; i < 3; i++) readingOf(await readNow(session))
  t.equal(peer.connections(), 2)
})

void test('a session that is closed within a reading opens no connection again', async t => {
  const peer = await startHttpScript(t, () => pageReply(fine()))
  const trace = (): void => session.close()
  const session = openExporter({ port: peer.port }, { trace })
  t.ok((await readNow(session)).ok, 'what was shown until then is true')
  t.equal(peer.connections(), 1)
  await until(() => peer.open() === 0, { what: 'the connection closed' })
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
  const flood = await outcome(t, endless('up 1\n'.repeat(50_000)), seconds(60))
  t.match(flood, { ok: false, reason: 'protocol', detail: /bytes/ })
  t.match(await readExporter({ port: await freeTcpPort() }), { ok: false, reason: 'refused' })
})

void test('a page of a MiB is one reading', async t => {
  const big = windowsPage({ generation: 'os', otherServices: 1500 }, now())
  t.ok(big.length > 1 << 20)
  const clock = () => fine().replace('node_time_seconds', 'windows_os_time')
  const peer = await startHttpScript(t, () =>
    pageReply(big.replace(/^windows_os_time .*\n/m, clock())),
  )
  const reading = readingOf(
    await readExporter({ port: peer.port, timeout: seconds(60), path: '/metrics?collect[]=os' }),
  )
  t.ok(contains(shiftOf(reading), AHEAD))
  t.equal(reading.facts.running, true)
  t.equal(peer.heads.length, 1)
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
