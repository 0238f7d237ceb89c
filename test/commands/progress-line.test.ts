import t from 'tap'
import { ProgressLine } from '../../src/commands/progress-line.js'
import { later, milliseconds, monoNs } from '../../src/time/units.js'

const MB = 1e6

const lineOn = (isTTY: boolean) => {
  let now = monoNs(0n)
  const written: string[] = []
  const terminal = { isTTY, write: (text: string) => written.push(text) > 0 }
  const line = new ProgressLine(terminal, { mono: () => now })
  const pass = (ms: number) => {
    now = later(now, milliseconds(ms))
  }
  return { line, written, pass }
}

void t.test('one line is redrawn, at most five times a second', async t => {
  const { line, written, pass } = lineOn(true)
  for (let done = 1; done <= 100; done++) {
    pass(10)
    line.show({ done: done * MB, total: 200 * MB })
  }
  t.equal(written.length, 5)
  t.equal(written[0], '\r\u001b[K0 % read, 100 MB/s')
  t.equal(written[4], '\r\u001b[K40 % read, 100 MB/s')
  line.clear()
  t.equal(written.at(-1), '\r\u001b[K')
})

void t.test('of a pipe it tells the bytes', async t => {
  const { line, written, pass } = lineOn(true)
  pass(1000)
  line.show({ done: 80 * MB, total: 0 })
  t.equal(written[0], '\r\u001b[K80 MB read, 80 MB/s')
})

void t.test('small input and what is no terminal get nothing', async t => {
  const small = lineOn(true)
  small.line.show({ done: MB, total: 60 * MB })
  small.line.clear()
  t.same(small.written, [])
  const file = lineOn(false)
  file.line.show({ done: 100 * MB, total: 200 * MB })
  file.line.clear()
  t.same(file.written, [])
})
