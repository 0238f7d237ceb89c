import { test } from 'tap'
import { failure, failureOf, reasons } from '../../src/net/failure.js'
import { ntpReasons } from '../../src/net/ntp-client.js'

const failing = (code: unknown): Error => Object.assign(new Error(`send ${String(code)}`), { code })

void test('what the errors of the system mean', async t => {
  const table: readonly [code: unknown, reason: string][] = [
    ['ECONNREFUSED', 'refused'],
    ['ECONNRESET', 'refused'],
    ['EHOSTUNREACH', 'unreachable'],
    ['ENETUNREACH', 'unreachable'],
    ['EHOSTDOWN', 'unreachable'],
    ['ENETDOWN', 'unreachable'],
    ['EADDRNOTAVAIL', 'unreachable'],
    ['EPERM', 'unreachable'],
    ['EACCES', 'unreachable'],
    ['ETIMEDOUT', 'timeout'],
    ['EMFILE', 'aborted'],
    ['ENFILE', 'aborted'],
    ['ENOBUFS', 'aborted'],
    ['EMSGSIZE', 'unreachable'],
    ['', 'unreachable'],
    [113, 'unreachable'],
    [undefined, 'unreachable'],
  ]
  for (const [code, reason] of table) {
    const expected = { ok: false, reason, detail: `send ${String(code)}` }
    t.strictSame(failureOf(failing(code)), expected, String(code))
  }
  t.strictSame(failureOf(new Error('no code')), failure('unreachable', 'no code'))
})

void test('reasons are fit to be labels, and each is there once', async t => {
  for (const reason of reasons) t.match(reason, /^[a-z_]+$/)
  t.equal(new Set(reasons).size, reasons.length)
  t.equal(new Set(ntpReasons).size, ntpReasons.length)
  for (const reason of ntpReasons) t.ok(reasons.includes(reason), reason)
})
