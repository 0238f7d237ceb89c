import * as fc from 'fast-check'
import t from 'tap'
import { isClockSkew, parseMsDiagnostics, verdict } from '../../src/protocol/ms-diagnostics.js'
import { holds } from '../time/holds.js'

const SKEWED = 'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"'
const INCIDENT = `1020;reason="Identity of the referrer could not be verified with the ms-identity parameter";\
ErrorType="Invalid signature";Referrer="user1@contoso.com";${SKEWED};cause="Invalid signature";\
signer="fe2.contoso.com";source="sip.contoso.com"`

const read = (value: string) => {
  const parsed = parseMsDiagnostics(value)
  return parsed && { id: parsed.id, ...Object.fromEntries(parsed.parameters) }
}

void t.test("the incident's header gives its id and all parameters", async t => {
  t.same(read(INCIDENT), {
    id: 1020,
    reason: 'Identity of the referrer could not be verified with the ms-identity parameter',
    errortype: 'Invalid signature',
    referrer: 'user1@contoso.com',
    hresult: '0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)',
    cause: 'Invalid signature',
    signer: 'fe2.contoso.com',
    source: 'sip.contoso.com',
  })
})

void t.test('all shapes that servers send are read', async t => {
  const shapes: readonly (readonly [string, object])[] = [
    ['1020', { id: 1020 }],
    ['1020;', { id: 1020 }],
    ['  1020  ; reason = "x" ; source = a ', { id: 1020, reason: 'x', source: 'a' }],
    ['1020.3;reason="x"', { id: 1020, reason: 'x' }],
    ['"1020";reason="x"', { id: 1020, reason: 'x' }],
    ['1020;REASON="x";Reason="y"', { id: 1020, reason: 'x' }],
    ['1020;reason="a; b=c";source="d"', { id: 1020, reason: 'a; b=c', source: 'd' }],
    ['1020;reason="";source=""', { id: 1020, reason: '', source: '' }],
    ['1020;reason=a b c;source=d', { id: 1020, reason: 'a b c', source: 'd' }],
    [
      '1020;reason="say \\"a;b\\" now";source=d',
      { id: 1020, reason: 'say "a;b" now', source: 'd' },
    ],
    [
      '1020;reason=\u201cround; quotes\u201d;source=d',
      { id: 1020, reason: 'round; quotes', source: 'd' },
    ],
    [
      '1020;reason=\u00e2\u0080\u009cutf-8; as bytes\u00e2\u0080\u009d;s=d',
      { id: 1020, reason: 'utf-8; as bytes', s: 'd' },
    ],
    ['1020;reason="never closed; source=d', { id: 1020, reason: 'never closed; source=d' }],
    ['1020;reason="a=b=c"', { id: 1020, reason: 'a=b=c' }],
    ['1020;flag;reason="x"', { id: 1020, reason: 'x' }],
    ['1020;;;=;reason="x"', { id: 1020, reason: 'x' }],
    ['0;reason="x"', { id: 0, reason: 'x' }],
    ['999999999', { id: 999_999_999 }],
  ]
  for (const [value, wanted] of shapes) t.same(read(value), wanted, value)
})

void t.test('what does not begin with an id is no diagnosis', async t => {
  for (const value of ['', ' ', 'reason="x"', ';1020', 'x1020', '-5', '1234567890', '"', '""1']) {
    t.equal(read(value), undefined, value)
  }
})

void t.test('parameters are bounded', async t => {
  const many = Array.from({ length: 500 }, (_, i) => `;p${i}=${i}`).join('')
  t.equal(parseMsDiagnostics(`1${many}`)?.parameters.size, 64)
})

void t.test('what is written is what is read', async t => {
  const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,9}$/)
  const text = fc.string({ maxLength: 20 }).filter(one => !/^\s|\s$|["\\]/.test(one))
  const gap = fc.constantFrom('', ' ', '  ')
  holds(
    t,
    fc.property(fc.nat({ max: 999_999 }), fc.dictionary(name, text), gap, (id, all, space) => {
      const written = Object.entries(all).map(([key, value]) => {
        const quoted = `"${value}"`
        return `;${space}${key}${space}=${space}${quoted}${space}`
      })
      const parsed = parseMsDiagnostics(`${id}${written.join('')}`)
      return (
        parsed?.id === id &&
        Object.entries(all).every(([key, value]) => parsed.parameters.get(key) === value)
      )
    }),
    { numRuns: 500 },
  )
})

void t.test('hostile values are taken without an error', async t => {
  const piece = fc.constantFrom(
    '1020',
    ';',
    '=',
    '"',
    '\\',
    ' ',
    'reason',
    '\u201c',
    '.',
    '\t',
    '\0',
    'x',
  )
  holds(
    t,
    fc.property(fc.array(piece, { maxLength: 40 }), pieces => {
      const parsed = parseMsDiagnostics(pieces.join(''))
      return parsed === undefined || Number.isInteger(parsed.id)
    }),
    { numRuns: 3000 },
  )
})

void t.test('clock skew is told by the name of the result, never by its number', async t => {
  for (const text of [
    SKEWED,
    '0x80EE006C(RTC_E_SIP_AUTH_TIME_SKEW)',
    'Result-Code: 0x80090324 SEC_E_TIME_SKEW',
  ]) {
    t.ok(isClockSkew(text), text)
  }
  for (const text of [
    '0xC3E93EE0',
    '0x80EE006C',
    'SIP_E_CRYPT_REFERRER_DATE_SKEWED_NOT',
    'XSIP_E_CRYPT_REFERRER_DATE_SKEW',
    'TIME_SKEW',
    'sip_e_time_skew',
    '',
  ]) {
    t.notOk(isClockSkew(text), text)
  }
})

void t.test(
  'a Windows error named TIME_SKEW says the same as an HRESULT',

  async t => {
    t.ok(isClockSkew('HRESULT="0x80070576(ERROR_TIME_SKEW)"'))
  },
)

void t.test('a failure is counted under the id and the cause of its diagnosis', async t => {
  const cases = [
    [429, [INCIDENT], '1020', 'clock_skew'],
    [429, ['1020;HRESULT="0xC3E93EE0"'], '1020', 'identity'],
    [401, ['1013;reason="Significant time skew"'], '1013', 'clock_skew'],
    [500, [`15030;${SKEWED}`], '15030', 'clock_skew'],
    [504, ['1010;reason="x"'], '1010', 'certificate'],
    [500, ['15030;appName="ExumRouting"'], '15030', 'um_routing'],
    [500, ['15777;reason="x"'], 'other', 'um_routing'],
    [500, ['12999'], 'other', 'pstn'],
    [500, ['13999'], 'other', 'routing'],
    [500, ['60000'], 'other', 'other'],
    [500, [], '', 'other'],
    [500, ['no id'], '', 'other'],
    [500, [`no id;${SKEWED}`], '', 'clock_skew'],
    [404, ['1003.1;reason="x"'], '1003', 'routing'],
    [401, [], '', 'authentication'],
    [407, [], '', 'authentication'],
    [428, [], '', 'identity'],
    [429, [], '', 'identity'],
    [436, [], '', 'identity'],
    [437, [], '', 'identity'],
    [438, [], '', 'identity'],
    [403, [], '', 'other'],
  ] as const
  for (const [status, values, diagnostic, cause] of cases) {
    t.match(verdict(status, values), { diagnostic, cause }, `${status} ${values.join()}`)
  }
})

void t.test('of several diagnoses the nearest to the root is told, in whatever order', async t => {
  const best = (...values: string[]) => {
    const there = verdict(500, values)
    t.match(verdict(500, values.toReversed()), there, 'order')
    return there.diagnostic
  }
  t.equal(best('10003;reason="x"', '1010'), '1010')
  t.equal(best('1011', '10003', '60000'), 'other')
  t.equal(best('15030', '1008', '1020'), '1020')
  t.equal(best('1020', '1013'), '1013')
  t.equal(best('1011', 'no id'), '1011')
  t.equal(verdict(429, ['1011']).cause, 'identity', 'a wrapper leaves the cause to the status')
  t.ok(verdict(500, ['1011']).rank < verdict(500, []).rank)
})

void t.test('odd white space and quotes cost no more than other text', async t => {
  const started = performance.now()
  verdict(500, Array(16).fill('\u00a0'.repeat(4096)))
  verdict(500, Array(16).fill(`1;a="x${'"'.repeat(4096)}y`))
  t.ok(performance.now() - started < 250)
})
