import * as fc from 'fast-check'
import { test } from 'tap'
import { decodeChallenge, encodeNegotiate } from '../../src/protocol/ntlm.js'
import {
  encodeConnectionRequest,
  encodeTsRequest,
  readConnectionConfirm,
  readTsRequest,
  refusalText,
} from '../../src/protocol/rdp.js'
import { holds } from '../time/holds.js'
import { hex, withBytes } from './golden.js'
import { connectionConfirm, tsReply } from './rdp-replies.js'

/** What FreeRDP 2.10 answered, with an NTLM challenge of a whole second. */
const CONFIRM = hex('03000013 0e d0 0000 0000 00 02 03 0800 02000000')
const CHALLENGE = hex(`
  30819fa003020106a17430723070a06e046c
  4e544c4d53535000020000000400040038000000978288e21f650eeaefc316870000000000000000300030003c000000
  0601b11d0000000f56004d000200040056004d000100040056004d000400040076006d000300040076006d0007000800
  8001de37d27add0100000000
  a5220420dfcc2ae9b9ddc1cadef31671f0910e9eec1793d7b983b87a9415a47e87af618f`)
const TOKEN = hex('4e544c4d5353500002000000')

const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

void test('the first message names no user and asks for TLS with CredSSP', async t => {
  const expected = hex('03000013 0e e0 0000 0000 00 01 00 0800 03000000')
  t.equal(hexOf(encodeConnectionRequest()), hexOf(expected))
})

void test('the only TSRequest carries the first message of NTLM', async t => {
  const expected = `
    3037 a003020106 a130 302e 302c a02a 0428
    4e544c4d53535000 01000000 978208e2 0000000028000000 0000000028000000 0a0063450000000f`
  t.equal(hexOf(encodeTsRequest(encodeNegotiate())), hexOf(hex(expected)))
})

void test('what the server chose is read, or why it chose nothing', async t => {
  t.strictSame(readConnectionConfirm(CONFIRM), { ok: true, reply: { protocol: 2 } })
  t.strictSame(readConnectionConfirm(connectionConfirm(8)), { ok: true, reply: { protocol: 8 } })
  const old = readConnectionConfirm(connectionConfirm(undefined))
  t.strictSame(old, { ok: true, reply: { protocol: 0 } }, 'nothing was negotiated before 2003')
  const refused = readConnectionConfirm(connectionConfirm(2, { type: 3 }))
  t.strictSame(refused, { ok: true, reply: { refusal: 2 } })
  t.match(refusalText(2), /its own security only/)
  t.equal(refusalText(77), 'it says 77')
})

void test('what is no confirmation is told from one', async t => {
  const table: readonly [string, Uint8Array][] = [
    ['HTTP', Buffer.from('HTTP/1.1 400 Bad Request\r\n')],
    ['TLS', hex('1503010002')],
    ['the longest TPKT', hex('0300ffff')],
    ['a TPKT of nothing', hex('03000004')],
    ['a TPKT shorter than itself', hex('03000000')],
    ['another length', hex('03000012 0d d0 0000 0000 00 02 03 0800 020000')],
    ['a request', encodeConnectionRequest()],
    ['a disconnection', connectionConfirm(2, { code: 0x80 })],
    ['a unit of another length', withBytes(CONFIRM, 4, hex('0d'))],
    ['something unasked behind it', Buffer.concat([CONFIRM, hex('16')])],
    ['another length of what is negotiated', withBytes(CONFIRM, 13, hex('0900'))],
    ['neither a choice nor a refusal', connectionConfirm(2, { type: 1 })],
  ]
  for (const [name, bytes] of table) t.equal(readConnectionConfirm(bytes)?.ok, false, name)
})

void test('the challenge in the answer is read', async t => {
  const read = readTsRequest(CHALLENGE)
  if (!read?.ok || !read.reply.tokens) throw new Error('not read')
  t.equal(read.reply.errorCode, undefined)
  const challenge = decodeChallenge(read.reply.tokens)
  t.equal(challenge?.identity.computer, 'VM')
  // 2026-11-22T22:38:39Z
  t.equal(challenge?.stamp, 1_795_387_119_000_000_000n)
})

void test('an error of the server is read, whatever length its number has', async t => {
  const errorCode = 0xc000_0418
  t.strictSame(readTsRequest(tsReply({ errorCode })), { ok: true, reply: { errorCode } })
  const short = hex('300c a003020106 a405 0203 c00418')
  t.match(readTsRequest(short), { ok: true, reply: { errorCode: 0xc0_0418 } })
  const both = readTsRequest(tsReply({ token: TOKEN, errorCode }))
  t.match(both, { ok: true, reply: { errorCode } })
  const negative = hex('300d a003020106 a406 0204 c0000022')
  t.match(readTsRequest(negative), { ok: true, reply: { errorCode: 0xc000_0022 } })
  const none = readTsRequest(hex('300c a003020106 a405 0403 c00418'))
  t.strictSame(none, { ok: true, reply: {} }, 'a number that is none')
})

void test('a long token is read as it is', async t => {
  const token = new Uint8Array(1000).fill(7)
  const read = readTsRequest(tsReply({ token }))
  if (!read?.ok || !read.reply.tokens) throw new Error('not read')
  t.equal(hexOf(read.reply.tokens.subarray(-1000)), hexOf(token))
})

void test('what is no TSRequest is told from one', async t => {
  const table: readonly [string, Uint8Array][] = [
    ['HTTP', Buffer.from('HTTP/1.1')],
    ['a length of five octets', hex('308500000000000000')],
    ['no definite length', hex('3080a0030201060000')],
    ['a length of 16 MiB', hex('3084010000000000')],
    ['an empty sequence', hex('300000000000')],
    ['no version', hex('3007a405020300c00418')],
    ['an element that runs past the end', hex('3005a07f020106')],
    ['a head that runs past the end', hex('3006a003020106a1')],
    ['a number twice', hex('300aa003020106a003020106')],
  ]
  for (const [name, bytes] of table) t.equal(readTsRequest(bytes)?.ok, false, name)
})

void test('of an answer cut short anywhere more is awaited', async t => {
  for (let length = 0; length < CONFIRM.length; length++) {
    t.equal(readConnectionConfirm(CONFIRM.subarray(0, length)), undefined, `${length}`)
  }
  for (let length = 0; length < CHALLENGE.length; length++) {
    t.equal(readTsRequest(CHALLENGE.subarray(0, length)), undefined, `${length}`)
  }
  const behind = Buffer.concat([hex('ff'), CHALLENGE, hex('30')]).subarray(1)
  const read = readTsRequest(behind)
  if (!read?.ok || !read.reply.tokens) throw new Error('not read')
  t.equal(hexOf(read.reply.tokens), hexOf(CHALLENGE.subarray(10, 126)))
})

void test('any bytes are read without a throw', async t => {
  const changed = fc
    .tuple(
      fc.constantFrom(CONFIRM, CHALLENGE, tsReply({ token: TOKEN, errorCode: 1 })),
      fc.array(fc.tuple(fc.nat(160), fc.nat(255)), { maxLength: 6 }),
      fc.nat(170),
    )
    .map(([valid, patches, length]) => {
      const fitting = patches.filter(([at]) => at < valid.length)
      const bytes = fitting.reduce((all, [at, by]) => withBytes(all, at, Uint8Array.of(by)), valid)
      return bytes.subarray(0, length)
    })
  const inputs = fc.oneof(fc.uint8Array({ maxLength: 200 }), changed)
  const property = fc.property(inputs, bytes => {
    readConnectionConfirm(bytes)
    const read = readTsRequest(bytes)
    return !read?.ok || (read.reply.tokens?.length ?? 0) < bytes.length
  })
  holds(t, property, { numRuns: 2000 })
})
