import * as fc from 'fast-check'
import t from 'tap'
import { parseTimedatectl, parseTimesync, timesyncdFacts } from '../../src/protocol/timedatectl.js'
import { holds } from '../time/holds.js'
import { TIMESYNC, timedatectlShow } from './linux-time-fixtures.js'

const facts = (synchronised: 'yes' | 'no', timesync?: string) =>
  timesyncdFacts(
    parseTimedatectl(timedatectlShow(synchronised)),
    timesync === undefined ? undefined : parseTimesync(timesync),
  )

const CONFIGURED = 'ntp1.contoso.com ntp2.contoso.com'
const FOLLOWED = { actual: 'ntp1.contoso.com', kind: 'external', configured: CONFIGURED }
const RECEIVED = 1_789_920_881

void t.test('a systemd-timesyncd that is synchronised gives its facts', async t => {
  for (const text of [TIMESYNC.answered, TIMESYNC.answeredComma])
    t.same(facts('yes', text), {
      synchronized: true,
      synchronizedSinceBoot: true,
      leap: 0,
      stratum: 3,
      lastSyncTimestamp: RECEIVED,
      source: FOLLOWED,
    })
})

void t.test('without an answer, and by the kernel not synchronised, it has never been', async t => {
  t.same(facts('no', TIMESYNC.unanswered), {
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { configured: CONFIGURED },
  })
})

void t.test(
  'the kernel may be synchronised without an answer: since before a restart of its own',
  async t => {
    t.same(facts('yes', TIMESYNC.unanswered), {
      synchronizedSinceBoot: true,
      source: { configured: CONFIGURED },
    })
  },
)

void t.test(
  'an answer that was followed is evidence also after the kernel has given up',
  async t => {
    t.same(facts('no', TIMESYNC.answered), {
      synchronized: false,
      synchronizedSinceBoot: true,
      source: FOLLOWED,
    })
  },
)

void t.test('an answer that was ignored is no evidence', async t => {
  t.same(facts('no', TIMESYNC.ignored), { synchronized: false, source: FOLLOWED })
  t.notOk('lastSyncTimestamp' in facts('yes', TIMESYNC.ignored))
})

void t.test('one that does not run keeps nothing, and the kernel remembers', async t => {
  t.same(facts('yes'), { synchronizedSinceBoot: true })
  t.same(facts('no'), {})
  t.same(timesyncdFacts(undefined, undefined), {})
})

void t.test(
  "without the kernel's word only its own configuration and answer are known",
  async t => {
    t.same(timesyncdFacts(undefined, parseTimesync(TIMESYNC.unanswered)), {
      source: { configured: CONFIGURED },
    })
    t.same(timesyncdFacts(undefined, parseTimesync(TIMESYNC.answered)), {
      synchronizedSinceBoot: true,
      source: FOLLOWED,
    })
  },
)

void t.test(
  'servers of a link come before those of the system, and the fallback only alone',
  async t => {
    t.equal(
      facts('no', TIMESYNC.fallback).source?.configured,
      '0.debian.pool.ntp.org 1.debian.pool.ntp.org',
    )
    const link = TIMESYNC.unanswered.replace('LinkNTPServers=', 'LinkNTPServers=192.0.2.1')
    t.equal(facts('no', link).source?.configured, `192.0.2.1 ${CONFIGURED}`)
    const none = TIMESYNC.fallback.replace(/FallbackNTPServers=.*/, 'FallbackNTPServers=')
    t.equal(facts('no', none).source?.configured, '')
  },
)

void t.test('a stamp of another zone than UTC is not known', async t => {
  const text = TIMESYNC.answered.replaceAll(' UTC', ' CEST')
  t.notOk('lastSyncTimestamp' in facts('yes', text))
})

void t.test('what is not all of a report is none', async t => {
  t.equal(parseTimedatectl(''), undefined)
  t.equal(parseTimedatectl('NTPSynchronized=yes'), undefined)
  t.equal(parseTimedatectl('NTPSynchronized=maybe\n'), undefined)
  for (const name of ['SystemNTPServers', 'FallbackNTPServers', 'ServerName'])
    t.equal(parseTimesync(TIMESYNC.answered.replace(`${name}=`, `No${name}=`)), undefined, name)
  for (const [part, other] of [
    [' }', ''],
    ['{ ', ''],
    ['Leap=0', 'Leap=4'],
    ['Stratum=2', 'Stratum='],
    ['Ignored=no', 'Ignored=perhaps'],
  ] as const)
    t.equal(parseTimesync(TIMESYNC.answered.replace(part, other)), undefined, part)
})

void t.test('cut within a line, a report gives nothing', async t => {
  for (const text of Object.values(TIMESYNC)) {
    const ends = Array.from(text, (_, end) => end).filter(end => text[end - 1] !== '\n')
    t.same(
      ends.filter(end => parseTimesync(text.slice(0, end))),
      [],
    )
  }
})

void t.test('any text is taken', async t => {
  const names = fc.constantFrom(
    'NTPMessage',
    'ServerName',
    'SystemNTPServers',
    'FallbackNTPServers',
  )
  const lines = fc.array(fc.tuple(names, fc.oneof(fc.string(), fc.constant('{ Leap=0, }'))))
  holds(
    t,
    fc.property(lines, fc.string(), (told, text) => {
      const all = told.map(([name, value]) => `${name}=${value}\n`).join('')
      parseTimedatectl(`${all}${text}\n`)
      timesyncdFacts(undefined, parseTimesync(`${all}${text}\n`))
    }),
  )
})
