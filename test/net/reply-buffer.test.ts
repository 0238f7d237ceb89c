import * as fc from 'fast-check'
import t from 'tap'
import { ReplyBuffer } from '../../src/net/reply-buffer.js'

void t.test('pieces are joined in their order, up to the limit and no further', t => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 }),
      fc.integer({ min: 1, max: 300 }),
      (pieces, limit) => {
        const buffer = new ReplyBuffer(limit)
        let total = 0
        const whole = pieces.every(piece => {
          total += piece.length
          return buffer.add(piece) === total <= limit || total > limit
        })
        const expected = Buffer.concat(pieces).subarray(0, limit)
        return whole && Buffer.from(buffer.bytes).equals(expected)
      },
    ),
  )
  t.end()
})

void t.test('a reply of one piece is not copied', t => {
  const piece = new Uint8Array([1, 2, 3])
  const buffer = new ReplyBuffer(10)
  t.ok(buffer.add(piece))
  t.equal(buffer.bytes, piece)
  t.end()
})

void t.test('a piece that goes beyond the limit is told', t => {
  const buffer = new ReplyBuffer(4)
  t.ok(buffer.add(new Uint8Array(3)))
  t.notOk(buffer.add(new Uint8Array(3)))
  t.equal(buffer.bytes.length, 4)
  t.end()
})
