import * as fc from 'fast-check'
import t from 'tap'
import { chronyFacts, parseChronyc } from '../../src/protocol/chronyc.js'
import { holds } from '../time/holds.js'
import { CHRONYC } from './linux-time-fixtures.js'

const facts = (text: string): object | undefined => {
  const report = parseChronyc(text)
  return report && chronyFacts(report)
}

void t.test('each state of a real chronyd gives its facts', async t => {
  t.same(facts(CHRONYC.synchronised), {
    leap: 0,
    stratum: 4,
    synchronized: true,
    synchronizedSinceBoot: true,
    lastSyncTimestamp: 1_795_385_489.210_138_6,
    source: { actual: '127.0.0.1', kind: 'external', configured: '127.0.0.1' },
  })
  t.same(facts(CHRONYC.neverSynchronised), {
    leap: 3,
    stratum: 0,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { configured: '127.0.0.1' },
  })
  t.same(facts(CHRONYC.ownClock), {
    leap: 0,
    stratum: 10,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { actual: 'local clock', kind: 'own', configured: '127.0.0.1' },
  })
})

void t.test(
  'a chronyd that lost its server says Normal for ever, and is kept by nothing',
  async t => {
    t.match(facts(CHRONYC.coasting), {
      synchronized: false,
      synchronizedSinceBoot: true,
      lastSyncTimestamp: 1_795_385_582.025_593_8,
      source: { actual: '127.0.0.1', kind: 'external' },
    })
  },
)

void t.test('what was synchronised once has been, whatever became of it', async t => {
  t.same(facts(CHRONYC.noMajority), {
    leap: 3,
    stratum: 0,
    synchronized: false,
    synchronizedSinceBoot: true,
    source: { configured: '127.0.0.1 127.0.0.2' },
  })
  t.same(facts(CHRONYC.ownClockNow), {
    leap: 0,
    stratum: 10,
    synchronized: false,
    synchronizedSinceBoot: true,
    source: { actual: 'local clock', kind: 'own', configured: '127.0.0.1' },
  })
})

void t.test(
  'any one of three values that are not 0 is evidence, and the frequency is none',
  async t => {
    const [tracking = '', activity] = CHRONYC.noServers.split('\n')
    const fields = tracking.split(',')
    const since = (at: number, value: string): unknown =>
      parseChronyc(`${fields.with(at, value).join(',')}\n${activity}\n`)?.hasUpdated
    for (const at of [5, 6]) t.equal(since(at, '-0.000000001'), true, `field ${at}`)
    t.equal(since(12, '0.3'), true)
    for (const at of [4, 7, 8, 9]) t.equal(since(at, '-12.345'), false, `field ${at}`)
  },
)

void t.test(
  'one that follows a source has synchronised, were it off by nothing at all',
  async t => {
    const [, ...zeros] = CHRONYC.neverSynchronised.split(/(?<=,0,)/)
    const text = `7F000001,127.0.0.1,4,${zeros.join('')}`.replace('Not synchronised', 'Normal')
    t.match(parseChronyc(text), { hasUpdated: false })
    t.match(facts(text), { synchronizedSinceBoot: true })
  },
)

void t.test('the leap words are those of RFC 5905', async t => {
  const words = ['Normal', 'Insert second', 'Delete second', 'Not synchronised']
  for (const [leap, word] of words.entries())
    t.match(facts(CHRONYC.synchronised.replace('Normal', word)), { leap, synchronized: leap < 3 })
  t.equal(facts(CHRONYC.synchronised.replace('Normal', 'Normale')), undefined)
})

void t.test('no servers, and servers whose names have no address yet, are told apart', async t => {
  t.match(facts(CHRONYC.noServers), { source: { configured: '' } })
  t.notMatch(facts(CHRONYC.unresolved), { source: { configured: '' } })
  t.same((facts(CHRONYC.unresolved) as { source?: object }).source, {})
  const some = CHRONYC.neverSynchronised.replace('1,0,0,0,0', '1,0,0,0,3')
  t.match(facts(some), { source: { configured: '127.0.0.1' } })
})

const receiver = (name: string): string =>
  CHRONYC.synchronised
    .replace('7F000001,127.0.0.1,4', `47505300,${name},1`)
    .replace('^,*,127.0.0.1,3', `#,*,${name},0`)

void t.test('a receiver is external; whose a clock on the board is, is not known', async t => {
  t.same((facts(receiver('GPS')) as { source?: object }).source, {
    actual: 'GPS',
    kind: 'external',
    configured: 'GPS',
  })
  t.same((facts(receiver('PHC0')) as { source?: object }).source, {
    actual: 'PHC0',
    configured: 'PHC0',
  })
})

void t.test('the source that is followed is the one with the star', async t => {
  const other = '^,+,192.0.2.9,3,-2,77,1,-0.000000313,-0.000002862,0.000004428\n'
  const [tracking, activity, source] = CHRONYC.synchronised.split('\n')
  t.match(facts(`${tracking}\n${activity}\n${other}${source}\n`), {
    source: { actual: '127.0.0.1', configured: '192.0.2.9 127.0.0.1' },
  })
})

void t.test('stratum 16 and 0 are not synchronised, whatever the leap', async t => {
  for (const stratum of [0, 16]) {
    const text = CHRONYC.synchronised.replace('127.0.0.1,4,', `127.0.0.1,${stratum},`)
    t.match(facts(text), { stratum, synchronized: false })
  }
})

void t.test('a long list of servers is cut between two of them', async t => {
  const [tracking, activity, source = ''] = CHRONYC.synchronised.split('\n')
  const many = Array.from({ length: 40 }, (_, i) => source.replace('127.0.0.1', `192.0.2.${i}`))
  const report = parseChronyc(`${[tracking, activity, ...many].join('\n')}\n`)
  const list = (report && chronyFacts(report).source?.configured) ?? ''
  t.match(list, /^192\.0\.2\.0 192\.0\.2\.1 .* 192\.0\.2\.\d+$/)
  t.ok(list.length > 180 && list.length <= 200)
})

void t.test('what is not all of a report is none', async t => {
  const bad = [
    '',
    '\n',
    '506 Cannot talk to daemon\n',
    CHRONYC.synchronised.trimEnd(),
    CHRONYC.synchronised.replace('7F000001', '7F00001'),
    CHRONYC.synchronised.replace('1795385489.210138645', 'nan'),
    CHRONYC.synchronised.replace(',4,', ',17,'),
    CHRONYC.synchronised.replace('1,0,0,0,0\n', ''),
    CHRONYC.synchronised.replace('1,0,0,0,0', '1,0,0,0'),
    CHRONYC.synchronised.replace('^,*', '!,*'),
    CHRONYC.synchronised.replace('^,*', '^,!'),
    `${CHRONYC.synchronised}and more\n`,
  ]
  for (const text of bad) t.equal(parseChronyc(text), undefined, JSON.stringify(text))
})

void t.test('cut anywhere, a report gives nothing, or all but its last sources', async t => {
  for (const text of Object.values(CHRONYC)) {
    const whole = parseChronyc(text)
    for (let end = 0; end < text.length; end++) {
      const cut = parseChronyc(text.slice(0, end))
      if (cut && whole)
        t.same(cut, { ...whole, sources: whole.sources.slice(0, cut.sources.length) })
    }
  }
})

void t.test('any text is taken', async t => {
  holds(
    t,
    fc.property(fc.string(), text => void parseChronyc(text)),
  )
  const line = fc.array(fc.oneof(fc.string(), fc.constant('0'), fc.constant('Normal')), {
    maxLength: 15,
  })
  holds(
    t,
    fc.property(
      fc.array(line),
      lines => void parseChronyc(lines.map(fields => `${fields.join(',')}\n`).join('')),
    ),
  )
})
