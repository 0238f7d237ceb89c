import t from 'tap'
import { readInSlices } from '../../src/calls/slices.js'

/** Is done with what ends with a newline; what does not fit into a window is skipped. */
const lines = (got: { length: number; more: boolean }[]) => ({
  read: (text: string, more: boolean): number => {
    got.push({ length: text.length, more })
    const end = text.lastIndexOf('\n') + 1
    return end === 0 && more ? text.length : end
  },
  save: () => undefined,
})

const KIB = 1024

void t.test('slices grow until one holds a whole record, and shrink again', async t => {
  const got: { length: number; more: boolean }[] = []
  const bytes = Buffer.from(`${'x'.repeat(200 * KIB)}\n${'short\n'.repeat(40_000)}`)
  t.equal(readInSlices(lines(got), 'latin1', bytes, [0, bytes.length], false), bytes.length)
  const sizes = got.map(({ length }) => length / KIB)
  t.same(sizes.slice(0, 3), [64, 128, 256])
  t.ok(sizes.slice(3).every(size => size <= 64))
  t.notOk(got.some(({ more }) => more))
})

void t.test('only the whole of a full window is said to have more behind it', async t => {
  const got: { length: number; more: boolean }[] = []
  const bytes = Buffer.alloc(300 * KIB, 'x')
  t.equal(readInSlices(lines(got), 'latin1', bytes, [0, bytes.length], true), bytes.length)
  t.same(
    got.map(({ length, more }) => [length / KIB, more]),
    [
      [64, false],
      [128, false],
      [256, false],
      [300, true],
    ],
  )
  t.equal(readInSlices(lines([]), 'latin1', bytes, [0, bytes.length], false), 0, 'it waits')
})

void t.test('a reader that is done with more than there is is a bug', async t => {
  const reader = { read: (text: string) => text.length + 1, save: () => undefined }
  t.throws(() => readInSlices(reader, 'latin1', Buffer.from('abc'), [0, 3], false), /done with 4/)
})
