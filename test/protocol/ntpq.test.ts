import * as fc from 'fast-check'
import t from 'tap'
import { ntpdFacts, parseNtpq } from '../../src/protocol/ntpq.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import { holds } from '../time/holds.js'
import { NTPQ } from './linux-time-fixtures.js'

const facts = (text: string): TimeServiceFacts | undefined => {
  const report = parseNtpq(text)
  return report && ntpdFacts(report)
}

void t.test('a synchronised ntpd of the classic kind gives its facts', async t => {
  t.same(facts(NTPQ.classic), {
    leap: 0,
    stratum: 3,
    synchronized: true,
    synchronizedSinceBoot: true,
    lastSyncTimestamp: 1_699_351_889.5,
    source: {
      actual: '192.0.2.10',
      kind: 'external',
      configured: '192.0.2.10 2001:db8:abcd:ef01:2345:6789:abcd:ef01',
    },
  })
})

void t.test('an ntpd that has never had a source has never synchronised', async t => {
  t.same(facts(NTPQ.neverSynchronised), {
    leap: 3,
    stratum: 16,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: {
      configured:
        'LOCAL(0) 2001:db8:1234:5678:9abc:def0:1234:5678 fe80::1 nosuch.pool.invalid nosuch.invalid',
    },
  })
})

void t.test('a source and a stamp beside leap 3 are no evidence of a synchronisation', async t => {
  t.same(facts(NTPQ.undisciplined), {
    leap: 3,
    stratum: 4,
    synchronized: false,
    source: { actual: '127.0.0.8', kind: 'external', configured: '127.0.0.8' },
  })
})

void t.test('an ntpd that has just stepped the clock is not said to have never set it', async t => {
  const stepped = facts(NTPQ.neverSynchronised.replace('refid=INIT', 'refid=STEP'))
  t.notOk(stepped && 'synchronizedSinceBoot' in stepped)
})

void t.test('its own clock is no source: by its driver, and as an orphan', async t => {
  t.same(facts(NTPQ.ownClock), {
    leap: 0,
    stratum: 11,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { actual: 'LOCAL(0)', kind: 'own', configured: 'LOCAL(0)' },
  })
  t.same(facts(NTPQ.orphan), {
    leap: 0,
    stratum: 5,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { actual: 'local clock', kind: 'own', configured: '' },
  })
  for (const own of ['LOCAL(0)', 'LOCL', 'LOOP', '127.127.1.1']) {
    const text = NTPQ.orphan.replace('refid=127.0.0.1', `refid=${own}`)
    t.match(facts(text), { synchronized: false, source: { kind: 'own', actual: own } })
  }
})

void t.test('a server on the same machine is not its own clock', async t => {
  const text = NTPQ.classic
    .replace('refid=192.0.2.10', 'refid=127.0.0.1')
    .replace('*192.0.2.10 ', '*127.0.0.1  ')
  t.match(facts(text), { synchronized: true, source: { actual: '127.0.0.1', kind: 'external' } })
})

void t.test('its own clock now says nothing of before, where a server has answered', async t => {
  const server = ' 192.0.2.10      198.51.100.7     2 u  312 1024    0    9.317   -0.204   0.183\n'
  const after = facts(`${NTPQ.ownClock}${server}`)
  t.match(after, { synchronized: false, source: { kind: 'own' } })
  t.notOk(after && 'synchronizedSinceBoot' in after)
  t.equal(facts(`${NTPQ.ownClock}${server.replace('312', '  -')}`)?.synchronizedSinceBoot, false)
  const reached = server.replace('312', '  -').replace('   0 ', '   1 ')
  t.equal(facts(`${NTPQ.ownClock}${reached}`)?.synchronizedSinceBoot, undefined)
})

void t.test('the source that is followed is told by a star, or by an o', async t => {
  const pulses = NTPQ.classic.replace('*192', ' 192').replace('+2001', 'o2001')
  t.equal(facts(pulses)?.source?.actual, '2001:db8:abcd:ef01:2345:6789:abcd:ef01')
  const none = facts(NTPQ.classic.replace('*192', ' 192'))
  t.notOk(none?.source && 'actual' in none.source)
})

void t.test('stamps go on after 2036', async t => {
  const text = NTPQ.classic.replace('e8f48bd1.80000000', '00000001.40000000')
  t.equal(facts(text)?.lastSyncTimestamp, 2 ** 32 - 2_208_988_800 + 1.25)
})

void t.test('the leap indicator is told in two bits', async t => {
  for (const [leap, bits] of ['00', '01', '10', '11'].entries())
    t.equal(facts(NTPQ.classic.replace(', leap=00', `, leap=${bits}`))?.leap, leap)
})

void t.test('what is not all of a report is none', async t => {
  const bad = [
    '',
    '\n',
    '***Request timed out\n',
    NTPQ.classic.trimEnd(),
    NTPQ.classic.replace(', leap=00', ''),
    NTPQ.classic.replace(', leap=00', ', leap=20'),
    NTPQ.classic.replace('stratum=3', 'stratum=17'),
    NTPQ.classic.replace('refid=192.0.2.10,', ''),
    NTPQ.classic.replace('reftime=', 'reftime=x'),
    NTPQ.classic.replace('associd=0 status=0615', 'associd=7 status=0615'),
    NTPQ.classic.replace('     remote', '     server'),
    NTPQ.classic.replace(/=+\n/, ''),
    NTPQ.classic.replace(' 2 u ', ' u 2 '),
    NTPQ.classic.replace('  377', '  399'),
    NTPQ.classic.replace('*192', '?192'),
    NTPQ.classic.replace(' 1024 ', ' soon '),
    `${NTPQ.classic} 2001:db8:1234:5678:9abc:def0:1234:5678\n`,
    `${NTPQ.classic}and more\n`,
  ]
  for (const text of bad) {
    if (text.length > 100) t.not(text, NTPQ.classic)
    t.equal(parseNtpq(text), undefined, text.slice(0, 300))
  }
})

void t.test('cut anywhere, a report gives nothing, or all but its last servers', async t => {
  for (const text of Object.values(NTPQ)) {
    const whole = parseNtpq(text)
    t.ok(whole)
    for (let end = 0; end < text.length; end++) {
      const cut = parseNtpq(text.slice(0, end))
      if (cut && whole) t.same(cut, { ...whole, peers: whole.peers.slice(0, cut.peers.length) })
    }
  }
})

void t.test('any text is taken, and in bounded time', async t => {
  holds(
    t,
    fc.property(fc.string(), text => void parseNtpq(`${NTPQ.classic}${text}\n`)),
  )
  const before = performance.now()
  for (const unit of [' a="', ' ', 'a=', '*x ', '\n', ' remote '])
    parseNtpq(`associd=0 status=0615 ${unit.repeat((256 << 10) / unit.length)}\n`)
  t.ok(performance.now() - before < 2000)
})
