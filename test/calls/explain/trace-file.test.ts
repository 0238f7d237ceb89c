import t from 'tap'
import { type Input, StreamInput, WINDOW_BYTES } from '../../../src/calls/explain/input.js'
import { TraceFile } from '../../../src/calls/explain/trace-file.js'
import type { TextReader } from '../../../src/protocol/text-reader.js'

/** Lines of text are its records; one that fills a window is skipped. */
class LineReader implements TextReader {
  readonly lines: string[] = []
  skipped = 0
  longest = 0

  read(text: string, more: boolean): number {
    this.longest = Math.max(this.longest, text.length)
    const end = text.lastIndexOf('\n') + 1
    if (end > 0) this.lines.push(...text.slice(0, end - 1).split('\n'))
    else if (more) this.skipped++
    return end === 0 && more ? text.length : end
  }

  save(): undefined {
    return undefined
  }
}

/** The pieces in which a pipe brings it. */
async function* piecesOf(bytes: Buffer, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const readAll = async (bytes: Buffer, size = 65_536) => {
  const reader = new LineReader()
  const kinds: string[] = []
  const input: Input = new StreamInput('pipe', piecesOf(bytes, size))
  const file = new TraceFile(input, kind => {
    kinds.push(kind)
    return reader
  })
  let problem: string | undefined
  while (!file.ended) problem ??= await file.turn()
  return { reader, file, kinds, problem }
}

const line = (i: number): string => `${i} ${'x'.repeat((i * 7919) % 3000)}`

void t.test('every record is read once, in any encoding and in any pieces', async t => {
  const lines = Array.from({ length: 1500 }, (_, i) => line(i))
  const whole = `${lines.join('\n')}\n`
  t.ok(whole.length > 2 * WINDOW_BYTES)
  for (const bytes of [
    Buffer.from(whole),
    Buffer.from(`\uFEFF${whole}`),
    Buffer.from(`\uFEFF${whole}`, 'utf16le'),
  ]) {
    for (const size of [977, 65_536, bytes.length]) {
      const { reader, file } = await readAll(bytes, size)
      t.equal(reader.lines.length, lines.length)
      t.ok(reader.lines.every((one, i) => one === lines[i]))
      t.equal(file.bytes, bytes.length)
    }
  }
})

void t.test('a text is read in slices, which grow only for a large record', async t => {
  const small = await readAll(Buffer.from(`${line(5)}\n`.repeat(500)))
  t.equal(small.reader.longest, 65_536)
  const large = await readAll(Buffer.from(`a\n${'x'.repeat(300_000)}\nb\n`))
  t.equal(large.reader.lines.length, 3)
  t.ok(large.reader.longest > 300_000)
})

void t.test('a record larger than a window is skipped, and reading goes on', async t => {
  const text = `a\n${'x'.repeat(3 * WINDOW_BYTES)}\nb\n`
  const { reader, file } = await readAll(Buffer.from(text))
  t.ok(reader.skipped >= 2)
  t.equal(reader.lines[0], 'a')
  t.equal(reader.lines.at(-1), 'b')
  t.equal(file.bytes, text.length)
  const marked = await readAll(Buffer.from(`\uFEFF${'x'.repeat(WINDOW_BYTES)}\nb\n`))
  t.equal(marked.reader.lines.at(-1), 'b')
})

void t.test('what it is shows at the begin; a trace may begin within XML', async t => {
  const kindOf = async (text: string) => (await readAll(Buffer.from(text))).kinds[0]
  t.equal(await kindOf('<Event xmlns="x">'), 'events')
  t.equal(await kindOf('\uFEFF<?xml version="1.0"?>\r\n<!-- x --> <Events>'), 'events')
  t.equal(await kindOf('<presence>\n</presence>\n$$end_record\n'), 'trace')
  t.equal(await kindOf('<EventList>'), 'trace')
  t.equal(await kindOf(''), 'trace')
})

void t.test('UTF-16BE is refused, and it is said why', async t => {
  const { problem, kinds } = await readAll(Buffer.from([0xfe, 0xff, 0, 65]))
  t.match(problem, 'UTF-16BE')
  t.same(kinds, [])
})
