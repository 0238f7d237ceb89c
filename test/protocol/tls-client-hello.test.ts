import { test } from 'tap'
import { encodeClientHello, withRandom } from '../../src/protocol/tls-client-hello.js'
import { RANDOM_BYTES } from '../../src/protocol/tls.js'
import { withBytes } from './golden.js'

const extensionsOf = (hello: Buffer, at: number): ReadonlyMap<number, string> => {
  const found = new Map<number, string>()
  const end = at + 2 + hello.readUInt16BE(at)
  for (let from = at + 2; from < end;) {
    const to = from + 4 + hello.readUInt16BE(from + 2)
    found.set(hello.readUInt16BE(from), hello.toString('hex', from + 4, to))
    from = to
  }
  if (end !== hello.length) throw new Error('bytes behind the extensions')
  return found
}

void test('a ClientHello is what TLS 1.2 has, and offers neither TLS 1.3 nor a session', async t => {
  const hello = Buffer.from(encodeClientHello('edge.test'))
  t.equal(hello.readUInt8(0), 22, 'a handshake record')
  t.equal(hello.readUInt16BE(1), 0x0301, 'of a version that old servers take')
  t.equal(hello.readUInt16BE(3), hello.length - 5)
  t.equal(hello.readUInt8(5), 1)
  t.equal(hello.readUIntBE(6, 3), hello.length - 9)
  t.equal(hello.readUInt16BE(9), 0x0303)
  t.equal(hello.readUInt8(43), 0, 'no session id')
  const suites = hello.readUInt16BE(44)
  const list = Array.from({ length: suites / 2 }, (_, i) => hello.readUInt16BE(46 + 2 * i))
  t.equal(new Set(list).size, list.length, 'no suite is there twice')
  for (const suite of [0xc030, 0xc02c, 0xc014, 0x009f, 0x0035, 0x002f, 0x000a, 0x00ff]) {
    t.ok(list.includes(suite), `suite ${suite.toString(16)}`)
  }
  const compression = 46 + suites
  t.equal(hello.readUInt16BE(compression), 0x0100)
  const extensions = extensionsOf(hello, compression + 2)
  t.strictSame([...extensions.keys()], [0, 23, 10, 11, 13])
  t.equal(extensions.get(0), '000c000009656467652e74657374')
  t.equal(extensions.get(10), '0008001d001700180019')
  t.equal(extensions.get(11), '0100')
  t.match(extensions.get(13) ?? '', /0201$/, 'SHA-1 is there, and liked least')
})

void test('a server that has no name is not asked for one', async t => {
  const hello = Buffer.from(encodeClientHello())
  t.notOk(extensionsOf(hello, 48 + hello.readUInt16BE(44)).has(0))
})

void test('the dot at the end of a name is no part of it', async t => {
  t.strictSame(encodeClientHello('edge.test.'), encodeClientHello('edge.test'))
})

void test('each hello has a random of its own, all of it, and the first stays as it was', async t => {
  const first = encodeClientHello()
  const before = first.slice()
  const random = new Uint8Array(RANDOM_BYTES).fill(0xab)
  const hello = withRandom(first, random)
  t.strictSame(hello.subarray(11, 43), random)
  t.strictSame(first, before)
  t.strictSame(withBytes(hello, 11, new Uint8Array(RANDOM_BYTES)), before)
})
