import { X509Certificate } from 'node:crypto'
import * as fc from 'fast-check'
import { test } from 'tap'
import { certificateValidity } from '../../src/protocol/x509.js'
import { makeCertificate } from '../peers/certificate.js'
import { skipUnless } from '../peers/peer.js'
import { holds } from '../time/holds.js'
import { certificateWith, der, time } from './x509-bytes.js'

const validityOf = (notBefore: Uint8Array, notAfter = time.utc('491231235959Z')) =>
  certificateValidity(certificateWith(notBefore, notAfter))

const at = (iso: string): number => Date.parse(iso) / 1000

void test('the dates are those that Node reads, of keys and dates of any kind', async t => {
  if (skipUnless(t, 'openssl')) return
  const table = [
    { key: 'rsa', notBefore: '20260101000000Z', notAfter: '20280229120000Z' },
    { key: 'ec', notBefore: '19991231235959Z', notAfter: '20000229000000Z' },
    { key: 'ec', notBefore: '19500101000000Z', notAfter: '20491231235959Z' },
    { key: 'ec', notBefore: '20500101000000Z', notAfter: '99991231235959Z' },
  ] as const
  for (const options of table) {
    const made = await makeCertificate(t, options)
    const { validFrom, validTo } = new X509Certificate(made.der)
    const expected = { notBefore: at(validFrom), notAfter: at(validTo) }
    t.strictSame(certificateValidity(made.der), expected, `${validFrom} to ${validTo}`)
  }
})

void test('a UTCTime is of 1950 to 2049, and a GeneralizedTime says its century', async t => {
  const table: readonly [Uint8Array, string][] = [
    [time.utc('500101000000Z'), '1950-01-01T00:00:00Z'],
    [time.utc('991231235959Z'), '1999-12-31T23:59:59Z'],
    [time.utc('000229010203Z'), '2000-02-29T01:02:03Z'],
    [time.utc('491231235959Z'), '2049-12-31T23:59:59Z'],
    [time.generalized('20500101000000Z'), '2050-01-01T00:00:00Z'],
    [time.generalized('24000229000000Z'), '2400-02-29T00:00:00Z'],
    [time.generalized('99991231235959Z'), '9999-12-31T23:59:59Z'],
    [time.generalized('00010101000000Z'), '0001-01-01T00:00:00Z'],
    [time.generalized('00000301000000Z'), '0000-03-01T00:00:00Z'],
  ]
  for (const [stamp, expected] of table) {
    t.equal(validityOf(stamp)?.notBefore, at(expected), expected)
    const both = certificateValidity(certificateWith(time.utc('700101000000Z'), stamp))
    t.strictSame(both, { notBefore: 0, notAfter: at(expected) }, expected)
  }
})

void test('each day from 1950 to 2149 is that of the calendar', async t => {
  let wrong = 0
  for (let ms = Date.UTC(1950, 0); ms < Date.UTC(2150, 0); ms += 86_400_000) {
    const digits = new Date(ms).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
    if (validityOf(time.generalized(digits))?.notBefore !== ms / 1000) wrong++
  }
  t.equal(wrong, 0)
})

void test('a date in another form, or of no day, is none', async t => {
  const table = [
    time.utc('2601010000Z'),
    time.utc('260101000000'),
    time.utc('260101000000+0100'),
    time.utc('20260101000000Z'),
    time.utc('260001000000Z'),
    time.utc('261301000000Z'),
    time.utc('260100000000Z'),
    time.utc('260229000000Z'),
    time.utc('260431000000Z'),
    time.utc('260101240000Z'),
    time.utc('260101006000Z'),
    time.utc('260101000060Z'),
    time.utc('26010100000aZ'),
    time.utc(''),
    time.generalized('260101000000Z'),
    time.generalized('20260101000000.5Z'),
    time.generalized('21000229000000Z'),
    der(0x13, Buffer.from('260101000000Z')),
  ]
  for (const stamp of table) {
    const name = Buffer.from(stamp).toString('latin1').slice(2)
    t.equal(validityOf(stamp), undefined, `not before ${name}`)
    t.equal(validityOf(time.utc('260101000000Z'), stamp), undefined, `not after ${name}`)
  }
})

const BEFORE = time.utc('260101000000Z')
const AFTER = time.utc('270101000000Z')
const VALID = { notBefore: at('2026-01-01T00:00:00Z'), notAfter: at('2027-01-01T00:00:00Z') }

void test('a certificate of version 1 has no version', async t => {
  t.strictSame(certificateValidity(certificateWith(BEFORE, AFTER, { version: false })), VALID)
})

void test('an issuer of any length is passed over', async t => {
  for (const issuerBytes of [0, 127, 128, 255, 256, 70_000]) {
    const certificate = certificateWith(BEFORE, AFTER, { issuerBytes })
    t.strictSame(certificateValidity(certificate), VALID, `${issuerBytes} bytes`)
  }
})

void test('cut off within its dates or before, it is none; what lies behind does not matter', async t => {
  const whole = certificateWith(BEFORE, AFTER)
  for (let length = 0; length < whole.length; length++) {
    // A length that the bytes do not have is a lie at any place.
    if (certificateValidity(whole.slice(0, length))) t.fail(`${length} bytes`)
  }
  t.strictSame(certificateValidity(Buffer.concat([whole, Buffer.from('more')])), VALID)
})

void test('lengths that lie, and those of BER, make it none', async t => {
  const dates = Buffer.concat([BEFORE, AFTER])
  const table: readonly [string, Uint8Array][] = [
    ['no dates', certificateWith(new Uint8Array(0), new Uint8Array(0))],
    ['one date', certificateWith(BEFORE, new Uint8Array(0))],
    ['three dates', certificateWith(BEFORE, Buffer.concat([AFTER, AFTER]))],
    ['a date longer than the dates', certificateWith(BEFORE, AFTER.slice(0, 10))],
    ['an open length', Buffer.from([0x30, 0x80, ...dates, 0, 0])],
    ['a length of five octets', Buffer.from([0x30, 0x85, 0, 0, 0, 0, 2, 0x30, 0])],
    ['a length of 4 GiB', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30, 0])],
  ]
  for (const [name, bytes] of table) t.equal(certificateValidity(bytes), undefined, name)
})

void test('any bytes are taken, and what comes of them is a time', async t => {
  const whole = certificateWith(BEFORE, AFTER)
  const changed = fc
    .tuple(fc.nat(whole.length - 1), fc.uint8Array({ minLength: 1, maxLength: 6 }))
    .map(([from, patch]) => {
      const bytes = whole.slice()
      bytes.set(patch.subarray(0, bytes.length - from), from)
      return bytes
    })
  holds(
    t,
    fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 200 })), bytes => {
      const validity = certificateValidity(bytes)
      const isWhole = (n: number) => Number.isInteger(n) && Math.abs(n) < 260_000_000_000
      return !validity || (isWhole(validity.notBefore) && isWhole(validity.notAfter))
    }),
    { numRuns: 5000 },
  )
})
