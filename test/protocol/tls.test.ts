import * as fc from 'fast-check'
import { test } from 'tap'
import {
  CERTIFICATE_BYTES_LIMIT,
  FLIGHT_BYTES_LIMIT,
  ServerFlight,
} from '../../src/protocol/tls-flight.js'
import {
  FAREWELL,
  RANDOM_BYTES,
  type ServerHello,
  alertName,
  gmtUnixTime,
  isDowngraded,
  isHelloRetry,
} from '../../src/protocol/tls.js'
import { holds } from '../time/holds.js'
import { hex, withBytes } from './golden.js'
import {
  alert,
  certificateRequest,
  certificates,
  joinBytes,
  message,
  randomWith,
  record,
  records,
  serverHello,
  serverHelloDone,
} from './tls-bytes.js'

const TIME = 1_795_408_679
const RANDOM = randomWith(TIME)
const DER = Uint8Array.from({ length: 900 }, (_, i) => (i * 31) & 0xff)
const CA = Uint8Array.from({ length: 700 }, (_, i) => (i * 17) & 0xff)
const MESSAGES = joinBytes(
  serverHello({ random: RANDOM }),
  certificates(DER, CA),
  certificateRequest(),
  serverHelloDone(),
)
const FLIGHT = records(MESSAGES)

const flightOf = (bytes: Uint8Array): ServerFlight => {
  const flight = new ServerFlight()
  flight.read(bytes)
  return flight
}

/** Fed as a connection feeds it: all that came so far, each time. */
const inPieces = (bytes: Uint8Array, ends: readonly number[]): ServerFlight => {
  const flight = new ServerFlight()
  for (const end of ends) flight.read(bytes.slice(0, end))
  flight.read(bytes)
  return flight
}

const helloWith = (random: Uint8Array): ServerHello => ({ minor: 3, random })

void test('a flight of several messages in one record tells time and certificate', async t => {
  const flight = flightOf(FLIGHT)
  t.strictSame(flight.end, { kind: 'told' })
  t.equal(flight.hello?.minor, 3)
  t.strictSame(flight.hello?.random, RANDOM)
  t.strictSame(flight.certificate, DER)
})

void test('golden bytes: a ServerHello of mbedTLS, and the time in it', async t => {
  const flight = flightOf(
    hex(`
      16 0303 003f  02 00003b 0303
      6b03c328 b0aa0663 7c004e99 646f6093 9e8b283a 3acfbeb3 6b091d4f 6de83462
      00 c030 00 0013 ff01000100 00170000 00230000 000b00020100
    `),
  )
  t.ok(flight.hasRandom)
  t.equal(flight.end, undefined, 'the certificate is still to come')
  const { hello } = flight
  t.equal(hello && gmtUnixTime(hello), 0x6b03c328n * 1_000_000_000n)
})

void test('a flight is read alike however it is cut into records and pieces', async t => {
  holds(
    t,
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.array(fc.nat({ max: 12_000 }), { maxLength: 20 }),
      (recordBytes, cuts) => {
        const bytes = records(MESSAGES, recordBytes)
        const flight = inPieces(
          bytes,
          cuts.filter(cut => cut < bytes.length).toSorted((a, b) => a - b),
        )
        return (
          flight.end?.kind === 'told' &&
          Buffer.compare(flight.hello?.random ?? DER, RANDOM) === 0 &&
          Buffer.compare(flight.certificate ?? RANDOM, DER) === 0
        )
      },
    ),
  )
})

void test('cut off anywhere, a flight is not told, and says no more than came', async t => {
  const hello = serverHello({ random: RANDOM }).length + 5
  const certificate = hello + 4 + 3 + 3 + DER.length
  for (let length = 0; length < FLIGHT.length; length++) {
    const flight = flightOf(FLIGHT.slice(0, length))
    const expected = [length >= 5 + 4 + 2 + 32, length >= hello, length >= certificate]
    const told = [flight.hasRandom, flight.hello !== undefined, flight.certificate !== undefined]
    if (told.join() !== expected.join()) t.strictSame(told, expected, `${length} bytes`)
    if ((flight.end?.kind === 'told') !== expected[2]) t.fail(`the end after ${length} bytes`)
  }
  t.pass()
})

void test('the random is in hand with its last byte, before the ServerHello is whole', async t => {
  const flight = new ServerFlight()
  flight.read(FLIGHT.slice(0, 42))
  t.notOk(flight.hasRandom)
  flight.read(FLIGHT.slice(0, 43))
  t.ok(flight.hasRandom)
  t.equal(flight.hello, undefined)
})

void test('what is behind the server’s own certificate is not waited for', async t => {
  const messages = joinBytes(
    serverHello({ random: RANDOM }),
    certificates(DER, new Uint8Array(3e6)),
  )
  const bytes = records(messages).slice(0, 5000)
  t.strictSame(flightOf(bytes).certificate, DER)
  t.equal(flightOf(bytes).end?.kind, 'told')
})

void test('a time without a certificate is a time', async t => {
  const hello = serverHello({ random: RANDOM })
  const long = new Uint8Array(CERTIFICATE_BYTES_LIMIT + 1)
  const whole = certificates(DER)
  const table: readonly [string, Uint8Array][] = [
    ['none follows', serverHelloDone()],
    ['another message follows', certificateRequest()],
    ['an empty list', certificates()],
    ['an empty certificate', certificates(new Uint8Array(0))],
    ['a certificate above the limit', certificates(long)],
    ['a list longer than its message', withBytes(whole, 4, hex('00ffff'))],
    ['a list shorter than its message', withBytes(whole, 4, hex('000010'))],
    ['a certificate longer than its list', withBytes(whole, 7, hex('00ffff'))],
    ['a message too short for a certificate', message(11, hex('0000'))],
  ]
  for (const [name, next] of table) {
    const flight = flightOf(records(joinBytes(hello, next)))
    t.strictSame(flight.end, { kind: 'told' }, name)
    t.strictSame(flight.hello?.random, RANDOM, name)
    t.equal(flight.certificate, undefined, name)
  }
})

void test('whatever comes after ServerHello, the time is told', async t => {
  const hello = records(serverHello({ random: RANDOM }))
  for (const [name, next] of [
    ['an alert', alert(2, 40)],
    ['other bytes', Buffer.from('HTTP/1.1 400 Bad Request')],
    ['a record of no bytes', record(22, new Uint8Array(0))],
  ] as const) {
    t.strictSame(flightOf(joinBytes(hello, next)).end, { kind: 'told' }, name)
  }
})

void test('the longest certificate that is kept fits into what is kept of a flight', async t => {
  const der = new Uint8Array(CERTIFICATE_BYTES_LIMIT).fill(7)
  const bytes = records(joinBytes(serverHello({ random: RANDOM }), certificates(der)))
  t.ok(bytes.length < FLIGHT_BYTES_LIMIT)
  t.strictSame(flightOf(bytes).certificate, der)
})

void test('any version up to TLS 1.2 is one', async t => {
  for (const version of [0x0300, 0x0301, 0x0302, 0x0303]) {
    const flight = flightOf(records(serverHello({ random: RANDOM, version })))
    t.equal(flight.hello?.minor, version & 0xff)
  }
})

void test('a ServerHello may have no session id and no extensions', async t => {
  const none = new Uint8Array(0)
  const hello = serverHello({ random: RANDOM, sessionId: none, extensions: none })
  t.strictSame(flightOf(records(hello)).hello?.random, RANDOM)
})

void test('what is not TLS is told by its first bytes', async t => {
  const hello = serverHello({ random: RANDOM })
  const four = new Uint8Array(4)
  const short = serverHello({ random: RANDOM, sessionId: four, extensions: new Uint8Array(0) })
  const table: readonly [string, Uint8Array, RegExp][] = [
    ['a banner', Buffer.from('S'), /not TLS/],
    ['a web server', Buffer.from('HTTP/1.1 400'), /not TLS/],
    ['SSL 2.0', hex('80 2e 04'), /not TLS/],
    ['another major version', hex('16 04'), /not TLS/],
    ['application data', record(23, RANDOM), /not TLS/],
    ['a record of no bytes', record(22, new Uint8Array(0)), /record of 0 bytes/],
    ['a record above 2^14 bytes', hex('16 0303 4001'), /record of 16385 bytes/],
    ['another message', records(certificates(DER)), /no ServerHello/],
    ['a ServerHello too short', records(message(2, new Uint8Array(37))), /of 37 bytes/],
    ['a ServerHello too long', hex('16 0303 0004 02 004001'), /of 16385 bytes/],
    ['TLS 1.3 in the old field', records(serverHello({ random: RANDOM, version: 0x0304 })), /none/],
    ['a major version inside', records(withBytes(hello, 4, hex('02'))), /none/],
    [
      'a long session id',
      records(serverHello({ random: RANDOM, sessionId: new Uint8Array(33) })),
      /none/,
    ],
    ['a session id past the end', records(withBytes(short, 38, hex('14'))), /none/],
    ['extensions past the end', records(withBytes(hello, hello.length - 7, hex('00ff'))), /none/],
  ]
  for (const [name, bytes, detail] of table) {
    const { end } = flightOf(bytes)
    t.match(end, { kind: 'malformed', detail }, name)
  }
})

void test('an alert ends it with its name', async t => {
  t.strictSame(flightOf(alert(2, 70)).end, { kind: 'alert', code: 70, name: 'protocol_version' })
  t.strictSame(flightOf(alert(2, 40)).end, { kind: 'alert', code: 40, name: 'handshake_failure' })
  t.strictSame(flightOf(alert(1, 0)).end, { kind: 'alert', code: 0, name: 'close_notify' })
  t.equal(alertName(222), 'alert 222')
  const halves = joinBytes(record(21, Uint8Array.of(2)), record(21, Uint8Array.of(80)))
  t.match(flightOf(halves).end, { kind: 'alert', name: 'internal_error' })
})

void test('a warning is passed over', async t => {
  const flight = flightOf(joinBytes(alert(1, 112), FLIGHT))
  t.strictSame(flight.end, { kind: 'told' })
  t.strictSame(flight.hello?.random, RANDOM)
})

void test('the farewell is two warnings, the second of which closes', async t => {
  t.strictSame(FAREWELL, joinBytes(alert(1, 90), alert(1, 0)))
})

void test('the marks of TLS 1.3 are told from a time', async t => {
  const marked = (last: string) => helloWith(withBytes(RANDOM, 24, hex(`444f574e475244${last}`)))
  t.ok(isDowngraded(marked('01')))
  t.ok(isDowngraded(marked('00')))
  t.notOk(isDowngraded(marked('02')))
  t.notOk(isDowngraded(helloWith(RANDOM)))
  const retry = hex('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c')
  t.ok(isHelloRetry(helloWith(retry)))
  t.notOk(isHelloRetry(helloWith(withBytes(retry, 15, hex('00')))))
  t.notOk(isHelloRetry(helloWith(withBytes(retry, 0, hex('00')))))
})

void test('the time is unsigned: it ends in 2106', async t => {
  t.equal(gmtUnixTime(helloWith(randomWith(0))), 0n)
  t.equal(gmtUnixTime(helloWith(randomWith(0xffffffff))), 4_294_967_295_000_000_000n)
})

void test('any bytes are taken, in any pieces', async t => {
  const noise = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc
      .tuple(fc.nat(FLIGHT.length - 1), fc.uint8Array({ maxLength: 40 }))
      .map(([at, patch]) => withBytes(joinBytes(FLIGHT, new Uint8Array(40)), at, patch)),
  )
  holds(
    t,
    fc.property(noise, fc.array(fc.nat({ max: 2500 }), { maxLength: 8 }), (bytes, cuts) => {
      const ends = cuts.filter(cut => cut < bytes.length).toSorted((a, b) => a - b)
      const [pieces, whole] = [inPieces(bytes, ends), flightOf(bytes)]
      return (
        JSON.stringify(pieces.end) === JSON.stringify(whole.end) &&
        (whole.hello === undefined || whole.hello.random.length === RANDOM_BYTES)
      )
    }),
    { numRuns: 3000 },
  )
})
