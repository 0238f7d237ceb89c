import * as fc from 'fast-check'
import { test } from 'tap'
import { authChallenges } from '../../src/protocol/www-authenticate.js'
import { holds } from '../time/holds.js'

/** "scheme" or "scheme:token" for each. */
const shown = (...fields: readonly string[]): string =>
  authChallenges(fields)
    .map(({ scheme, token }) => (token === undefined ? scheme : `${scheme}:${token}`))
    .join(' ')

void test('every scheme of every field is found, with its token', async t => {
  const table: readonly [readonly string[], string][] = [
    [[], ''],
    [[''], ''],
    [['Negotiate'], 'negotiate'],
    [['Negotiate', 'NTLM'], 'negotiate ntlm'],
    [['Negotiate, NTLM'], 'negotiate ntlm'],
    [['Negotiate,NTLM,'], 'negotiate ntlm'],
    [[', ,NTLM'], 'ntlm'],
    [['NTLM TlRMTVNTUAA='], 'ntlm:TlRMTVNTUAA='],
    [['NTLM  TlRM+/._~-==  '], 'ntlm:TlRM+/._~-=='],
    [['Negotiate TlRM, NTLM VGxSTQ=='], 'negotiate:TlRM ntlm:VGxSTQ=='],
    [['Basic realm="edge"'], 'basic'],
    [['Basic realm="edge", charset="UTF-8", NTLM'], 'basic ntlm'],
    [['Basic realm = "edge" , charset = x, NTLM'], 'basic ntlm'],
    [['Digest qop="auth,auth-int", nonce=abc=, Negotiate'], 'digest negotiate'],
    [['Basic realm="a, NTLM b", Kerberos'], 'basic kerberos'],
    [['Basic realm="a \\", NTLM", Kerberos'], 'basic kerberos'],
    [['Basic realm="no end, NTLM'], 'basic'],
    [['NTLM not a token'], 'ntlm'],
    [['(?) NTLM'], ''],
  ]
  for (const [fields, expected] of table) t.equal(shown(...fields), expected, fields.join(' | '))
})

void test('any text is a list of challenges, and nothing throws', async t => {
  const field = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc.stringMatching(/^[A-Za-z",= \\]{0,40}$/),
  )
  holds(
    t,
    fc.property(fc.array(field, { maxLength: 4 }), fields =>
      authChallenges(fields).every(
        ({ scheme, token }) => scheme.length > 0 && !/[\s,"]/.test(`${scheme}${token ?? ''}`),
      ),
    ),
    { numRuns: 10_000 },
  )
})

void test('a field of 64 KiB takes no time, whatever it is of', async t => {
  for (const unit of ['"', '\\', ',', '"\\', '", ', 'a=', 'a ', 'a=", ', '=']) {
    const started = performance.now()
    authChallenges([unit.repeat(65_536 / unit.length)])
    const ms = performance.now() - started
    t.ok(ms < 500, `${unit}: ${ms} ms`)
  }
})
