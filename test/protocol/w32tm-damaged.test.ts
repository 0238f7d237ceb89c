import * as fc from 'fast-check'
import t from 'tap'
import { type W32tmStatus, parseW32tmStatus } from '../../src/protocol/w32tm.js'
import { w32timeFixtures } from './w32time-fixtures.js'
import { w32tmText } from './w32time-fixtures-text.js'
import { GOOD, NEVER, allLanguages, goodText as good } from './w32tm-states.js'

const texts = w32timeFixtures.flatMap(({ w32tm }) => (w32tm.exitCode === 0 ? [w32tm.text] : []))

/** Nothing, or the same; without the verbose half where that is damaged. */
const isSameOrNothing = (found: W32tmStatus | undefined, whole: W32tmStatus): boolean =>
  found === undefined ||
  (Object.entries(found).every(([name, value]) => whole[name as keyof W32tmStatus] === value) &&
    (found.lastSync === undefined) === (whole.lastSync === undefined))

/**
 * Those of the texts that give something else than the whole one does. What is left of a name or a stamp may
 * be a name or a stamp: of those that are `free` it only matters that they are there.
 */
const wrongOf = (
  whole: string,
  damaged: readonly string[],
  free: readonly ('source' | 'lastSync')[] = [],
): readonly string[] => {
  const compared = (text: string): W32tmStatus | undefined => {
    const status = parseW32tmStatus(text)
    if (!status) return undefined
    const hidden = free.filter(name => status[name] !== undefined).map(name => [name, ''])
    return { ...status, ...Object.fromEntries(hidden) }
  }
  const expected = compared(whole)!
  return damaged.filter(text => !isSameOrNothing(compared(text), expected))
}

const hardWrapped = (text: string, width: number): string =>
  text
    .split('\r\n')
    .map(line => line.replaceAll(new RegExp(`.{${width}}(?=.)`, 'g'), '$&\r\n'))
    .join('\r\n')

void t.test('lines that are wrapped at any width, or at any one space, change nothing', async t => {
  for (const language of allLanguages) {
    for (const state of [GOOD, NEVER, { ...GOOD, source: 'VM IC Time Synchronization Provider' }]) {
      const whole = w32tmText(language, state)
      const expected = parseW32tmStatus(whole)
      for (let width = 20; width <= 80; width++) {
        t.same(parseW32tmStatus(w32tmText(language, state, { width })), expected, `${width}`)
      }
      for (let at = whole.indexOf(' '); at >= 0; at = whole.indexOf(' ', at + 1)) {
        const wrapped = `${whole.slice(0, at)}\r\n${whole.slice(at + 1)}`
        t.same(parseW32tmStatus(wrapped), expected, wrapped)
      }
    }
  }
})

void t.test('a line broken within a word gives nothing rather than another value', async t => {
  for (const text of texts) {
    const damaged = Array.from({ length: 93 }, (_, i) => hardWrapped(text, i + 8))
    t.same(wrongOf(text, damaged, ['lastSync']), [])
  }
})

void t.test('cut off anywhere, at either end, it gives the same or nothing', async t => {
  for (const text of texts) {
    const places = Array.from(text, (_, at) => at)
    const damaged = places.flatMap(at => [text.slice(0, at), text.slice(at)])
    t.same(wrongOf(text, damaged), [])
  }
})

void t.test('a line that is lost or comes twice does not shift the others', async t => {
  for (const text of texts) {
    const lines = text.split('\r\n')
    const damaged = lines.flatMap((line, i) => {
      const [before, after] = [lines.slice(0, i), lines.slice(i + 1)]
      return [[], [line, line]].map(part => [...before, ...part, ...after].join('\r\n'))
    })
    t.same(wrongOf(text, damaged, ['lastSync', 'source']), [])
  }
})

void t.test('reading is linear, whatever the text', async t => {
  const head = good.slice(0, good.indexOf('10.0.0.1'))
  const middle = good.slice(0, good.indexOf('Last Succ'))
  const seeds = [
    ' ',
    '\r',
    '\n',
    ':',
    ': ',
    '(',
    ')',
    'a',
    'a:',
    '1',
    '0(',
    ': 1 (1',
    'a: 1 (1s)\n',
    '\xff',
  ]
  for (const begin of ['', head, middle]) {
    for (const seed of seeds) {
      const text = begin + seed.repeat(Math.floor((8192 - begin.length) / seed.length))
      const started = performance.now()
      for (let i = 0; i < 20; i++) parseW32tmStatus(text)
      t.ok(performance.now() - started < 1000, JSON.stringify(begin.slice(-5) + seed))
    }
  }
})

void t.test('any text is taken', async () => {
  const lines = good.split('\r\n')
  const part = fc.constantFrom(...lines, ...lines.map(line => line.replace(/.*: ?/, '')))
  const glue = fc.constantFrom('\r\n', '\n', ' ', ':', '(', ')', '')
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.oneof(part, fc.string()), glue)), parts => {
      const found = parseW32tmStatus(parts.flat().join(''))
      return !found || (found.leap <= 3 && found.stratum <= 16 && found.source !== '')
    }),
    { numRuns: 1000 },
  )
})
