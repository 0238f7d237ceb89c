import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'tap'
import { decodeChallenge, encodeNegotiate } from '../../src/protocol/ntlm.js'
import { CHALLENGE_FLAGS, encodeChallenge } from '../peers/ntlm-challenge.js'
import { holds } from '../time/holds.js'
import { hex, withBytes } from './golden.js'

/** 2023-11-14T22:13:20.1234567Z. */
const STAMP = 1_700_000_000_123_456_700n

/**
 * Written out byte by byte: the target's name and the AV pairs 2 EDGE, 1 EDGE01, 4 example.org,
 * 3 edge01.example.org, 7 STAMP.
 */
const CHALLENGE = hex(`
  4e544c4d53535000 02000000  0800 0800 38000000  358289e2  0123456789abcdef  0000000000000000
  6e00 6e00 40000000  0a0063450000000f
  4500440047004500
  0200 0800 4500440047004500
  0100 0c00 450044004700450030003100
  0400 1600 6500780061006d0070006c0065002e006f0072006700
  0300 2400 6500640067006500300031002e006500780061006d0070006c0065002e006f0072006700
  0700 0800 87d67fc64717da01
  0000 0000
`)
const IDENTITY = { computer: 'EDGE01', dnsName: 'edge01.example.org', domain: 'EDGE' }
const AT = { type: 8, targetName: 12, flags: 20, targetInfo: 40, firstPair: 64 }

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const text = (of: string): Uint8Array => Buffer.from(of, 'latin1')
const utf16 = (of: string): Uint8Array => Buffer.from(of, 'utf16le')
const u16 = (n: number): Uint8Array => Uint8Array.of(n & 255, n >> 8)
const u32 = (n: number): Uint8Array => joined(u16(n & 0xffff), u16(n >>> 16))

void test('the first message of a logon is the one that Windows sends', async t => {
  const base64 = 'TlRMTVNTUAABAAAAl4II4gAAAAAoAAAAAAAAACgAAAAKAGNFAAAADw=='
  t.equal(Buffer.from(encodeNegotiate()).toString('base64'), base64)
})

void test('a challenge written out byte by byte decodes to its time and names', async t => {
  t.strictSame(decodeChallenge(CHALLENGE), { identity: IDENTITY, stamp: STAMP })
})

void test('what simulated servers send is the same challenge', async t => {
  const dnsDomain = 'example.org'
  const bytes = encodeChallenge({ ...IDENTITY, dnsDomain, stamp: STAMP })
  t.equal(Buffer.from(bytes).toString('hex'), Buffer.from(CHALLENGE).toString('hex'))
})

void test("the challenge of gss-ntlmssp's Apache is read", async t => {
  const base64 =
    'TlRMTVNTUAACAAAABAAEADgAAAAVgoriEGa4jTCCrXIAAAAAAAAAAEIAQgA8AAAABgIAAAAAAA9WAE0AAQAEAFYATQACABYAVwBP' +
    'AFIASwBTAFQAQQBUAEkATwBOAAMABAB2AG0ABgAEAAAAAAAHAAgAUgmCVQR73QEAAAAA'
  t.strictSame(decodeChallenge(Buffer.from(base64, 'base64')), {
    identity: { computer: 'VM', dnsName: 'vm', domain: 'WORKSTATION' },
    stamp: 1_795_408_643_565_397_000n,
  })
})

void test('a challenge is found wherever it lies, wrapped in whatever', async t => {
  const expected = { identity: IDENTITY, stamp: STAMP }
  const other = encodeChallenge({ stamp: 0n })
  const table: readonly [string, Uint8Array][] = [
    ['in SPNEGO', joined(hex('a182011530820111a0030a0101a30c'), CHALLENGE)],
    ['before other bytes', joined(CHALLENGE, hex('ffffffff'))],
    ['within a larger buffer', joined(hex('ff'), CHALLENGE).subarray(1)],
    ['behind the first message', joined(encodeNegotiate(), CHALLENGE)],
    ['behind a signature alone', joined(text('NTLMSSP\0'), CHALLENGE)],
    ['behind the start of a signature', joined(text('NTLMSNTLM'), CHALLENGE)],
    ['behind one that is not whole', joined(CHALLENGE.subarray(0, 47), CHALLENGE)],
    ['before another one', joined(CHALLENGE, other)],
  ]
  for (const [name, bytes] of table) t.strictSame(decodeChallenge(bytes), expected, name)
})

void test('a challenge that is not whole is none yet, wherever it was split', async t => {
  for (let length = 0; length < CHALLENGE.length; length++) {
    t.equal(decodeChallenge(CHALLENGE.subarray(0, length)), undefined, `${length} bytes`)
  }
})

void test('what is not a well-formed challenge is none', async t => {
  const info = (length: number, offset: number) =>
    withBytes(CHALLENGE, AT.targetInfo, joined(u16(length), u16(length), u32(offset)))
  const pair = (id: number, length: number) =>
    withBytes(CHALLENGE, AT.firstPair, joined(u16(id), u16(length)))
  const many = Array.from({ length: 70 }, () => [9, new Uint8Array(0)] as const)
  const table: readonly [string, Uint8Array][] = [
    ['nothing', hex('')],
    ['the first message', encodeNegotiate()],
    ['type 1', withBytes(CHALLENGE, AT.type, u32(1))],
    ['type 3', withBytes(CHALLENGE, AT.type, u32(3))],
    ['type 2 in other byte order', withBytes(CHALLENGE, AT.type, hex('00000002'))],
    ['another signature', withBytes(CHALLENGE, 7, hex('20'))],
    ['a name behind the end', withBytes(CHALLENGE, AT.targetName, hex('0800080038000001'))],
    ['pairs behind the end', info(110, 65)],
    ['pairs far behind the end', info(110, 0xffff_ffff)],
    ['pairs longer than the message', info(111, 64)],
    ['a list that ends within the last pair', info(105, 64)],
    ['a list that ends within a pair’s head', info(97, 64)],
    ['a pair that runs past the end', pair(2, 0x70)],
    ['a pair as long as can be', pair(2, 0xffff)],
    ['a time of 7 bytes', encodeChallenge({ more: [[7, new Uint8Array(7)]] })],
    ['a time of no bytes', encodeChallenge({ more: [[7, new Uint8Array(0)]] })],
    ['a list without an end in sight', encodeChallenge({ more: many, stamp: STAMP })],
  ]
  for (const [name, bytes] of table) t.equal(decodeChallenge(bytes), undefined, name)
})

void test('a challenge that gives no time or no name is whole all the same', async t => {
  const table: readonly [string, Uint8Array, object][] = [
    ['no pairs', encodeChallenge(), { identity: {} }],
    ['only the time', encodeChallenge({ stamp: STAMP }), { identity: {}, stamp: STAMP }],
    ['only a name', encodeChallenge({ computer: 'A' }), { identity: { computer: 'A' } }],
    [
      'no end mark',
      encodeChallenge({ stamp: STAMP, endMark: false }),
      { identity: {}, stamp: STAMP },
    ],
    [
      'an empty list with an offset of nowhere',
      withBytes(encodeChallenge(), AT.targetInfo, hex('00000000ffffffff')),
      { identity: {} },
    ],
    [
      'pairs that no flag promises',
      encodeChallenge({ stamp: STAMP, flags: CHALLENGE_FLAGS - 0x0080_0000 }),
      { identity: {} },
    ],
    [
      'no room for pairs, as from before Windows 2000',
      hex('4e544c4d53535000 02000000 0000000000000000 01820000 0123456789abcdef'),
      { identity: {} },
    ],
  ]
  for (const [name, bytes, expected] of table) {
    t.strictSame(decodeChallenge(bytes), expected, name)
  }
})

void test('pairs behind the end mark are not read, and of two alike the first counts', async t => {
  const name = (id: number, value: string) => [id, utf16(value)] as const
  const hidden = encodeChallenge({ more: [name(0, ''), name(1, 'HIDDEN')] })
  t.strictSame(decodeChallenge(hidden), { identity: {} })
  const twice = encodeChallenge({ computer: 'FIRST', more: [name(1, 'SECOND')] })
  t.strictSame(decodeChallenge(twice), { identity: { computer: 'FIRST' } })
})

const computerOf = (value: Uint8Array): string | undefined =>
  decodeChallenge(encodeChallenge({ more: [[1, value]] }))?.identity.computer

void test('a name is fit to be a label: printable, and not long', async t => {
  const table: readonly [string, Uint8Array, string | undefined][] = [
    ['an umlaut', utf16('MÜNCHEN'), 'MÜNCHEN'],
    ['beyond 16 bits', utf16('A😀B'), 'A😀B'],
    ['ends of lines', utf16('A\r\nB\u2028C\u0085D'), 'ABCD'],
    ['zeros at the end', utf16('EDGE\0\0'), 'EDGE'],
    ['what turns the direction of writing', utf16('A\u202eB'), 'AB'],
    ['blanks around', utf16('  A B '), 'A B'],
    ['half a character', joined(utf16('A'), hex('00d8'), utf16('B')), 'AB'],
    ['an odd byte at the end', joined(utf16('AB'), hex('43')), 'AB'],
    ['a byte order mark', joined(hex('fffe'), utf16('A')), 'A'],
    ['only control characters', utf16('\u0001\u0002'), undefined],
    ['only blanks', utf16('   '), undefined],
    ['nothing', hex(''), undefined],
    ['255 characters', utf16('x'.repeat(255)), 'x'.repeat(255)],
    ['256 characters', utf16('x'.repeat(256)), 'x'.repeat(255)],
    ['a cut within a character', utf16(`${'x'.repeat(254)}😀`), 'x'.repeat(254)],
    ['as long as a pair can be', utf16('y'.repeat(32_000)), 'y'.repeat(255)],
  ]
  for (const [name, value, expected] of table) t.equal(computerOf(value), expected, name)
})

void test('a time is exact to 100 ns from 1601 to the end of what the format holds', async t => {
  const table: readonly [string, string, bigint][] = [
    ['1970', '00803ed5deb19d01', 0n],
    ['a tick later', '01803ed5deb19d01', 100n],
    ['1601', '0000000000000000', -11_644_473_600_000_000_000n],
    ['the last', 'ffffffffffffffff', ((1n << 64n) - 1n - 116_444_736_000_000_000n) * 100n],
  ]
  for (const [name, ticks, expected] of table) {
    const decoded = decodeChallenge(encodeChallenge({ more: [[7, hex(ticks)]] }))
    t.equal(decoded?.stamp, expected, name)
  }
})

void test('what a server says is what is decoded', async t => {
  const name = fc.option(
    fc.stringMatching(/^[A-Z][A-Z0-9.-]{0,30}$/).filter(word => word.trim() === word),
    { nil: undefined },
  )
  const ticks = fc.option(fc.bigInt({ min: 0n, max: 72_000_000_000_000_000n }), { nil: undefined })
  const around = fc.uint8Array({ maxLength: 40 })
  holds(
    t,
    fc.property(
      fc.record({ computer: name, domain: name, dnsName: name }),
      ticks,
      around,
      around,
      ({ computer, domain, dnsName }, time, before, after) => {
        const names = {
          ...(computer !== undefined && { computer }),
          ...(domain !== undefined && { domain }),
          ...(dnsName !== undefined && { dnsName }),
        }
        const stamp = time === undefined ? {} : { stamp: time * 100n }
        const decoded = decodeChallenge(
          joined(before, encodeChallenge({ ...names, ...stamp }), after),
        )
        return isDeepStrictEqual(decoded, { identity: names, ...stamp })
      },
    ),
    { numRuns: 500 },
  )
})

void test('any bytes are a challenge or none, and nothing throws', async t => {
  const noise = fc.uint8Array({ maxLength: 200 })
  const patched = fc
    .tuple(fc.nat(CHALLENGE.length - 8), fc.uint8Array({ minLength: 1, maxLength: 8 }))
    .map(([at, patch]) => withBytes(CHALLENGE, at, patch))
  const headed = noise.map(tail => joined(text('NTLMSSP\0\x02\0\0\0'), tail))
  const printable = /^[^\p{C}]{1,255}$/u
  holds(
    t,
    fc.property(fc.oneof(noise, patched, headed), bytes => {
      const names = Object.values(decodeChallenge(bytes)?.identity ?? {})
      return names.every(name => printable.test(name))
    }),
    { numRuns: 10_000 },
  )
})

void test('a megabyte of beginnings is looked through in no time', async t => {
  const one = CHALLENGE.subarray(0, 60)
  const flood = new Uint8Array(1_000_000)
  for (let at = 0; at + one.length <= flood.length; at += one.length) flood.set(one, at)
  const started = performance.now()
  decodeChallenge(flood)
  t.ok(performance.now() - started < 1000)
})
