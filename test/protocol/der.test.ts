import * as fc from 'fast-check'
import { test } from 'tap'
import { DER, DER_HEAD_BYTES, derElement, derElementAt } from '../../src/protocol/der.js'
import { holds } from '../time/holds.js'
import { hex } from './golden.js'

void test('an element tells where its contents are, whatever form its length has', async t => {
  const table = [
    ['0500', 0, { tag: 5, from: 2, to: 2 }],
    ['ff 0403 010203', 1, { tag: 4, from: 3, to: 6 }],
    ['307f', 0, { tag: 0x30, from: 2, to: 2 + 127 }],
    ['308180', 0, { tag: 0x30, from: 3, to: 3 + 128 }],
    ['30820100', 0, { tag: 0x30, from: 4, to: 4 + 256 }],
    ['3084ffffffff', 0, { tag: 0x30, from: 6, to: 6 + 0xffff_ffff }],
  ] as const
  for (const [bytes, at, expected] of table) {
    t.strictSame(derElementAt(hex(bytes), at), expected, bytes)
  }
})

void test('a head that is not whole before the end, or that DER does not allow, is none', async t => {
  const table = [
    ['', 0],
    ['30', 0],
    ['3000', 2],
    ['3000', 1],
    ['308201', 0],
    ['3080 0000', 0],
    ['3085 0000000001', 0],
    ['30ff', 0],
  ] as const
  for (const [bytes, at] of table) t.equal(derElementAt(hex(bytes), at), undefined, bytes)
  t.equal(derElementAt(hex('0500'), 0, 1), undefined, 'the end is in its head')
  t.equal(derElementAt(hex('308180'), 0, 2), undefined, 'the end is in its length')
  t.match(derElementAt(hex('0501'), 0, 2), { to: 3 }, 'its contents may lie beyond')
})

void test('what is written is read', async t => {
  const contents = fc.uint8Array({ maxLength: 127 })
  holds(
    t,
    fc.property(fc.nat(30), contents, contents, (tag, a, b) => {
      const content = [...a, ...b].slice(0, 127)
      const bytes = derElement(tag, content.slice(0, 50), content.slice(50))
      const read = derElementAt(bytes, 0)
      if (read?.tag !== tag || read.to !== bytes.length) return false
      return Buffer.compare(bytes.subarray(read.from, read.to), Uint8Array.from(content)) === 0
    }),
  )
  t.throws(() => derElement(DER.octets, new Uint8Array(128)), RangeError)
  t.equal(DER.context(2), 0xa2)
})

void test('any bytes are taken, at any place of them', async t => {
  holds(
    t,
    fc.property(fc.uint8Array({ maxLength: 20 }), fc.nat(25), fc.nat(20), (bytes, at, end) => {
      const read = derElementAt(bytes, at, end)
      if (!read) return true
      return read.from > at + 1 && read.from <= at + DER_HEAD_BYTES && read.from <= end
    }),
    { numRuns: 2000 },
  )
})
