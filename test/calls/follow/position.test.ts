import * as fc from 'fast-check'
import t from 'tap'
import { beginningOf, decode } from '../../../src/calls/follow/encoding.js'
import {
  HEAD_BYTES,
  START,
  advance,
  holds,
  leadBytes,
  leadStart,
  withHead,
} from '../../../src/calls/follow/position.js'
import { isSavedFile } from '../../../src/calls/follow/saved.js'

const contents = fc.uint8Array({ minLength: 1, maxLength: 1500 })

/** Reads the file as a follower does, up to each of the offsets. */
const readTo = (file: Uint8Array, offsets: readonly number[]) => {
  let position = START
  for (const offset of offsets) {
    const from = leadStart(position)
    const bytes = file.subarray(from)
    position = advance(withHead(position, bytes), bytes, from, offset)
  }
  return position
}

void t.test('a position holds in its file however it grows, and in no other', t => {
  fc.assert(
    fc.property(contents, contents, fc.array(fc.nat()), (file, grown, cuts) => {
      const offsets = cuts.map(cut => cut % (file.length + 1)).sort((a, b) => a - b)
      const position = readTo(file, offsets)
      const later = Buffer.concat([file, grown])
      const from = leadStart(position)
      const lead = later.subarray(from, from + leadBytes(position))
      if (!holds(position, lead) || lead.length > HEAD_BYTES) return false
      if (position.offset === 0) return true
      const cut = later.subarray(from, position.offset - 1)
      lead[position.offset - from - 1] = (lead[position.offset - from - 1] ?? 0) ^ 1
      return !holds(position, lead) && !holds(position, cut)
    }),
  )
  t.end()
})

void t.test('a byte order mark tells the encoding as soon as it is whole', t => {
  const cases: readonly [number[], unknown][] = [
    [[0x41], { encoding: 'latin1', markBytes: 0 }],
    [[0xef, 0xbb], 'wait'],
    [[0xef, 0xbb, 0xbf], { encoding: 'latin1', markBytes: 3 }],
    [[0xff], 'wait'],
    [[0xff, 0xfe], { encoding: 'utf16le', markBytes: 2 }],
    [[0xff, 0x41], { encoding: 'latin1', markBytes: 0 }],
    [[0xfe, 0xff], 'refused'],
    [[], 'wait'],
  ]
  for (const [bytes, expected] of cases) t.same(beginningOf(Uint8Array.from(bytes)), expected)
  t.equal(decode('utf16le', Buffer.from([1, 0x41, 0, 0x42]), 1, 4), 'A', 'an odd byte waits')
  t.end()
})

void t.test('a saved file that cannot be right is none', t => {
  const saved = { ...readTo(Buffer.alloc(400, 'x'), [300]), path: '/a', id: '1:2', reader: null }
  t.ok(isSavedFile(JSON.parse(JSON.stringify(saved))))
  const wrong: unknown[] = [
    null,
    'x',
    {},
    { ...saved, offset: -1 },
    { ...saved, offset: 1.5 },
    { ...saved, offset: '3' },
    { ...saved, encoding: 'utf16be' },
    { ...saved, head: { bytes: 10, hash: '' } },
    { ...saved, head: { bytes: 1e9, hash: '' } },
    { ...saved, head: null },
    { ...saved, anchor: { bytes: 10, hash: '' } },
    { ...saved, short: 'x' },
    { ...saved, copyOf: 1 },
    { ...saved, path: 1 },
    { ...saved, id: undefined },
  ]
  for (const value of wrong) t.notOk(isSavedFile(value), JSON.stringify(value))
  t.end()
})
