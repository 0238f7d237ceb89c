import * as fc from 'fast-check'
import { test } from 'tap'
import {
  encodeHep,
  encodeHepChunks,
  type HepChunk,
  type HepFields,
} from '../../src/protocol/hep-encode.js'
import { HEP_PACKET_BYTES_LIMIT, hepFailureReasons } from '../../src/protocol/hep-format.js'
import { HepStream } from '../../src/protocol/hep-stream.js'
import { decodeHep, HepPacket } from '../../src/protocol/hep.js'
import { holds } from '../time/holds.js'
import { hex, withBytes } from './golden.js'

const MUTATIONS = 20_000
const MAX_STEPS = 300

/** OPTIONS from 192.0.2.1:5060 to 192.0.2.2:5061 over UDP, seen 2023-11-14T22:13:20.250000Z by node fe1. */
const PACKET = hex(`
  48455033 0076
  0000 0001 0007 02
  0000 0002 0007 11
  0000 0003 000a c0000201
  0000 0004 000a c0000202
  0000 0007 0008 13c4
  0000 0008 0008 13c5
  0000 0009 000a 6553f100
  0000 000a 000a 0003d090
  0000 000b 0007 01
  0000 000c 000a 000007d1
  0000 0013 0009 666531
  0000 000f 0010 4f5054494f4e5320730d
`)

/** Type 0x0f of vendor 0, which is the payload, and the same of vendor 1, which is not. */
const PAYLOAD: HepChunk = { vendor: 0, type: 0x0f, value: hex('42') }
const FOREIGN: HepChunk = { vendor: 1, type: 0x0f, value: hex('43') }

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1')
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** Everything a packet says, as plain data. */
const plain = (packet: HepPacket) => ({
  family: packet.family,
  ipProtocol: packet.ipProtocol,
  source: hexOf(packet.source),
  destination: hexOf(packet.destination),
  sourcePort: packet.sourcePort,
  destinationPort: packet.destinationPort,
  seconds: packet.seconds,
  microseconds: packet.microseconds,
  protocolType: packet.protocolType,
  captureId: packet.captureId,
  authKey: hexOf(packet.authKey),
  nodeName: packet.nodeName,
  compressed: packet.compressed,
  payload: hexOf(packet.payload),
})

const decoded = (bytes: Uint8Array, into?: HepPacket) => {
  const packet = decodeHep(bytes, into)
  if (!packet.ok) throw new Error(packet.reason)
  return plain(packet)
}

const verdict = (bytes: Uint8Array): string => {
  const packet = decodeHep(bytes)
  return packet.ok ? 'ok' : packet.reason
}

const u32 = fc.nat({ max: 0xffff_ffff })
const port = fc.nat({ max: 0xffff })
const byte = fc.nat({ max: 0xff })
const bytesOf = (minLength: number, maxLength: number) => fc.uint8Array({ minLength, maxLength })
const address = fc.oneof(bytesOf(4, 4), bytesOf(16, 16))

const fields: fc.Arbitrary<HepFields> = fc.record(
  {
    payload: bytesOf(1, 64),
    compressed: fc.boolean(),
    family: byte,
    ipProtocol: byte,
    source: address,
    destination: address,
    sourcePort: port,
    destinationPort: port,
    seconds: u32,
    microseconds: u32,
    protocolType: byte,
    captureId: u32,
    authKey: bytesOf(0, 8),
    nodeName: fc.string({ unit: 'grapheme', maxLength: 12 }),
  },
  { requiredKeys: ['payload'] },
)

/** What {@link plain} has to say of a packet with these fields. */
const expected = (said: HepFields) => ({
  family: said.family ?? 0,
  ipProtocol: said.ipProtocol ?? 0,
  source: hexOf(said.source ?? hex('')),
  destination: hexOf(said.destination ?? hex('')),
  sourcePort: said.sourcePort ?? 0,
  destinationPort: said.destinationPort ?? 0,
  seconds: said.seconds ?? 0,
  microseconds: said.microseconds ?? 0,
  protocolType: said.protocolType ?? 0,
  captureId: said.captureId ?? 0,
  authKey: hexOf(said.authKey ?? hex('')),
  nodeName: said.nodeName ?? '',
  compressed: said.compressed ?? false,
  payload: hexOf(said.payload),
})

/** What a stream makes of these pieces: its packets, and how it ended. */
const streamed = (pieces: Iterable<Uint8Array>) => {
  const packets: string[] = []
  const stream = new HepStream(packet => packets.push(hexOf(packet)))
  let last: ReturnType<HepStream['push']> = { ok: true }
  for (const piece of pieces) last = stream.push(piece)
  return { packets, last, end: stream.end() }
}

const piecesOf = (bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] => {
  const at = [0, ...cuts.map(cut => cut % (bytes.length + 1)), bytes.length].sort((a, b) => a - b)
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

void test('a packet written out byte by byte decodes to its fields', async t => {
  t.strictSame(decoded(PACKET), {
    family: 2,
    ipProtocol: 17,
    source: 'c0000201',
    destination: 'c0000202',
    sourcePort: 5060,
    destinationPort: 5061,
    seconds: 1_700_000_000,
    microseconds: 250_000,
    protocolType: 1,
    captureId: 2001,
    authKey: '',
    nodeName: 'fe1',
    compressed: false,
    payload: hexOf(Buffer.from('OPTIONS s\r')),
  })
})

void test('the same fields encode to the same bytes', async t => {
  const bytes = encodeHep({
    family: 2,
    ipProtocol: 17,
    source: hex('c0000201'),
    destination: hex('c0000202'),
    sourcePort: 5060,
    destinationPort: 5061,
    seconds: 1_700_000_000,
    microseconds: 250_000,
    protocolType: 1,
    captureId: 2001,
    nodeName: 'fe1',
    payload: Buffer.from('OPTIONS s\r'),
  })
  t.equal(hexOf(bytes), hexOf(PACKET))
})

void test('what is encoded decodes to itself, whatever the packet object held before', async t => {
  const into = new HepPacket()
  const property = fc.property(fields, said => {
    const bytes = encodeHep(said)
    const want = JSON.stringify(expected(said))
    return JSON.stringify(decoded(bytes, into)) === want && JSON.stringify(decoded(bytes)) === want
  })
  holds(t, property, { numRuns: 2000 })
})

void test('a packet is read wherever it lies in a larger buffer, without a copy', async t => {
  const buffer = new Uint8Array(Buffer.concat([hex('ffffff'), PACKET, hex('ffffff')]))
  const packet = decodeHep(buffer.subarray(3, 3 + PACKET.length))
  if (!packet.ok) return t.fail(packet.reason)
  t.strictSame(plain(packet), decoded(PACKET))
  buffer[buffer.length - 5] = 0x21
  t.equal(text(packet.payload), 'OPTIONS !\r')
})

void test('unknown types and chunks of other vendors are skipped, in any order', async t => {
  const chunks = [
    { vendor: 0, type: 0x14, value: hex('01') },
    { vendor: 0, type: 0x20, value: hex('') },
    { vendor: 0, type: 0xffff, value: hex('0102') },
    { vendor: 0, type: 0x11, value: hex('6964') },
    { vendor: 1, type: 0x09, value: hex('00') },
    PAYLOAD,
    FOREIGN,
  ]
  const want = { ...expected({ payload: PAYLOAD.value }) }
  const property = fc.property(
    fc.shuffledSubarray(chunks, { minLength: chunks.length }),
    order => JSON.stringify(decoded(encodeHepChunks(order))) === JSON.stringify(want),
  )
  holds(t, property)
})

void test('of two chunks of one type the last counts', async t => {
  const other = { ...PAYLOAD, value: hex('4444') }
  t.equal(decoded(encodeHepChunks([other, PAYLOAD])).payload, '42')
  t.equal(decoded(encodeHepChunks([PAYLOAD, other])).payload, '4444')
})

void test('a deflated payload is flagged and left as it is; a plain one beside it counts', async t => {
  const deflated = { vendor: 0, type: 0x10, value: hex('789c') }
  t.match(decoded(encodeHepChunks([deflated])), { compressed: true, payload: '789c' })
  t.match(decoded(encodeHepChunks([PAYLOAD, deflated])), { compressed: false, payload: '42' })
})

void test('a node name is decoded anew when it changes, and survives any bytes', async t => {
  const into = new HepPacket()
  const named = (nodeName: string) =>
    decoded(encodeHep({ payload: PAYLOAD.value, nodeName }), into).nodeName
  for (const name of ['fe1', 'fe1', 'fe2', '', 'vermögen', 'fe2']) t.equal(named(name), name)
  const broken = [{ vendor: 0, type: 0x13, value: hex('66ff65') }, PAYLOAD]
  t.equal(decoded(encodeHepChunks(broken)).nodeName, 'f\ufffde')
})

void test('what is no packet is refused, with the reason', async t => {
  const chunk = (type: number, value: string) =>
    encodeHepChunks([{ vendor: 0, type, value: hex(value) }, PAYLOAD])
  const lengthAt = 6 + 4
  const table: readonly [string, Uint8Array, string][] = [
    ['the packet', PACKET, 'ok'],
    ['nothing', hex(''), 'truncated'],
    ['the magic alone', hex('48455033'), 'truncated'],
    ['another magic', withBytes(PACKET, 3, hex('34')), 'not_hep'],
    ['two bytes of something', hex('1234'), 'not_hep'],
    ['plain SIP', Buffer.from('INVITE sip:a@contoso.com SIP/2.0\r\n'), 'not_hep'],
    ['version 1, IPv4', hex('01100211 13c413c5 c0000201 c0000202 4f'), 'old_version'],
    ['version 2, IPv6', hex('02280a11 13c413c5'), 'old_version'],
    ['version 1, but no such header', hex('01110211 13c413c5'), 'not_hep'],
    ['longer than it says', Buffer.concat([PACKET, hex('00')]), 'length'],
    ['shorter than it says', withBytes(PACKET, 4, hex('007a')), 'truncated'],
    ['says less than a header', withBytes(PACKET, 4, hex('0005')), 'length'],
    ['says nothing', withBytes(PACKET, 4, hex('0000')), 'length'],
    ['a header alone', hex('48455033 0006'), 'no_payload'],
    ['a chunk of length 0', withBytes(PACKET, lengthAt, hex('0000')), 'chunk_length'],
    ['a chunk shorter than its header', withBytes(PACKET, lengthAt, hex('0005')), 'chunk_length'],
    ['a chunk past the end', withBytes(PACKET, lengthAt, hex('ffff')), 'chunk_length'],
    [
      'the last chunk one too long',
      withBytes(PACKET, PACKET.length - 11, hex('11')),
      'chunk_length',
    ],
    ['part of a chunk header', Buffer.from(hex('48455033 000b 0000 000f 00')), 'chunk_length'],
    ['a family of two bytes', chunk(0x01, '0002'), 'chunk_width'],
    ['an IPv4 address of three bytes', chunk(0x03, 'c00002'), 'chunk_width'],
    ['an IPv6 address of four bytes', chunk(0x06, 'c0000201'), 'chunk_width'],
    ['a port of four bytes', chunk(0x07, '000013c4'), 'chunk_width'],
    ['a second of eight bytes', chunk(0x09, '000000006553f100'), 'chunk_width'],
    ['a number without bytes', chunk(0x0c, ''), 'chunk_width'],
    ['no payload', encodeHepChunks([FOREIGN]), 'no_payload'],
    ['an empty payload', encodeHep({ payload: hex('') }), 'no_payload'],
  ]
  for (const [name, bytes, want] of table) t.equal(verdict(bytes), want, name)
  t.same([...new Set(table.map(row => row[2]))].sort(), ['ok', ...hepFailureReasons].sort())
})

void test('a packet cut short anywhere is refused, even when it says so itself', async t => {
  for (let length = 0; length < PACKET.length; length++) {
    const cut = PACKET.slice(0, length)
    t.equal(verdict(cut), 'truncated', `${length} bytes`)
    if (length < 6) continue
    const lying = withBytes(cut, 4, Uint8Array.of(length >> 8, length & 0xff))
    // The payload comes last: without it, even a cut between two chunks is no packet.
    t.match(verdict(lying), /^(chunk_length|no_payload)$/, `${length} bytes that say so`)
  }
})

void test('bytes turned into any others never throw, and never give a view outside', async t => {
  const patch = fc.array(fc.tuple(fc.nat({ max: PACKET.length - 1 }), byte), { maxLength: 6 })
  const into = new HepPacket()
  const property = fc.property(patch, fc.nat({ max: 8 }), (patches, cut) => {
    const bytes = PACKET.slice(0, PACKET.length - (cut < 6 ? 0 : cut))
    for (const [at, value] of patches) bytes[at % bytes.length] = value
    const packet = decodeHep(bytes, into)
    if (!packet.ok) return hepFailureReasons.includes(packet.reason)
    const { payload, source, nodeName } = packet
    return payload.length <= bytes.length && source.length <= 16 && nodeName.length <= bytes.length
  })
  holds(t, property, { numRuns: MUTATIONS })
})

void test('the longest packet goes through, and a longer one is a mistake of the caller', async t => {
  const most = HEP_PACKET_BYTES_LIMIT - 12
  const longest = encodeHep({ payload: new Uint8Array(most).fill(7) })
  t.equal(decoded(longest).payload.length, 2 * most)
  t.same(streamed([longest.subarray(0, 60_000), longest.subarray(60_000)]).packets.length, 1)
  t.throws(() => encodeHep({ payload: new Uint8Array(most + 1) }), RangeError)
})

void test('a stream gives the same packets wherever it is cut', async t => {
  const property = fc.property(
    fc.array(fields, { minLength: 1, maxLength: 8 }),
    fc.array(fc.nat(), { maxLength: MAX_STEPS }),
    (said, cuts) => {
      const packets = said.map(encodeHep)
      const got = streamed(piecesOf(Buffer.concat(packets), cuts))
      return got.end.ok && got.last.ok && got.packets.join() === packets.map(hexOf).join()
    },
  )
  holds(t, property, { numRuns: 300 })
})

void test('a stream takes bytes one at a time, and buffers that are used again', async t => {
  const empty = hex('48455033 0006')
  const long = encodeHep({ payload: new Uint8Array(9000).fill(1) })
  const bytes = Buffer.concat([PACKET, empty, long, PACKET])
  const one = new Uint8Array(1)
  const steps = function* () {
    for (const byte of bytes) {
      one[0] = byte
      yield one
    }
  }
  const { packets, end } = streamed(steps())
  t.same(packets, [PACKET, empty, long, PACKET].map(hexOf))
  t.same(end, { ok: true })
})

void test('a packet that is refused inside does not end the stream', async t => {
  const bad = withBytes(PACKET, 6 + 4, hex('ffff'))
  const { packets, last } = streamed([Buffer.concat([bad, PACKET])])
  t.same(
    packets.map(packet => verdict(hex(packet))),
    ['chunk_length', 'ok'],
  )
  t.same(last, { ok: true })
})

void test('what is no packet ends the stream, and nothing after it is read', async t => {
  const table: readonly [string, Uint8Array, string][] = [
    ['a request for a page', Buffer.from('GET / HTTP/1.1\r\n\r\n'), 'not_hep'],
    ['a packet less a byte', Buffer.concat([PACKET.subarray(1), PACKET]), 'not_hep'],
    ['version 1', hex('01100211 13c413c5 c0000201'), 'old_version'],
    ['a length less than the header', withBytes(PACKET, 4, hex('0005')), 'length'],
  ]
  for (const [name, garbage, reason] of table) {
    const failure = { ok: false, reason }
    const bytes = Buffer.concat([PACKET, garbage])
    for (const pieces of [[bytes], [...bytes].map(byte => Uint8Array.of(byte))]) {
      const got = streamed([...pieces, PACKET])
      t.same(got, { packets: [hexOf(PACKET)], last: failure, end: failure }, name)
    }
  }
})

void test('a stream that ends within a packet says so', async t => {
  for (let length = 1; length < PACKET.length; length++) {
    const { packets, end } = streamed([PACKET.subarray(0, length)])
    t.same({ packets, end }, { packets: [], end: { ok: false, reason: 'truncated' } })
  }
})
