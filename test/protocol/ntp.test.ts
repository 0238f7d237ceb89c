import * as fc from 'fast-check'
import { test } from 'tap'
import {
  HEADER_BYTES,
  type NtpPacket,
  REPLY_BYTES_LIMIT,
  decodeHeader,
  decodeReply,
  discardReasons,
  encodeReply,
  encodeRequest,
  exchangeInterval,
  isUnsynchronised,
  kissCode,
  referenceIdOf,
  rootDistance,
  roundTrip,
} from '../../src/protocol/ntp.js'
import { contains, width } from '../../src/time/interval.js'
import { type UnixNs, durationNs, monoNs, unixNs } from '../../src/time/units.js'
import { FollowedClock } from '../time/followed-clock.js'
import { holds } from '../time/holds.js'
import { fuzzReplies } from './fuzz.js'
import { COOKIE, REPLY, hex, withBitFlipped, withBytes } from './golden.js'

/** More inputs than in an ordinary run: EDGECLOCK_FUZZ_RUNS=1000000. */
const FUZZ_RUNS = Number(process.env.EDGECLOCK_FUZZ_RUNS ?? 200_000)
const SECOND = 1_000_000_000n
/** 2023-11-14T22:13:20.5Z. */
const T2 = 1_700_000_000_500_000_000n
const ORIGIN_AT = 24
const FLAG_BITS = { version: [2, 3, 4], mode: [5, 6, 7] }

const packetOf = (bytes: Uint8Array): NtpPacket => {
  const decoded = decodeReply(bytes, COOKIE)
  if (!decoded.ok) throw new Error(decoded.reason)
  return decoded.packet
}

const packetWith = (fields: Partial<NtpPacket>): NtpPacket => ({ ...packetOf(REPLY), ...fields })

const at = (date: string): UnixNs => unixNs(BigInt(Date.parse(date)) * 1_000_000n)

/** A reply to our request with this as T2 and T3. */
const replyWith = (stamp: UnixNs): Uint8Array =>
  encodeReply(encodeRequest(COOKIE), { ...packetOf(REPLY), receive: stamp, transmit: stamp })

void test('a request is 48 bytes with nothing in it but version, mode and the cookie', async t => {
  const request = encodeRequest(COOKIE)
  const expected = `23 000000 ${'00000000'.repeat(9)} 0102030405060708`
  t.same(Buffer.from(request), Buffer.from(hex(expected)))
  t.same(Buffer.from(encodeRequest(hex('0102030405060708ffff'))), Buffer.from(request))
})

void test('a reply written out byte by byte decodes to its fields', async t => {
  t.strictSame(packetOf(REPLY), {
    leap: 1,
    version: 4,
    mode: 4,
    stratum: 2,
    precision: -20,
    rootDelay: 500_000_000n,
    rootDispersion: 250_000_000n,
    referenceId: 0x47505300,
    origin: 0x0102030405060708n,
    receive: T2,
    transmit: T2 + SECOND / 4n,
  })
})

void test('the same fields encode to the same bytes', async t => {
  const bytes = encodeReply(encodeRequest(COOKIE), packetOf(REPLY))
  // Poll and the reference stamp, which nobody here needs, are zero.
  const expected = withBytes(withBytes(REPLY, 2, hex('00')), 16, hex('0000000000000000'))
  t.equal(Buffer.from(bytes).toString('hex'), Buffer.from(expected).toString('hex'))
})

void test('a reply is read wherever it lies in a larger buffer', async t => {
  const buffer = Buffer.concat([hex('ffffff'), REPLY, hex('ffffff')])
  t.strictSame(packetOf(buffer.subarray(3, 3 + REPLY.length)), packetOf(REPLY))
  const cookies = Buffer.concat([hex('ee'), COOKIE])
  t.match(decodeReply(REPLY, cookies.subarray(1)), { ok: true })
})

void test('what is not the reply is discarded, with the reason', async t => {
  const longest = new Uint8Array(REPLY_BYTES_LIMIT)
  longest.set(REPLY)
  const tooLong = new Uint8Array(REPLY_BYTES_LIMIT + 4)
  tooLong.set(REPLY)
  const table: readonly [string, Uint8Array, string][] = [
    ['nothing', hex(''), 'length'],
    ['47 bytes', REPLY.subarray(0, 47), 'length'],
    ['44 bytes', REPLY.subarray(0, 44), 'length'],
    ['49 bytes', Buffer.concat([REPLY, hex('00')]), 'length'],
    ['a header and four bytes more', Buffer.concat([REPLY, hex('00000000')]), 'ok'],
    ['the longest', longest, 'ok'],
    ['longer than the longest', tooLong, 'length'],
    ['our own request', encodeRequest(COOKIE), 'mode'],
    ['symmetric passive', withBytes(REPLY, 0, hex('22')), 'mode'],
    ['broadcast', withBytes(REPLY, 0, hex('25')), 'mode'],
    ['control', withBytes(REPLY, 0, hex('26')), 'mode'],
    ['version 0', withBytes(REPLY, 0, hex('04')), 'mode'],
    ['version 1', withBytes(REPLY, 0, hex('0c')), 'ok'],
    ['version 3', withBytes(REPLY, 0, hex('1c')), 'ok'],
    ['version 5', withBytes(REPLY, 0, hex('2c')), 'mode'],
    ['version 7', withBytes(REPLY, 0, hex('3c')), 'mode'],
    ['the cookie of no request', withBytes(REPLY, ORIGIN_AT, hex('0000000000000000')), 'cookie'],
    ['the cookie of another', withBytes(REPLY, ORIGIN_AT, hex('0102030405060709')), 'cookie'],
  ]
  for (const [name, bytes, expected] of table) {
    const decoded = decodeReply(bytes, COOKIE)
    t.equal(decoded.ok ? 'ok' : decoded.reason, expected, name)
  }
  t.same([...new Set(table.map(row => row[2]))].sort(), ['ok', ...discardReasons].sort())
})

void test('every truncation of a reply is discarded, or is a whole reply still', async t => {
  const long = Buffer.concat([REPLY, hex('0104 0010 000102030405060708090a0b')])
  const whole = packetOf(REPLY)
  for (let length = 0; length <= long.length; length++) {
    const decoded = decodeReply(long.subarray(0, length), COOKIE)
    if (length >= HEADER_BYTES && length % 4 === 0) {
      t.strictSame(decoded, { ok: true, packet: whole }, `${length} bytes`)
    } else t.strictSame(decoded, { ok: false, reason: 'length' }, `${length} bytes`)
  }
  t.throws(() => decodeHeader(REPLY.subarray(0, 47)), RangeError)
})

/** What comes of the reply with one bit turned over. */
const fateOf = (bit: number): string => {
  const decoded = decodeReply(withBitFlipped(REPLY, bit), COOKIE)
  if (!decoded.ok) return decoded.reason
  return told(decoded.packet) === told(packetOf(REPLY)) ? 'no difference' : 'another packet'
}

const told = (packet: NtpPacket): string => Object.values(packet).map(String).join()

/** Poll, the reference stamp, and what of T2 and T3 is less than a nanosecond. */
const UNREAD = { bytes: [2, 16, 17, 18, 19, 20, 21, 22, 23], bits: [317, 318, 319, 381, 382, 383] }

const expectedFateOf = (bit: number): string => {
  const byte = bit >> 3
  if (byte >= ORIGIN_AT && byte < ORIGIN_AT + COOKIE.length) return 'cookie'
  if (FLAG_BITS.mode.includes(bit)) return 'mode'
  // Of version 4 (100) these make 5, 6 and 0.
  if (FLAG_BITS.version.includes(bit)) return 'mode'
  const unread = UNREAD.bytes.includes(byte) || UNREAD.bits.includes(bit)
  return unread ? 'no difference' : 'another packet'
}

void test('a flipped bit is discarded or seen, and in the cookie always discarded', async t => {
  const bits = Array.from({ length: HEADER_BYTES * 8 }, (_, bit) => bit)
  t.strictSame(
    bits.map(bit => `${bit} ${fateOf(bit)}`),
    bits.map(bit => `${bit} ${expectedFateOf(bit)}`),
  )
  t.equal(bits.filter(bit => fateOf(bit) === 'cookie').length, 64)
})

void test('any bytes are decoded or discarded, and nothing throws', async t => {
  const any = fc.oneof(
    fc.uint8Array({ maxLength: 100 }),
    fc.uint8Array({ minLength: HEADER_BYTES, maxLength: HEADER_BYTES }),
    fc
      .tuple(fc.uint8Array({ minLength: 24, maxLength: 24 }), fc.uint8Array({ maxLength: 40 }))
      .map(([head, tail]) => Buffer.concat([hex('24'), head.subarray(1), COOKIE, tail])),
  )
  holds(
    t,
    fc.property(any, bytes => {
      const decoded = decodeReply(bytes, COOKIE)
      return decoded.ok ? bytes.length >= HEADER_BYTES : discardReasons.includes(decoded.reason)
    }),
    { numRuns: 5000 },
  )
})

void test('a flood of random and broken packets is survived', async t => {
  const outcome = fuzzReplies(FUZZ_RUNS, 20_231_114)
  t.equal(outcome.decoded + outcome.length + outcome.mode + outcome.cookie, FUZZ_RUNS)
  for (const kind of ['decoded', ...discardReasons] as const) {
    t.ok(outcome[kind] > FUZZ_RUNS / 100, `${kind}: ${outcome[kind]}`)
  }
})

/** Cut to 2^-32 s, and that to a nanosecond. */
const cut = (given: bigint | undefined, got: bigint | undefined): boolean =>
  given === undefined || got === undefined
    ? given === got || given === at('2036-02-07T06:28:16Z')
    : given - got >= 0n && given - got <= 1n

/** Rounded up to 2^-16 s, and that to a nanosecond. */
const roundedUp = (given: bigint, got: bigint): boolean => got >= given && got - given <= 15_260n

void test('what a simulated server says is what is decoded', async t => {
  const unsigned = fc.nat(0xffff_ffff)
  const lengths = fc.bigInt({ min: 0n, max: 65_535n * SECOND })
  const stamps = fc.oneof(
    fc.constant(undefined),
    fc.bigInt({ min: at('1970-01-01'), max: at('2100-01-01') }).map(unixNs),
  )
  const reply = fc.record({
    leap: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    stratum: fc.nat(255),
    precision: fc.integer({ min: -128, max: 127 }),
    rootDelay: lengths.map(durationNs),
    rootDispersion: lengths.map(durationNs),
    referenceId: unsigned,
    receive: stamps,
    transmit: stamps,
  })
  const cookies = fc.uint8Array({ minLength: 8, maxLength: 8 })
  holds(
    t,
    fc.property(reply, cookies, (given, cookie) => {
      const bytes = encodeReply(encodeRequest(cookie), given)
      const decoded = decodeReply(bytes, cookie)
      if (!decoded.ok) return false
      const { packet: got } = decoded
      return (
        bytes.length === HEADER_BYTES &&
        got.version === 4 &&
        got.mode === 4 &&
        got.leap === given.leap &&
        got.stratum === given.stratum &&
        got.precision === given.precision &&
        got.referenceId === given.referenceId &&
        got.origin === Buffer.from(cookie).readBigUInt64BE() &&
        cut(given.receive, got.receive) &&
        cut(given.transmit, got.transmit) &&
        roundedUp(given.rootDelay, got.rootDelay) &&
        roundedUp(given.rootDispersion, got.rootDispersion)
      )
    }),
    { numRuns: 3000 },
  )
})

void test('a delay that the format cannot hold is cut to what it can', async t => {
  const { rootDelay, rootDispersion } = packetOf(
    encodeReply(encodeRequest(COOKIE), {
      ...packetOf(REPLY),
      rootDelay: durationNs(70_000n * SECOND),
      rootDispersion: durationNs(-SECOND),
    }),
  )
  t.equal(rootDelay, 65_535_999_984_742n)
  t.equal(rootDispersion, 0n)
})

void test('delay and dispersion are rounded up', async t => {
  const packet = packetOf(withBytes(REPLY, 4, hex('00000001 00000001')))
  t.equal(packet.rootDelay, 15_259n, 'one 65536th of a second is 15258.8 ns')
  t.equal(packet.rootDispersion, 15_259n)
})

const distance = (delay: bigint, dispersion: bigint): bigint =>
  rootDistance(packetWith({ rootDelay: durationNs(delay), rootDispersion: durationNs(dispersion) }))

void test('the root distance is half the delay, rounded up, and the dispersion', async t => {
  t.equal(distance(10n, 0n), 5n)
  t.equal(distance(11n, 0n), 6n)
  t.equal(distance(1n, 7n), 8n)
  t.equal(distance(0n, 7n), 7n)
  t.equal(rootDistance(packetOf(REPLY)), SECOND / 2n)
})

void test('a stamp is of the era that makes it a time from 1968 to 2104', async t => {
  const table: readonly [string, string, string][] = [
    ['the first second of 1970', '83aa7e80 00000000', '1970-01-01T00:00:00Z'],
    ['the oldest', '80000000 00000000', '1968-01-20T03:14:08Z'],
    ['the last of era 0', 'ffffffff 00000000', '2036-02-07T06:28:15Z'],
    ['the first of era 1 that can be told', '00000001 00000000', '2036-02-07T06:28:17Z'],
    ['well into era 1', '0d0b7700 00000000', '2043-01-14T07:34:24Z'],
    ['the newest', '7fffffff 00000000', '2104-02-26T09:42:23Z'],
  ]
  for (const [name, stamp, date] of table) {
    const packet = packetOf(withBytes(withBytes(REPLY, 32, hex(stamp)), 40, hex(stamp)))
    t.equal(packet.receive, at(date), name)
    t.equal(packet.transmit, at(date), name)
  }
})

void test('each year from 1970 to 2100 is encoded and decoded', async t => {
  for (let year = 1970; year <= 2100; year++) {
    const now = at(`${year}-07-01T12:34:56.789Z`)
    const { receive, transmit } = packetOf(replyWith(now))
    t.ok(
      receive === transmit && receive !== undefined && now - receive <= 1n && receive <= now,
      `${year}`,
    )
  }
})

void test('an exchange across the end of era 0 is like any other', async t => {
  const end = at('2036-02-07T06:28:16Z')
  const packet = packetOf(
    encodeReply(encodeRequest(COOKIE), {
      ...packetOf(REPLY),
      receive: unixNs(end - 500_000n),
      transmit: unixNs(end + 500_000n),
    }),
  )
  const sent = monoNs(SECOND)
  const exchange = { sent, received: monoNs(sent + 3_000_000n), packet }
  const interval = exchangeInterval(exchange)
  // A server that is a millisecond of way off, there and back, and right.
  t.ok(interval && contains(interval, end - sent - 1_500_000n))
  t.equal(roundTrip(exchange), 2_000_000n)
})

void test('a stamp of zero is no stamp', async t => {
  const none = hex('00000000 00000000')
  t.equal(packetOf(withBytes(REPLY, 32, none)).receive, undefined)
  t.equal(packetOf(withBytes(REPLY, 40, none)).transmit, undefined)
  t.equal(
    packetOf(withBytes(REPLY, 40, hex('00000000 00000001'))).transmit,
    at('2036-02-07T06:28:16Z'),
  )
})

/** What a fraction of 2^-32 s in T3 comes to, in ns. */
const nsOf = (fraction: string): bigint =>
  (packetOf(withBytes(REPLY, 40, hex(`e8fe6f80 ${fraction}`))).transmit ?? 0n) % SECOND

void test('a fraction of a second is cut to a nanosecond', async t => {
  t.equal(nsOf('00000001'), 0n)
  t.equal(nsOf('00000004'), 0n)
  t.equal(nsOf('00000005'), 1n)
  t.equal(nsOf('40000000'), 250_000_000n)
  t.equal(nsOf('ffffffff'), 999_999_999n)
})

void test('kiss codes are told from reference ids that only look like them', async t => {
  const table: readonly [stratum: number, id: number, expected: string | undefined][] = [
    [0, referenceIdOf('DENY'), 'DENY'],
    [0, referenceIdOf('RSTR'), 'RSTR'],
    [0, referenceIdOf('RATE'), 'RATE'],
    [0, referenceIdOf('NTSN'), undefined],
    [0, referenceIdOf('LOCL'), undefined],
    [0, referenceIdOf('INIT'), undefined],
    [0, referenceIdOf('STEP'), undefined],
    [0, 0, undefined],
    [0, 0xc0000201, undefined],
    [0, referenceIdOf('rate'), undefined],
    [0, referenceIdOf('RA'), undefined],
    [0, referenceIdOf('RAT1'), undefined],
    [0, 0x00444e59, undefined],
    [1, referenceIdOf('RATE'), undefined],
    [16, referenceIdOf('DENY'), undefined],
  ]
  for (const [stratum, referenceId, expected] of table) {
    const name = `stratum ${stratum}, ${referenceId.toString(16)}`
    t.equal(kissCode(packetWith({ stratum, referenceId })), expected, name)
  }
})

void test('a reference id is its four characters', async t => {
  t.equal(referenceIdOf('GPS'), 0x47505300)
  t.equal(referenceIdOf('RATE'), 0x52415445)
  t.equal(referenceIdOf('\u00ff\u00ff\u00ff\u00ff'), 0xffffffff)
  t.equal(referenceIdOf(''), 0)
})

void test('leap 3, stratum 0 and stratum 16 or more are unsynchronised', async t => {
  const table: readonly [leap: 0 | 1 | 2 | 3, stratum: number, expected: boolean][] = [
    [0, 1, false],
    [1, 2, false],
    [2, 15, false],
    [3, 1, true],
    [0, 0, true],
    [0, 16, true],
    [0, 255, true],
  ]
  for (const [leap, stratum, expected] of table) {
    t.equal(isUnsynchronised(packetWith({ leap, stratum })), expected, `${leap}, ${stratum}`)
  }
})

/** An exchange of 3 ms with T2 and T3 a millisecond apart, and a millisecond of way each. */
const exchangeWith = (fields: Partial<NtpPacket>, took = 3_000_000n) => ({
  sent: monoNs(SECOND),
  received: monoNs(SECOND + took),
  packet: packetWith({ receive: unixNs(T2), transmit: unixNs(T2 + 1_000_000n), ...fields }),
})

void test('an exchange gives [T3 − T4, T2 − T1], each end moved out by eps', async t => {
  // 2^-20 s = 954 ns, 2^-23 s = 120 ns, 115 ppm of 3 ms = 345 ns; each rounded up.
  const eps = 954n + 120n + 345n
  t.strictSame(exchangeInterval(exchangeWith({ precision: -20 })), {
    lo: T2 + 1_000_000n - SECOND - 3_000_000n - eps,
    hi: T2 - SECOND + eps,
  })
  t.equal(roundTrip(exchangeWith({})), 2_000_000n)
})

void test('the interval grows with the coarseness of the server’s clock', async t => {
  const table: readonly [precision: number, resolution: bigint][] = [
    [0, 1_000_000_000n],
    [-1, 500_000_000n],
    [-6, 15_625_000n],
    [-10, 976_563n],
    [-20, 954n],
    [-29, 2n],
    [-30, 1n],
    [-32, 1n],
    [-33, 1n],
    [-128, 1n],
  ]
  for (const [precision, resolution] of table) {
    const interval = exchangeInterval(exchangeWith({ precision }))
    const eps = interval && (width(interval) - 2_000_000n) / 2n
    t.equal(eps, resolution + 120n + 345n, `2^${precision} s`)
  }
  for (const precision of [1, 2, 127]) {
    t.equal(
      exchangeInterval(exchangeWith({ precision })),
      undefined,
      `2^${precision} s is no clock`,
    )
  }
})

void test('impossible stamps give no interval', async t => {
  const table: readonly [string, Partial<NtpPacket>][] = [
    ['no T2', { receive: undefined }],
    ['no T3', { transmit: undefined }],
    ['neither', { receive: undefined, transmit: undefined }],
    ['T3 before T2', { transmit: unixNs(T2 - 1n) }],
    ['a year in the server', { transmit: unixNs(T2 + 31_536_000n * SECOND) }],
    ['longer in the server than it took, by more than eps', { transmit: unixNs(T2 + 3_002_900n) }],
  ]
  for (const [name, fields] of table)
    t.equal(exchangeInterval(exchangeWith(fields)), undefined, name)
  t.equal(exchangeInterval(exchangeWith({}, -SECOND)), undefined, 'a reply before the request')
})

void test('longer in the server than it took, by no more than eps, is rounding', async t => {
  const exchange = exchangeWith({ transmit: unixNs(T2 + 3_001_000n) })
  t.ok(exchangeInterval(exchange))
  t.equal(roundTrip(exchange), 0n, 'a time on the way is never below 0')
  t.ok(exchangeInterval(exchangeWith({ transmit: unixNs(T2) })), 'nor is no time in the server')
})

void test('an exchange holds the truth, whatever the delays and the resolution', async t => {
  const lengths = fc.bigInt({ min: 0n, max: 2n * SECOND })
  const offsets = fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n })
  holds(
    t,
    fc.property(
      offsets,
      fc.integer({ min: -115_000, max: 115_000 }),
      fc.integer({ min: -32, max: 0 }),
      fc.tuple(lengths, lengths, lengths),
      (offset, rate, precision, [forward, inside, back]) => {
        const server = new FollowedClock(offset, rate, precision)
        const reading = server.read(10n ** 15n, { forward, inside, back })
        return reading !== undefined && contains(reading.interval, server.truth(reading.at))
      },
    ),
    { numRuns: 3000 },
  )
})
