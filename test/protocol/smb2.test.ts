import * as fc from 'fast-check'
import { test } from 'tap'
import { decodeChallenge, encodeNegotiate } from '../../src/protocol/ntlm.js'
import {
  SMB_REPLY_LIMIT,
  encodeSessionSetup,
  encodeSmbNegotiate,
  readSmbNegotiated,
  readSmbSetUp,
} from '../../src/protocol/smb2.js'
import { spnegoOfNtlm } from '../../src/protocol/spnego.js'
import { unixNs } from '../../src/time/units.js'
import { holds } from '../time/holds.js'
import { hex, withBytes } from './golden.js'
import { STATUS, negotiatedReply, setUpReply, smbReply } from './smb2-replies.js'

/** 2026-11-23T05:00:00.5Z. */
const NOW = unixNs(1_795_410_000_500_000_000n)
/** Ten days before. */
const BOOT = unixNs(NOW - 864_000_000_000_000n)
const TOKEN = hex('4e544c4d5353500002000000')

const NEGOTIATE = `
  0000006c fe534d42 4000 0000 00000000 0000 0300 00000000 00000000
  0000000000000000 00000000 00000000 0000000000000000 ${'00'.repeat(16)}
  2400 0400 0100 0000 00000000 07070707070707070707070707070707 0000000000000000
  0202 1002 0003 0203`
const SETUP = `
  000000a2 fe534d42 4000 0000 00000000 0100 0100 00000000 00000000
  0100000000000000 00000000 00000000 0000000000000000 ${'00'.repeat(16)}
  1900 00 01 00000000 00000000 5800 4a00 0000000000000000`
const SPNEGO = `
  6048 0606 2b0601050502 a03e 303c a00e 300c 060a 2b06010401823702020a a22a 0428
  4e544c4d53535000 01000000 978208e2 0000000028000000 0000000028000000 0a0063450000000f`

/** What Samba 4.17 answered to the two requests above, with its NTLM challenge in SPNEGO. */
const SAMBA_NEGOTIATED = hex(`
  000000cafe534d4240000000000000000000010001000000000000000000000000000000000000000000000000000000
  000000000000000000000000000000000000000041000100020300006564676530310000000000000000000007000000
  000080000000800000008000e8d57f42077bdd01000000000000000080004a0000000000604806062b0601050502a03e
  303ca00e300c060a2b06010401823702020aa32a3028a0261b246e6f745f646566696e65645f696e5f5246433431373840
  706c656173655f69676e6f7265`)
const SAMBA_SET_UP = hex(`
  000000e7fe534d4240000000160000c0010001000100000000000000010000000000000000000000000000004f3b7e84
  00000000000000000000000000000000000000000900000048009f00a1819c308199a0030a0101a10c060a2b06010401
  823702020aa281830481804e544c4d53535000020000000c000c003800000015828ae23dd265d5862ce5980000000000
  0000003c003c0044000000060100000000000f45004400470045003000310002000c0045004400470045003000310001
  000c00450044004700450030003100040000000300040076006d000700080056588042077bdd0100000000`)

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

void test('NEGOTIATE asks for all dialects that need no contexts', async t => {
  const request = encodeSmbNegotiate(new Uint8Array(16).fill(7), 3)
  t.equal(hexOf(request), hexOf(hex(NEGOTIATE)))
  const longer = encodeSmbNegotiate(new Uint8Array(20).fill(7), 3)
  t.equal(hexOf(longer), hexOf(request), 'a longer name is cut')
})

void test('SESSION_SETUP begins a session with the first message of NTLM and nothing else', async t => {
  const token = spnegoOfNtlm(encodeNegotiate())
  t.equal(hexOf(token), hexOf(hex(SPNEGO)))
  t.equal(hexOf(encodeSessionSetup(1, token)), hexOf(hex(SETUP + SPNEGO)))
})

void test('what Samba answered is read', async t => {
  // 2026-11-23T04:58:20.164452Z
  const systemTime = 1_795_409_900_164_452_000n
  t.match(readSmbNegotiated(SAMBA_NEGOTIATED), {
    ok: true,
    reply: { status: 0, credits: 1 },
  })
  const negotiated = readSmbNegotiated(SAMBA_NEGOTIATED)
  if (!negotiated?.ok) throw new Error('not read')
  t.equal(negotiated.reply.systemTime, systemTime)
  t.equal(negotiated.reply.startTime, undefined)
  const setUp = readSmbSetUp(SAMBA_SET_UP, 1)
  if (!setUp?.ok || !setUp.reply.token) throw new Error('not read')
  t.equal(setUp.reply.token.length, 0x9f)
  const challenge = decodeChallenge(setUp.reply.token)
  t.equal(challenge?.identity.computer, 'EDGE01')
  t.ok((challenge?.stamp ?? 0n) > systemTime)
})

void test('both times are told where the server says them', async t => {
  const reply = { status: 0, credits: 8, systemTime: NOW, startTime: BOOT }
  t.strictSame(readSmbNegotiated(negotiatedReply({ systemTime: NOW, startTime: BOOT })), {
    ok: true,
    reply,
  })
  t.strictSame(readSmbNegotiated(negotiatedReply()), {
    ok: true,
    reply: { status: 0, credits: 8 },
  })
})

void test('another status than the one that is hoped for is an answer too', async t => {
  const refused = smbReply({ status: STATUS.notSupported })
  t.strictSame(readSmbNegotiated(refused), {
    ok: true,
    reply: { status: STATUS.notSupported, credits: 1 },
  })
  const denied = setUpReply(TOKEN, { status: STATUS.accessDenied, credits: 0 })
  t.strictSame(readSmbSetUp(denied, 1), {
    ok: true,
    reply: { status: STATUS.accessDenied, credits: 0 },
  })
})

void test('an interim answer is passed over, and its credits are kept', async t => {
  const interim = smbReply({ command: 1, messageId: 1, status: STATUS.pending, credits: 3 })
  const last = setUpReply(TOKEN, { credits: 0 })
  t.equal(readSmbSetUp(interim, 1), undefined)
  t.strictSame(readSmbSetUp(new Uint8Array(Buffer.concat([interim, interim, last])), 1), {
    ok: true,
    reply: { status: STATUS.moreProcessing, credits: 6, token: TOKEN },
  })
})

void test('an answer that always takes longer is none, however much of it comes', async t => {
  const interim = smbReply({ command: 1, messageId: 1, status: STATUS.pending, credits: 0 })
  const interims = (count: number) => Buffer.concat(Array<Uint8Array>(count).fill(interim))
  const last = setUpReply(TOKEN)
  t.match(readSmbSetUp(Buffer.concat([interims(4), last]), 1), { ok: true })
  t.match(readSmbSetUp(Buffer.concat([interims(5), last]), 1), { ok: false, detail: /longer/ })
  /** How many bytes it takes, one more each time, until nothing more is awaited. */
  const awaited = (all: Uint8Array): number => {
    let length = 0
    while (length <= all.length && !readSmbSetUp(all.subarray(0, length), 1)) length++
    return length
  }
  t.equal(awaited(interims(200)), 5 * interim.length)
  t.equal(awaited(interims(50)), 5 * interim.length)
})

void test('what is no answer to the request is told from one', async t => {
  const good = negotiatedReply({ systemTime: NOW })
  const table: readonly [string, Uint8Array, RegExp][] = [
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n'), /not SMB/],
    ['TLS', hex('15030100020246'), /not SMB/],
    ['a frame of nothing', hex('00000000'), /not SMB/],
    ['a frame of three bytes', hex('00000003fe534d'), /not SMB/],
    ['SMB 1', hex('00000023ff534d4272000000'), /SMB 1 only/],
    ['encrypted SMB', hex('00000040fd534d42'), /not SMB/],
    ['a header cut short', hex(`0000003ffe534d42${'00'.repeat(59)}`), /not SMB/],
    ['the longest length', hex('00ffffff'), /16777215 bytes/],
    ['a request', smbReply({ flags: 0 }), /not the answer of an SMB server/],
    ['another header size', withBytes(good, 8, hex('41')), /not the answer of an SMB server/],
    ['another command', smbReply({ command: 1 }), /another command/],
    ['another number', negotiatedReply({ messageId: 1 }), /another request/],
    ['another structure', withBytes(good, 68, hex('42')), /NEGOTIATE response that is none/],
    ['a body cut short', smbReply({ body: new Uint8Array(63).fill(65) }), /that is none/],
    ['3.1.1 unasked', negotiatedReply({ dialect: 0x0311 }), /dialect 311/],
  ]
  for (const [name, bytes, detail] of table) {
    const read = readSmbNegotiated(bytes)
    t.equal(read?.ok, false, name)
    t.match(read, { detail }, name)
  }
})

void test('a token that lies outside of its message is none', async t => {
  const good = setUpReply(TOKEN)
  const [offsetAt, lengthAt] = [72, 74]
  t.match(readSmbSetUp(good, 1), { ok: true })
  t.match(readSmbSetUp(good, 2), { ok: false, detail: /another request/ })
  for (const [at, value] of [
    [offsetAt, 'ffff'],
    [offsetAt, '4900'],
    [offsetAt, '4700'],
    [offsetAt, '0000'],
    [lengthAt, '0d00'],
    [lengthAt, 'ffff'],
  ] as const) {
    const read = readSmbSetUp(withBytes(good, at, hex(value)), 1)
    t.match(read, { ok: false, detail: /outside/ }, `${at}: ${value}`)
  }
  t.match(readSmbSetUp(withBytes(good, 68, hex('08')), 1), { ok: false, detail: /is none/ })
})

void test('of an answer cut short anywhere more is awaited', async t => {
  const interim = smbReply({ command: 1, messageId: 1, status: STATUS.pending })
  const setUp = Buffer.concat([interim, SAMBA_SET_UP])
  for (let length = 0; length < SAMBA_NEGOTIATED.length; length++) {
    t.equal(readSmbNegotiated(SAMBA_NEGOTIATED.subarray(0, length)), undefined, `${length}`)
  }
  for (let length = 0; length < setUp.length; length++) {
    t.equal(readSmbSetUp(setUp.subarray(0, length), 1), undefined, `${length}`)
  }
  const behind = Buffer.concat([hex('ff'), SAMBA_NEGOTIATED, hex('ffff')]).subarray(1)
  t.match(readSmbNegotiated(behind), { ok: true }, 'what follows does not matter')
})

void test('any bytes are read without a throw', async t => {
  const changed = fc
    .tuple(
      fc.constantFrom(SAMBA_NEGOTIATED, SAMBA_SET_UP, negotiatedReply({ startTime: BOOT })),
      fc.array(fc.tuple(fc.nat(120), fc.nat(255)), { maxLength: 6 }),
      fc.nat(240),
    )
    .map(([valid, patches, length]) => {
      const bytes = patches.reduce((all, [at, by]) => withBytes(all, at, Uint8Array.of(by)), valid)
      return bytes.subarray(0, length)
    })
  const inputs = fc.oneof(fc.uint8Array({ maxLength: 300 }), changed)
  const property = fc.property(inputs, bytes => {
    const setUp = readSmbSetUp(bytes, 1)
    readSmbNegotiated(bytes)
    return !setUp?.ok || (setUp.reply.token?.length ?? 0) <= bytes.length
  })
  holds(t, property, { numRuns: 2000 })
  t.ok(SMB_REPLY_LIMIT > 4096)
})
