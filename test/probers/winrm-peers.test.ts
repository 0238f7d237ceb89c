import { type Test, test } from 'tap'
import type { ProbeResult } from '../../src/probers/prober.js'
import { contains } from '../../src/time/interval.js'
import { milliseconds, seconds } from '../../src/time/units.js'
import { type Asked, type HttpScript, startHttpScript } from '../peers/http-script.js'
import { type ChallengeFields, encodeChallenge } from '../peers/ntlm-challenge.js'
import { freeTcpPort } from '../peers/ports.js'
import { until } from '../peers/wait.js'
import { outcomeOf } from './one-reading.js'
import { readWinrm, shiftOf } from './winrm-reading.js'

const AHEAD = seconds(3600)
const PAGE = '<h1>Not Authorized</h1>'
const OFFERS = ['Negotiate', 'Kerberos']
/** Long enough for a slow machine, short enough for a test. */
const SHORT = milliseconds(400)

/** The server's clock, an hour ahead, in whole milliseconds. */
const now = (): bigint => BigInt(Date.now()) * 1_000_000n + AHEAD

const challenge = (fields: ChallengeFields = {}): string =>
  Buffer.from(encodeChallenge({ stamp: now(), computer: 'EDGE01', ...fields })).toString('base64')

const reply = (status: string, headers: readonly string[], body = PAGE): string =>
  [
    `HTTP/1.1 ${status}`,
    'Server: Microsoft-HTTPAPI/2.0',
    ...headers,
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n')

const unauthorized = (offers: readonly string[], ...more: readonly string[]): string =>
  reply('401 Unauthorized', [...offers.map(offer => `WWW-Authenticate: ${offer}`), ...more])

const schemeOf = ({ head }: Asked): string | undefined => /^Authorization: (\w+)/m.exec(head)?.[1]

/** As HTTP.SYS does: an offer, and then the challenge, on a connection that stays. */
const windows = (fields?: ChallengeFields, ...more: readonly string[]) => {
  return (asked: Asked): string => {
    const scheme = schemeOf(asked)
    return unauthorized(scheme ? [`${scheme} ${challenge(fields)}`] : OFFERS, ...more)
  }
}

/** Reads it once, and waits for its connections to be closed as they should. */
const readOnce = async (
  t: Test,
  answer: (asked: Asked) => string | undefined,
  timeout = seconds(10),
): Promise<{ readonly result: ProbeResult; readonly peer: HttpScript }> => {
  const peer = await startHttpScript(t, answer)
  const result = await readWinrm({ port: peer.port, timeout })
  await until(() => peer.open() === 0, { what: 'every connection closed' })
  return { result, peer }
}

const holdsTruth = (t: Test, result: ProbeResult): void => {
  const holds = result.ok && contains(shiftOf(result), AHEAD)
  t.ok(holds, `the interval holds the truth: ${outcomeOf(result)}`)
}

void test('a server is asked twice on one connection, and no logon is tried', async t => {
  const { result, peer } = await readOnce(t, windows())
  holdsTruth(t, result)
  t.equal(peer.connections(), 1)
  t.equal(peer.broken(), 0, 'closed without a reset')
  const [first = '', second = '', ...rest] = peer.heads
  t.equal(rest.length, 0)
  for (const head of [first, second]) {
    t.match(head, /^POST \/wsman HTTP\/1\.1\r\n/)
    t.match(head, `\r\nHost: 127.0.0.1:${peer.port}\r\n`)
    t.match(head, /\r\nContent-Length: 0\r\n/)
  }
  t.notMatch(first, /Authorization/)
  const [, token = ''] = /^Authorization: Negotiate (\S+)\r$/m.exec(second) ?? []
  t.equal(token, 'TlRMTVNTUAABAAAAl4II4gAAAAAoAAAAAAAAACgAAAAKAGNFAAAADw==')
})

void test('a stamp of whole milliseconds widens the interval by one', async t => {
  const { result } = await readOnce(t, windows({ stamp: 1_700_000_000_123_000_000n }))
  if (!result.ok) return t.fail(outcomeOf(result))
  const { hi, lo } = result.interval
  t.equal(hi - lo, result.rtt + milliseconds(16) + milliseconds(1))
  t.strictSame(result.facts, { identity: { computer: 'EDGE01' } })
})

void test('a server that closes after each answer is asked on two connections', async t => {
  const { result, peer } = await readOnce(t, windows({}, 'Connection: close'))
  holdsTruth(t, result)
  t.equal(peer.connections(), 2)
  t.equal(peer.heads.length, 2)
})

void test('a server that closes unasked is asked once more, on a fresh connection', async t => {
  const { result, peer } = await readOnce(t, asked => {
    if (asked.connection > 0 || asked.request === 0) return windows()(asked)
    asked.socket.end()
    return undefined
  })
  holdsTruth(t, result)
  t.equal(peer.connections(), 2)
  t.equal(peer.heads.length, 3)
})

void test('a farewell to a kept connection is no answer: a fresh one is asked', async t => {
  const farewell = reply('408 Request Timeout', ['Connection: close'])
  const { result, peer } = await readOnce(t, asked =>
    asked.connection === 0 && asked.request > 0 ? farewell : windows()(asked),
  )
  holdsTruth(t, result)
  t.equal(peer.connections(), 2)
  const again = await readOnce(t, asked => (schemeOf(asked) ? farewell : windows()(asked)))
  t.match(again.result, { ok: false, reason: 'no_time', detail: /^status 408/ })
  t.equal(again.peer.heads.length, 3)
})

void test('what a server offers is understood however it is written', async t => {
  const table: readonly [string, readonly string[], string][] = [
    ['NTLM alone', ['NTLM'], 'NTLM'],
    ['Negotiate is liked better', ['NTLM', 'Negotiate'], 'Negotiate'],
    ['in lower case', ['negotiate'], 'Negotiate'],
    ['in one header', ['Basic realm="a, NTLM b", Kerberos , NTLM'], 'NTLM'],
  ]
  for (const [name, offers, expected] of table) {
    const asked: (string | undefined)[] = []
    const { result } = await readOnce(t, one => {
      const scheme = schemeOf(one)
      asked.push(scheme)
      return unauthorized(scheme ? [`${scheme.toUpperCase()} ${challenge()}`] : offers)
    })
    holdsTruth(t, result)
    t.strictSame(asked, [undefined, expected], name)
  }
})

void test('Negotiate without NTLM inside gives way to NTLM, on a fresh connection', async t => {
  const kerberos = 'oYGCMIGfoAMKAQKhCwYJKoZIgvcSAQIC'
  const { result, peer } = await readOnce(t, asked => {
    const scheme = schemeOf(asked)
    if (scheme === 'NTLM') return unauthorized([`NTLM ${challenge()}`])
    return unauthorized(scheme ? [`Negotiate ${kerberos}`, 'NTLM'] : ['Negotiate', 'NTLM'])
  })
  holdsTruth(t, result)
  t.equal(peer.connections(), 2)
  t.equal(peer.heads.length, 3)
})

void test('a proxy on the way does not matter: each challenge is fresh', async t => {
  const { result } = await readOnce(t, windows({}, 'Via: 1.1 proxy', 'Age: 3600'))
  holdsTruth(t, result)
})

void test('a server that speaks HTTP and gives no time has no time', async t => {
  const kerberosOnly = (asked: Asked) => unauthorized(schemeOf(asked) ? [] : OFFERS)
  const basic = 'Basic realm="edge"'
  const table: readonly [string, (asked: Asked) => string, RegExp, number][] = [
    ['no time pair', windows({ stamp: undefined }), /EDGE01 has no MsvAvTimestamp/, 2],
    ['Kerberos only', kerberosOnly, /Negotiate without NTLM/, 2],
    ['Basic only', () => unauthorized([basic]), /401 without Windows .*, only basic/, 1],
    ['another way, with a long name', () => unauthorized(['x'.repeat(999)]), /only x{100}$/, 1],
    ['nothing offered', () => unauthorized([]), /status 401 without/, 1],
    ['a redirect', () => reply('302 Found', ['Location: /wsman2']), /status 302/, 1],
    ['not found', () => reply('404 Not Found', []), /status 404/, 1],
    ['no POST', () => reply('405 Method Not Allowed', []), /status 405/, 1],
    ['no need to log on', () => reply('200 OK', []), /status 200/, 1],
  ]
  for (const [name, answer, detail, requests] of table) {
    const { result, peer } = await readOnce(t, answer)
    t.match(result, { ok: false, reason: 'no_time', detail }, name)
    t.equal(peer.heads.length, requests, `${name}: requests`)
    t.equal(peer.broken(), 0, `${name}: closed without a reset`)
  }
})

void test('a challenge from before 1970 or from 2200 on is implausible', async t => {
  const ns = (date: string): bigint => BigInt(Date.parse(date)) * 1_000_000n
  const table: readonly [string, string][] = [
    ['1601-01-01T00:00:00Z', 'implausible'],
    ['1969-12-31T23:59:59Z', 'implausible'],
    ['1970-01-01T00:00:00Z', 'ok'],
    ['2199-12-31T23:59:59Z', 'ok'],
    ['2200-01-01T00:00:00Z', 'implausible'],
  ]
  for (const [date, expected] of table) {
    const { result } = await readOnce(t, windows({ stamp: ns(date) }))
    t.equal(result.ok ? 'ok' : result.reason, expected, date)
  }
})

/** Again and again, for as long as anyone listens. */
const flood = ({ socket }: Asked, first: string, text: string, everyMs: number): undefined => {
  socket.write(first)
  const more = (): void => {
    if (socket.writable) socket.write(text)
  }
  const timer = setInterval(more, everyMs)
  socket.once('close', () => clearInterval(timer))
}

void test('whoever speaks something else, or never ends, has a reason in time', async t => {
  const MEGABYTE = 'x'.repeat(1_000_000)
  const slowly = (asked: Asked) => flood(asked, 'HTTP/1.1 401 Unauthorized\r\nX: ', 'y', 10)
  const table: readonly [string, (asked: Asked) => string | undefined, string][] = [
    ['garbage', () => '\x16\x03\x01\x00\x05hello', 'protocol'],
    ['another protocol', () => '220 mail.example.org ESMTP\r\n', 'protocol'],
    ['a connection that is closed', ({ socket }) => void socket.end(), 'protocol'],
    ['half an answer', ({ socket }) => void socket.end('HTTP/1.1 401 Una'), 'protocol'],
    [
      'headers without end',
      one => flood(one, 'HTTP/1.1 401 No\r\n', 'X: y\r\n'.repeat(1e4), 1),
      'protocol',
    ],
    ['a page without end', one => flood(one, 'HTTP/1.1 401 No\r\n\r\n', MEGABYTE, 1), 'protocol'],
    [
      'a page of a gigabyte',
      one => flood(one, `HTTP/1.1 401 No\r\nContent-Length: 1000000000\r\n\r\n`, MEGABYTE, 1),
      'protocol',
    ],
    ['silence', () => undefined, 'timeout'],
    ['a byte now and then', slowly, 'timeout'],
    [
      'silence after the offer',
      one => (schemeOf(one) ? undefined : unauthorized(OFFERS)),
      'timeout',
    ],
  ]
  for (const [name, answer, expected] of table) {
    const timeout = expected === 'timeout' ? SHORT : seconds(20)
    const { result } = await readOnce(t, answer, timeout)
    t.match(result, { ok: false, reason: expected }, `${name}: ${outcomeOf(result)}`)
  }
})

void test('a closed port is refused, and who is told to stop stops', async t => {
  t.match(await readWinrm({ port: await freeTcpPort() }), { ok: false, reason: 'refused' })
  const controller = new AbortController()
  const peer = await startHttpScript(t, () => {
    controller.abort()
    return undefined
  })
  const result = await readWinrm({ port: peer.port }, { signal: controller.signal })
  t.match(result, { ok: false, reason: 'aborted' })
  await until(() => peer.open() === 0, { what: 'the connection closed' })
})
