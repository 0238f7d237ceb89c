import * as fc from 'fast-check'
import t from 'tap'
import { moduleFacts } from '../../src/clockside/module-facts.js'
import { interval } from '../../src/time/interval.js'
import { monoNs } from '../../src/time/units.js'
import { holds } from '../time/holds.js'

const NS = 1_000_000_000n
const MS = 1_000_000n
const NOW = monoNs(5000n * NS)
const certificate = { notBefore: 1_700_000_000, notAfter: 1_800_000_000 }

/** What is said where the server's clock shows something from `from` to `to`, in nanoseconds. */
const validBetween = (from: bigint, to: bigint) =>
  moduleFacts({ certificate }, interval(from - NOW, to - NOW), NOW).certificate?.validAtServerTime

const at = (seconds: number): bigint => BigInt(seconds) * NS
const [BEGIN, END] = [at(certificate.notBefore), at(certificate.notAfter)]

void t.test('a certificate is judged by the clock of the server that shows it', t => {
  t.equal(validBetween(BEGIN, END), true)
  t.equal(validBetween(BEGIN - 2n * MS, BEGIN - MS), false, 'not yet')
  t.equal(validBetween(END + NS, END + 2n * NS), false, 'no more')
  t.end()
})

void t.test('what the interval leaves in doubt is not told', t => {
  t.equal(validBetween(BEGIN - NS, BEGIN), undefined)
  t.equal(validBetween(END, END + NS), undefined)
  t.equal(validBetween(END + NS / 2n, END + NS / 2n), undefined, 'within the last second')
  t.same(moduleFacts({ certificate }, undefined, NOW), { certificate })
  t.end()
})

void t.test('what is said is true of every instant of the interval', t => {
  const instants = fc.bigInt({ min: BEGIN - 10n * NS, max: BEGIN + 10n * NS })
  holds(
    t,
    fc.property(instants, instants, (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      const said = validBetween(from, to)
      const truths = [from, to].map(one => one >= BEGIN)
      // Seconds are Numbers, exact to a quarter of a microsecond.
      return said === undefined || truths.every(one => one === said) || BEGIN - from < 1000n
    }),
  )
  t.end()
})

void t.test('a certificate of any dates is no error', t => {
  const dates = fc.oneof(fc.double(), fc.integer())
  holds(
    t,
    fc.property(dates, dates, (notBefore, notAfter) => {
      moduleFacts({ certificate: { notBefore, notAfter } }, interval(0n, 1n), NOW)
      return true
    }),
  )
  t.end()
})

void t.test('names that can be none are left out', t => {
  const named = (computer: string) => moduleFacts({ identity: { computer } }, undefined, NOW)
  t.same(named('EDGE02'), { identity: { computer: 'EDGE02' } })
  t.same(named('Größe_2'), { identity: { computer: 'Größe_2' } })
  for (const name of [
    '',
    'a\nb',
    '\u001b[2J',
    'a\u2028b',
    '\u202egpj',
    'x'.repeat(256),
    '\ud800',
  ]) {
    t.same(named(name), {}, `${name.length} characters`)
  }
  const identity = { computer: 'a\0', dnsName: 'edge02.contoso.com', domain: 'CONTOSO' }
  t.same(moduleFacts({ identity }, undefined, NOW), {
    identity: { dnsName: 'edge02.contoso.com', domain: 'CONTOSO' },
  })
  t.end()
})

void t.test('what is of the time service is not of the module', t => {
  t.same(moduleFacts({ stratum: 3, bootTimestamp: 7 }, interval(0n, 1n), NOW), {})
  t.end()
})
