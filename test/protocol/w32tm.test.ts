import t from 'tap'
import { decodeConsole } from '../../src/protocol/console-text.js'
import { isServiceNotStarted, parseW32tmStatus } from '../../src/protocol/w32tm.js'
import { canEncode, consoleBytes, consoleEncodings } from '../host/console-bytes.js'
import { w32timeFixtures } from './w32time-fixtures.js'
import { notStartedText, w32tmText } from './w32time-fixtures-text.js'
import { GOOD, NEVER, allLanguages, goodText as good } from './w32tm-states.js'

void t.test('all values are read, in whatever language', async t => {
  t.same(parseW32tmStatus(good), {
    leap: 0,
    stratum: 3,
    referenceId: 0x0a000001,
    lastSync: '3/4/2026 5:58:04 PM',
    source: 'ntp.contoso.com,0x8',
    lastSyncError: 0,
    sinceLastSync: 46.952153,
  })
  for (const language of allLanguages) {
    for (const decimalComma of [false, true]) {
      const { lastSync, ...rest } = parseW32tmStatus(w32tmText(language, GOOD, { decimalComma }))!
      t.same({ ...rest, lastSync: '3/4/2026 5:58:04 PM' }, parseW32tmStatus(good))
      t.match(lastSync, /5:58:04|17:58:04/)
    }
  }
})

void t.test('that there was no synchronisation is told by a stamp without digits', async t => {
  for (const language of allLanguages) {
    t.same(parseW32tmStatus(w32tmText(language, NEVER)), {
      leap: 3,
      stratum: 0,
      referenceId: 0,
      source: 'Local CMOS Clock',
      lastSyncError: 1,
      sinceLastSync: 0.4332958,
    })
  }
  const stampedAs = (stamp: string) => parseW32tmStatus(good.replace('3/4/2026 5:58:04 PM', stamp))
  t.equal(stampedAs('٤/٣/٢٠٢٦')?.lastSync, '٤/٣/٢٠٢٦')
  t.equal(stampedAs(''), undefined)
  t.equal(stampedAs('PM'), undefined)
})

void t.test('the bytes of any console give the same', async t => {
  for (const { language, situation, w32tm } of w32timeFixtures) {
    const { lastSync, ...expected } = parseW32tmStatus(w32tm.text) ?? {}
    for (const encoding of consoleEncodings) {
      if (!canEncode(w32tm.text, encoding)) continue
      const printed = decodeConsole(consoleBytes(w32tm.text, encoding))
      const { lastSync: stamp, ...found } = parseW32tmStatus(printed) ?? {}
      t.same(found, expected, `${language}: ${situation} in ${encoding}`)
      t.equal(stamp?.replaceAll(/[^\d:]/g, ''), lastSync?.replaceAll(/[^\d:]/g, ''))
    }
  }
})

void t.test('the first half alone is enough, and half of the other is left out', async t => {
  const [half = '', rest = ''] = good.split('\r\n\r\n')
  const { leap, stratum, referenceId, lastSync, source } = parseW32tmStatus(good)!
  t.same(parseW32tmStatus(half), { leap, stratum, referenceId, lastSync, source })
  t.same(parseW32tmStatus(`${half}\r\n\r\n`), { leap, stratum, referenceId, lastSync, source })
  for (const line of rest.split('\r\n').filter(Boolean)) {
    t.same(parseW32tmStatus(good.replace(`${line}\r\n`, '')), parseW32tmStatus(half), line)
  }
})

void t.test('values that are not of their shape are not taken', async t => {
  for (const [from, to] of [
    ['0(no', '4(no'],
    ['0(no', '00(no'],
    ['0(no warning)', '0'],
    ['3 (secondary', '17 (secondary'],
    ['3 (secondary', '-3 (secondary'],
    ['-23 (', '23 ('],
    ['0.0340500s', '0.0340500'],
    ['0.0340500s', '0.0340500sec'],
    ['7.7765868s', 'x7.7765868s'],
    ['0x0A000001 (source', '0x0A00001 (source'],
    ['0x0A000001 (source', '0A000001 (source'],
    ['10.0.0.1)', '10.0.0.1'],
    ['10.0.0.1)', '10.0.0.1) more'],
    ['Source: ', ' '],
    ['ntp.contoso.com,0x8', ' '],
    ['10 (1024s)', '10 (1024)'],
  ] as const) {
    t.not(good.replace(from, to), good)
    t.equal(parseW32tmStatus(good.replace(from, to)), undefined, `${from} → ${to}`)
  }
  t.equal(parseW32tmStatus(good.replace('3 (secondary', '16 (secondary'))?.stratum, 16)
  t.equal(parseW32tmStatus(`${good}${' '.repeat(8192)}`), undefined)
  t.equal(parseW32tmStatus(good.replace('10.0.0.1', 'x'.repeat(1001))), undefined)
})

void t.test('a value of the verbose half that is odd takes away that half only', async t => {
  const { lastSyncError, sinceLastSync, ...half } = parseW32tmStatus(good)!
  t.same([lastSyncError, sinceLastSync], [0, 46.952153])
  for (const [from, to] of [
    ['0 (The command completed successfully.)', '1 (a) b)'],
    ['0 (The command completed successfully.)', '1 (foo :) bar)'],
    ['0 (The command completed successfully.)', '1 (foo :( bar)'],
    ['46.9521530s', '1,234.5678901s'],
    ['46.9521530s', '46.9521530'],
    ['-0.0006533s', '-0.0006533'],
    ['2 (Sync)', 'Sync'],
  ] as const) {
    const odd = good.replace(from, to)
    t.not(odd, good)
    t.same(parseW32tmStatus(odd), half, `${from} → ${to}`)
    t.equal(parseW32tmStatus(odd.trimEnd()), undefined, 'it ends within a line')
  }
  t.equal(parseW32tmStatus(good.replace('3 (secondary', '1,3 (secondary')), undefined)
})

void t.test('an error that is not known is told as it is, in either notation', async t => {
  const withError = (error: string) =>
    parseW32tmStatus(good.replace('Error: 0 (', `Error: ${error} (`))?.lastSyncError
  t.equal(withError('4'), 4)
  t.equal(withError('99'), 99)
  t.equal(withError('-2147023834'), -2147023834)
  t.equal(withError('0x800705B4'), 0x800705b4)
})

void t.test('punctuation and spaces of other scripts are as good as those of ASCII', async t => {
  const wide = good
    .replaceAll(': ', '\uff1a\u3000')
    .replaceAll(' (', '\u202f\uff08')
    .replaceAll(')\r\n', '\uff09\u200f\r\n')
  t.same(parseW32tmStatus(wide), parseW32tmStatus(good))
  t.same(parseW32tmStatus(good.replaceAll(': ', ':')), parseW32tmStatus(good))
  t.same(parseW32tmStatus(good.replaceAll('\r\n', '\r\r\n')), parseW32tmStatus(good))
})

void t.test('a source that cannot be told from the words behind it is none', async t => {
  const sourced = (lines: string) => parseW32tmStatus(good.replace(/Source.*/, lines))?.source
  t.equal(sourced('Source: Some Radio Clock'), 'Some Radio Clock')
  t.equal(sourced('Source: Some\r\nRadio Clock'), undefined)
  t.equal(sourced('Source: DCONE\r\nAnd'), undefined)
  t.equal(sourced('Source: DC01\r\nAnd'), 'DC01')
  t.equal(sourced('Source:\r\nDC01\r\nAnd'), 'DC01')
  t.equal(sourced('Source: ntp.contoso.c\r\nom,0x8'), undefined)
  t.equal(sourced('Source: Free-running System\r\nClock\r\nThe'), 'Free-running System Clock')
  t.equal(sourced('Source: Local CMOS Clocks\r\nThe'), undefined)
  t.equal(sourced('Source: 2001:db8::1,0x8'), '2001:db8::1,0x8')
  t.equal(sourced('Source: one\r\nSource: two'), undefined)
  const hard = `Source: ${'x'.repeat(100)}.contoso.c\r\nom`
  t.equal(sourced(hard), undefined)
})

void t.test('a stopped service is told by its code, in whatever language', async t => {
  for (const language of allLanguages) {
    const text = notStartedText(language)
    t.ok(isServiceNotStarted(text))
    t.equal(parseW32tmStatus(text), undefined)
    t.notOk(isServiceNotStarted(w32tmText(language, NEVER)))
  }
  t.notOk(isServiceNotStarted('0x800704260'))
})
