import { test } from 'tap'
import { formatPath, formatProblem, quote } from '../../src/config/problem.js'

void test('a problem is one line: place, path, rule, message', async t => {
  const problem = { line: 12, column: 5, path: 'pools[0].interval', rule: 'duration' } as const
  t.equal(
    formatProblem({ ...problem, message: '"15" is not a duration' }, 'edgeclock.yml'),
    'edgeclock.yml:12:5: pools[0].interval: duration: "15" is not a duration',
  )
})

void test('a problem of the file as a whole has no line', async t => {
  const problem = { line: 0, column: 0, path: '', rule: 'file', message: 'cannot be read' } as const
  t.equal(formatProblem(problem, 'edgeclock.yml'), 'edgeclock.yml: file: cannot be read')
})

void test('a key that is not a plain word is quoted in a path', async t => {
  t.equal(formatPath(['pools', 0, 'servers', 11, 'address']), 'pools[0].servers[11].address')
  t.equal(formatPath(['modules', 'a.b']), 'modules["a.b"]')
  t.equal(formatPath(['a b', 'c-d']), '["a b"].c-d')
  t.equal(formatPath([]), '')
})

void test('what is quoted stays on one line and short', async t => {
  t.equal(quote('a\nb\u001b[31m'), String.raw`"a\nb\u001b[31m"`)
  t.notMatch(quote('a\u0085b\u2028c\u009b'), /[\u0080-\u009f\u2028]/)
  t.ok(quote('x'.repeat(1000)).length < 70)
  t.equal(quote(15), '15')
  t.equal(quote(undefined), 'undefined')
})
