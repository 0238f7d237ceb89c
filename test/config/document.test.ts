import * as fc from 'fast-check'
import { test } from 'tap'
import { characters } from './parsed.js'
import { MAX_BYTES, readDocument } from '../../src/config/document.js'
import { formatProblem } from '../../src/config/problem.js'

const yamlProblems = (text: string): readonly string[] =>
  readDocument(text).problems.map(p => formatProblem(p, 'f').slice(2))

const placeOf = (text: string, path: readonly (string | number)[]): string => {
  const { line, column } = readDocument(text).locate({ path, rule: 'type', message: '' })
  return `${line}:${column}`
}

void test('YAML 1.2 core values are read, whatever a directive says', async t => {
  const text = '%YAML 1.2\n---\n{a: yes, b: true, c: 0x10, d: ~, e: 012, f: [1.5, "x"], 0123: x}'
  const value = { a: 'yes', b: true, c: 16, d: null, e: 12, f: [1.5, 'x'], '0123': 'x' }
  t.strictSame(readDocument(text).value, value)
  t.same(readDocument(text).problems, [])
  t.same(readDocument('%YAML 1.1\n---\n{a: yes}').value, { a: 'yes' })
})

void test('a value stands at its key, a list item at itself', async t => {
  const text = 'a:\n  b: 1\n  c:\n    - x\n    - {d: 1,\n       e: 2}\n'
  t.equal(placeOf(text, ['a']), '1:1')
  t.equal(placeOf(text, ['a', 'b']), '2:3')
  t.equal(placeOf(text, ['a', 'c', 0]), '4:7')
  t.equal(placeOf(text, ['a', 'c', 1, 'd']), '5:8')
  t.equal(placeOf(text, ['a', 'c', 1, 'e']), '6:8')
})

void test('what is missing is placed at its nearest parent', async t => {
  t.equal(placeOf('a:\n  b: {c: 1}\n', ['a', 'b', 'x', 'y']), '2:3')
  t.equal(placeOf('\n# nothing\n\na: 1\n', ['x']), '4:1')
})

void test('every syntax error is given, each with its line', async t => {
  t.match(yamlProblems('a: [1\nb: "\\q"\nc: d: e\n'), [
    /^2:1: yaml: /,
    /^2:5: yaml: /,
    /^3:4: yaml: /,
  ])
})

void test('what cannot be one plain value is refused', async t => {
  const cases: Readonly<Record<string, RegExp>> = {
    '': /^1:1: yaml: the file is empty$/,
    '# only a comment\n': /^1:1: yaml: the file is empty$/,
    '---\n...\n': /^1:1: yaml: the file is empty$/,
    null: /^1:1: yaml: the file is empty$/,
    'a: 1\n---\nb: 2\n': /^2:1: yaml: a second document/,
    'a: 1\nb: 2\na: 3\n': /^3:1: a: yaml: this key is already there above$/,
    '{a: {b: 1, b: 2}}': /^1:12: a\.b: yaml: this key is already there above$/,
    'a: !thing 1': /^1:4: yaml: Unresolved tag: !thing$/,
    '[a, b]: 1': /^1:1: yaml: a key must be text$/,
    '~: 1': /^1:1: yaml: a key must be text$/,
    '{__proto__: {x: 1}}': /^1:2: yaml: __proto__ cannot be a key$/,
    'a: *b': /^1:1: a: yaml: an alias of no anchor above$/,
  }
  for (const [text, problem] of Object.entries(cases))
    t.match(yamlProblems(text), [problem], JSON.stringify(text))
})

void test('an alias means the last anchor of its name above it', async t => {
  t.same(readDocument('a: &x [1]\nb: *x\nc: &x 2\nd: *x\n').value, { a: [1], b: [1], c: 2, d: 2 })
  t.same(readDocument('a: &x [&y 1, *y]\nb: &y 2\nc: [*x, *y]\n').value, {
    a: [1, 1],
    b: 2,
    c: [[1, 1], 2],
  })
})

const nine = (c: string): string => Array.from({ length: 9 }, () => c).join()

void test('aliases cannot blow up', async t => {
  const letters = characters('bcdefghijklmnopqrstuvwxyz')
  const lines = letters.map(
    (c, i) => `${c}: &${c} [${nine(`*${'abcdefghijklmnopqrstuvwxyz'[i]}`)}]`,
  )
  t.match(yamlProblems(`a: &a [${nine('x')}]\n${lines.join('\n')}\n`), [/too many aliases$/])
  t.match(yamlProblems('&a [*a, *a, *a]'), [/nested too deeply$/])
  const long = `a: &a [${'x,'.repeat(2000)}]\nb: [${'*a,'.repeat(500)}]\n`
  t.match(yamlProblems(long), [/too many values$/])
})

void test('nesting is bounded', async t => {
  for (const depth of [40, 5000, 20_000]) {
    t.match(yamlProblems('['.repeat(depth)).join('\n'), /nested too deeply$/m, `flow ${depth}`)
    t.notMatch(yamlProblems('- '.repeat(depth)).join('\n'), /call stack/, `block ${depth}`)
    t.match(yamlProblems('- '.repeat(depth)).join('\n'), /nested too deeply$/m, `block ${depth}`)
  }
})

void test('a file of more than a mebibyte is refused', async t => {
  t.match(yamlProblems(`a: ${'x'.repeat(MAX_BYTES - 3)}`), [])
  t.match(yamlProblems(`a: ${'x'.repeat(MAX_BYTES - 2)}`), [
    /^ file: is larger than 1048576 bytes$/,
  ])
  t.match(yamlProblems(`a: ${'é'.repeat(MAX_BYTES / 2)}`), [/^ file: is larger/])
})

void test('any text gives a value or a problem', async () => {
  const yamlish = fc.string({
    unit: fc.constantFrom(...characters('ab:-?[]{}&*!|>%#"\'\\,\n\t 1~')),
    size: 'medium',
  })
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), text => {
      const { value, problems } = readDocument(text)
      return problems.length > 0 || (value !== null && value !== undefined)
    }),
    { numRuns: 1000 },
  )
})
