import * as fc from 'fast-check'
import t from 'tap'
import { decodeConsole } from '../../src/protocol/console-text.js'
import { consoleBytes } from '../host/console-bytes.js'
import { w32timeFixtures } from './w32time-fixtures.js'

void t.test('text in UTF-16 and UTF-8 comes out as it went in, and without its mark', async t => {
  for (const { language, w32tm } of w32timeFixtures) {
    for (const encoding of [
      'utf16le',
      'utf16le with a mark',
      'utf8',
      'utf8 with a mark',
    ] as const) {
      const bytes = consoleBytes(w32tm.text, encoding)
      t.equal(decodeConsole(bytes), w32tm.text, `${language} ${encoding}`)
    }
  }
})

void t.test('in a code page of a console, a byte that is not ASCII is one character', async t => {
  t.equal(decodeConsole(consoleBytes('Pr\u00e4zision: 1', 'cp850')), 'Pr\u0084zision: 1')
  const japanese = consoleBytes('\u7cbe\u5ea6: -23', 'cp932')
  t.equal(decodeConsole(japanese), japanese.toString('latin1'))
  const all = Uint8Array.from({ length: 255 }, (_, i) => i + 1)
  t.equal(decodeConsole(all), Buffer.from(all).toString('latin1'))
})

void t.test('text without a zero byte is never UTF-16', async t => {
  t.equal(decodeConsole(Buffer.from('ab')), 'ab')
  t.equal(decodeConsole(Buffer.from('')), '')
  t.equal(decodeConsole(Buffer.from('a\0\0b\0\0', 'latin1')), 'a\0\0b\0\0')
})

void t.test('half a character at the end is left out', async t => {
  for (const encoding of ['utf16le', 'utf16le with a mark'] as const) {
    t.equal(decodeConsole(consoleBytes('4: 5', encoding).subarray(0, -1)), '4: ')
  }
})

void t.test('a text longer than what is made at once is whole', async t => {
  const long = Buffer.from('0123456789\u00e9'.repeat(5000), 'latin1')
  t.equal(decodeConsole(long), long.toString('latin1'))
})

void t.test('any bytes are taken', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
      return decodeConsole(bytes).length <= bytes.length
    }),
  )
})
