import t from 'tap'
import { contains, halfWidth, intersect, type Interval } from '../../src/time/interval.js'
import { type DurationNs, milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import { WebWorld, httpDate, reply } from '../probers/http-world.js'
import { certificateOf } from './tcp-servers.js'
import { hours } from './world.js'

const SECOND = 1_000_000_000n
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
const NONE = milliseconds(0)

void t.test('the Date of a server is read to a few milliseconds in 14 requests', async t => {
  for (const offset of [hours(-6), seconds(90.5), seconds(0.4)]) {
    const seen = new WebWorld({ staleness: NONE, timeout: seconds(20) }, { offset })
    const result = await seen.read()
    if (!result.ok) throw new Error(result.detail)
    t.ok(contains(result.interval, seen.truth()))
    t.ok(halfWidth(result.interval) <= milliseconds(5))
    t.ok(seen.requests.length <= 14)
    t.equal(seen.connections, 1)
    t.match(seen.requests[0], /^HEAD \/ HTTP\/1\.1\r\nHost: 192\.0\.2\.11\r\n/)
    t.match(seen.lines[0], /Date of a reply 200: \w+, .* GMT/)
  }
})

void t.test('the path and the name are those of the module', async t => {
  const seen = new WebWorld({ port: 8443, tls: true, path: '/x?y', server_name: 'sip.example' })
  t.ok((await seen.read()).ok)
  t.match(seen.requests[0], /^HEAD \/x\?y HTTP\/1\.1\r\nHost: sip\.example:8443\r\n/)
})

/** Readings joined, and how wide that is: each of them has to hold the truth. */
const joined = async (seen: WebWorld, readings: number): Promise<number> => {
  let both: Interval | undefined
  for (let i = 0; i < readings; i++) {
    const result = await seen.read()
    if (!result.ok) throw new Error(result.detail)
    if (!contains(result.interval, seen.truth())) throw new Error('the truth is outside')
    both = both ? intersect(both, result.interval) : result.interval
    if (!both) throw new Error('readings that contradict each other')
    await seen.world.pass(seconds(15))
  }
  return both ? toMilliseconds(halfWidth(both)) : Infinity
}

void t.test('a Date that is renewed once a second is within the staleness of a second', async t => {
  for (const phase of [0n, 130_000_000n, 500_000_000n, 999_000_000n]) {
    const seen = new WebWorld({ timeout: seconds(20) }, { offset: seconds(90.5) })
    // As of the last tick of its timer, which falls anywhere within a second.
    seen.answer = clock => reply(httpDate(clock - ((clock - phase) % SECOND)))
    t.ok((await joined(seen, 3)) <= 520, `phase ${phase}`)
  }
})

void t.test('the bound comes down to half of any staleness, and holds the truth', async t => {
  for (const stale of [16, 250, 5000, 60_000].map(milliseconds)) {
    const seen = new WebWorld({ staleness: stale, timeout: seconds(20) }, { offset: hours(-6) })
    const phase = stale / 3n
    const renewed = (clock: bigint, every: DurationNs): bigint => clock - ((clock - phase) % every)
    seen.answer = clock => reply(httpDate(renewed(clock, stale)))
    const half = await joined(seen, 4)
    t.ok(half <= toMilliseconds(stale) / 2 + 20 || stale > SECOND, `${stale} ns: ± ${half} ms`)
    // Where the stamps stand still for seconds, an edge comes only now and then.
    t.ok(half <= toMilliseconds(stale) / 2 + 520, `${stale} ns: ± ${half} ms`)
  }
})

void t.test('every status tells the time, and redirects are not followed', async t => {
  for (const status of ['204 No Content', '301 Moved', '401 No', '404 No', '500 No', '503 No']) {
    const seen = new WebWorld()
    const location = ['Location: http://192.0.2.99/', 'Content-Length: 5']
    seen.answer = clock => reply(httpDate(clock), location, status)
    const result = await seen.read()
    t.ok(result.ok && contains(result.interval, seen.truth()), status)
    t.ok(seen.requests.every(request => request.startsWith('HEAD / ')))
    t.equal(seen.connections, 1)
  }
})

void t.test('an answer of a proxy, or without a date that can be, is not believed', async t => {
  for (const [answer, reason, detail] of [
    [reply(DATE, ['Age: 0']), 'implausible', /header age/],
    [reply(DATE, ['VIA: 1.1 cache']), 'implausible', /header via/],
    [reply(DATE, ['Date: Sun, 06 Nov 1994 08:49:38 GMT']), 'implausible', /several Dates/],
    [reply('Wed, 31 Dec 1969 23:59:59 GMT'), 'implausible', /no clock has/],
    [reply('Wed, 01 Jan 2200 00:00:00 GMT'), 'implausible', /no clock has/],
    [reply('Mon, 06 Nov 1994 08:49:37 GMT'), 'no_time', /no date/],
    [reply('0'), 'no_time', /no date/],
    ['HTTP/1.1 200 OK\r\n\r\n', 'no_time', /has no Date/],
    [reply(DATE, [], '408 Request Timeout'), 'no_time', /408/],
    ['220 mail\r\n', 'protocol', /not HTTP/],
  ] as const) {
    const seen = new WebWorld()
    seen.answer = () => answer
    t.match(await seen.read(), { ok: false, reason, detail })
    t.equal(seen.requests.length, 1)
  }
})

void t.test('a Date that is there twice and an interim answer do no harm', async t => {
  const seen = new WebWorld()
  seen.answer = clock =>
    `HTTP/1.1 103 Early\r\nDate: ${DATE}\r\n\r\n${reply(httpDate(clock), [`Date: ${httpDate(clock)}`])}`
  const result = await seen.read()
  t.ok(result.ok && contains(result.interval, seen.truth()))
})

void t.test('a farewell to a kept connection is not taken for an answer', async t => {
  const seen = new WebWorld()
  // Said to a silent connection before the request was sent: its Date is older than that.
  seen.answer = (clock, n) =>
    n === 2
      ? reply(httpDate(clock - 30n * SECOND), ['Connection: close'], '408 Request Timeout')
      : reply(httpDate(clock))
  const result = await seen.read()
  t.ok(result.ok && contains(result.interval, seen.truth()))
  t.match(result, { contradictions: 0 })
  t.equal(seen.connections, 2)
})

void t.test('a connection is kept for an hour, and shows the certificate of then', async t => {
  const from = (year: number) => Date.UTC(year, 0, 1) / 1000
  const certificate = certificateOf(from(2025), from(2026))
  const seen = new WebWorld({ tls: true }, { certificate })
  const told = async () => {
    const result = await seen.read()
    return result.ok ? result.facts.certificate?.notAfter : undefined
  }
  t.equal(await told(), from(2026))
  seen.server.certificate = certificateOf(from(2026), from(2027))
  await seen.world.pass(seconds(3500))
  t.equal(await told(), from(2026))
  t.equal(seen.connections, 1)
  await seen.world.pass(seconds(100))
  t.equal(await told(), from(2027))
  t.equal(seen.connections, 2)
})

void t.test('a server that closes each connection is read to its bound all the same', async t => {
  const seen = new WebWorld({ staleness: NONE, timeout: seconds(20) }, { offset: seconds(0.4) })
  seen.answer = clock => reply(httpDate(clock), ['Connection: close'])
  const result = await seen.read()
  t.ok(result.ok && contains(result.interval, seen.truth()))
  t.equal(seen.connections, seen.requests.length)
  t.ok(result.ok && halfWidth(result.interval) <= milliseconds(20))
})
