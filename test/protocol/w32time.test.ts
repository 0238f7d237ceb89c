import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { parseRegQuery } from '../../src/protocol/reg-query.js'
import { parseScQuery } from '../../src/protocol/sc-query.js'
import type { TimeServiceFacts } from '../../src/protocol/time-service.js'
import { w32timeSettings } from '../../src/protocol/w32time-settings.js'
import { w32timeFacts } from '../../src/protocol/w32time.js'
import { type W32tmStatus, parseW32tmStatus } from '../../src/protocol/w32tm.js'
import { fixtureClock, fixtureNow, w32timeFixtures } from './w32time-fixtures.js'

const clock = fixtureClock
const settingsOf = ({ reg }: (typeof w32timeFixtures)[number], service = reg.service.text) =>
  w32timeSettings({
    service: parseRegQuery(service),
    policy: reg.policy && parseRegQuery(reg.policy.text),
    netlogon: parseRegQuery(reg.netlogon.text),
  })

void t.test('each language gives the same facts in each situation', async t => {
  for (const fixture of w32timeFixtures) {
    const { language, situation, w32tm, sc, expect } = fixture
    const facts = w32timeFacts({
      status: parseW32tmStatus(w32tm.text),
      service: parseScQuery(sc.text),
      settings: settingsOf(fixture),
      clock,
    })
    t.same(facts, expect, `${language}: ${situation}`)
  }
})

void t.test('never synchronised since the boot is said in exactly those situations', async t => {
  const never = w32timeFixtures.filter(({ expect }) => expect.synchronizedSinceBoot === false)
  t.same(
    new Set(never.map(({ situation }) => situation)),
    new Set([
      'local CMOS clock after a reboot',
      'change too big after a reboot',
      // Where it was not started since the boot.
      'service stopped',
      'trigger start on a workgroup host',
    ]),
  )
  t.equal(never.length, 4 * 2 + 4)
})

const STATUS: W32tmStatus = {
  leap: 0,
  stratum: 3,
  referenceId: 0xc0000207,
  lastSync: '2026-03-04 14:29:00',
  source: 'ntp.contoso.com,0x8',
  lastSyncError: 0,
  sinceLastSync: 60,
}
const LOCL = 0x4c4f434c
const VMTP = 0x564d5450
const VM_IC = 'VM IC Time Synchronization Provider'
const UNSYNCHRONISED = { leap: 3, stratum: 0, referenceId: 0 }

const factsOf = (changes: Partial<W32tmStatus>, without: readonly (keyof W32tmStatus)[] = []) => {
  const status = Object.fromEntries(
    Object.entries({ ...STATUS, ...changes }).filter(
      ([name]) => !without.includes(name as keyof W32tmStatus),
    ),
  ) as unknown as W32tmStatus
  const { synchronized, synchronizedSinceBoot, lastSyncTimestamp, source }: TimeServiceFacts =
    w32timeFacts({ status, clock })
  return [synchronized, synchronizedSinceBoot, lastSyncTimestamp, source?.kind, source?.actual]
}
const SYNC = fixtureNow - 60

void t.test('a peer, the host and the own clock are told apart', async t => {
  t.same(factsOf({}), [true, true, SYNC, 'external', 'ntp.contoso.com'])
  t.same(factsOf({ source: 'DC01' }), [true, true, SYNC, 'external', 'DC01'])
  t.same(factsOf({ source: '10.30.0.3,8' }), [true, true, SYNC, 'external', '10.30.0.3'])
  t.same(factsOf({ source: '2001:db8::1,0x9' }), [true, true, SYNC, 'external', '2001:db8::1'])
  t.same(factsOf({ source: VM_IC, stratum: 1, referenceId: 0 }), [
    true,
    true,
    SYNC,
    'hypervisor',
    VM_IC,
  ])
  t.same(factsOf({ source: 'H\u00f4te', referenceId: VMTP }), [
    true,
    true,
    SYNC,
    'hypervisor',
    undefined,
  ])
  for (const source of ['Local CMOS Clock', 'Free-running System Clock', 'LOCL', 'Reloj local']) {
    t.same(factsOf({ ...UNSYNCHRONISED, source }, ['lastSync']).slice(3), ['own', source])
  }
})

void t.test('an own clock in another script has a name in ASCII', async t => {
  for (const source of ['\u672c\u5730 CMOS', 'Horloge CMOS fran\u0087aise']) {
    t.same(factsOf({ ...UNSYNCHRONISED, source }, ['lastSync']), [
      false,
      false,
      undefined,
      'own',
      'local clock',
    ])
  }
})

void t.test("the own clock's readings of itself are no synchronisation", async t => {
  const own = { referenceId: LOCL, stratum: 1, source: 'Local CMOS Clock' }
  t.same(factsOf(own), [false, undefined, undefined, 'own', 'Local CMOS Clock'])
  t.same(factsOf(own, ['lastSync']).slice(0, 2), [false, false])
  t.same(factsOf({ ...own, source: 'DC01' }).slice(0, 4), [false, undefined, undefined, 'own'])
  t.same(factsOf({ ...own, referenceId: 0 }).slice(0, 4), [false, undefined, undefined, 'own'])
})

void t.test('a stamp of what may be the own clock in another language is no evidence', async t => {
  for (const source of ['Horloge syst\u00e8me', 'Systemuhr']) {
    const itself = { source, stratum: 1, referenceId: 0 }
    t.same(factsOf(itself).slice(0, 4), [undefined, undefined, undefined, undefined])
    t.same(factsOf({ ...itself, leap: 3 }).slice(0, 3), [false, true, SYNC])
  }
  t.same(factsOf({ source: 'H\u00f4te', stratum: 1, referenceId: 0x47505300 }).slice(0, 4), [
    true,
    true,
    SYNC,
    undefined,
  ])
})

void t.test('a clock that lost its source was synchronised, by its stamp', async t => {
  const lost = { ...UNSYNCHRONISED, source: 'Local CMOS Clock' }
  t.same(factsOf(lost), [false, true, SYNC, 'own', 'Local CMOS Clock'])
  t.same(factsOf(lost, ['lastSync']), [false, false, undefined, 'own', 'Local CMOS Clock'])
  t.same(factsOf({ ...lost, lastSync: '1/1/1601 12:00:00 AM' }).slice(0, 3), [
    false,
    undefined,
    undefined,
  ])
  t.same(factsOf({ ...lost, lastSync: '2026-01-04 14:29:00' }).slice(0, 3), [
    false,
    true,
    undefined,
  ])
})

void t.test('what contradicts itself is not known', async t => {
  // An address that reads as a name: 76.79.67.76 and 86.77.84.80.
  t.same(
    factsOf({ referenceId: LOCL }).slice(0, 4),
    [undefined, true, undefined, undefined].map((value, i) => (i === 1 ? undefined : value)),
  )
  t.same(factsOf({ referenceId: VMTP }), [true, true, SYNC, undefined, 'ntp.contoso.com'])
  t.same(factsOf({ referenceId: LOCL, source: VM_IC }).slice(0, 2), [undefined, undefined])
  t.same(factsOf({ referenceId: 0 }).slice(0, 4), [undefined, undefined, undefined, undefined])
  t.same(factsOf({ source: 'Some Radio Clock' }).slice(0, 4), [true, true, SYNC, undefined])
  t.same(factsOf({ source: 'Some Radio Clock', referenceId: 0 })[0], undefined)
  t.same(factsOf({}, ['lastSync']).slice(0, 3), [true, undefined, undefined])
  for (const source of [VM_IC, 'DC01']) {
    t.same(factsOf({ ...UNSYNCHRONISED, source }, ['lastSync']).slice(0, 4), [
      false,
      false,
      undefined,
      undefined,
    ])
  }
})

void t.test('either of leap indicator and stratum says that it is not synchronised', async t => {
  t.equal(factsOf({ leap: 3 })[0], false)
  t.equal(factsOf({ stratum: 0 })[0], false)
  t.equal(factsOf({ stratum: 16 })[0], false)
  t.equal(factsOf({ stratum: 15 })[0], true)
  t.equal(factsOf({ leap: 2 })[0], true)
})

void t.test('a service that answers runs; else its state says it', async t => {
  const running = (state: number, status?: W32tmStatus) =>
    w32timeFacts({ status, service: { state, win32ExitCode: 1077 }, clock })
  const states = [1, 2, 3, 4, 5, 6, 7].map(state => running(state).running)
  t.same(states, [false, true, false, true, true, undefined, undefined])
  t.same(running(1), { running: false, synchronizedSinceBoot: false })
  t.same(running(4), { running: true })
  t.equal(running(1, STATUS).running, true)
  t.equal(running(1, STATUS).synchronizedSinceBoot, true)
  const ended = w32timeFacts({ service: { state: 1, win32ExitCode: 0 }, clock })
  t.same(ended, { running: false })
})

void t.test('what no tool told is absent', async t => {
  t.same(w32timeFacts({ clock }), {})
  t.same(w32timeFacts({ settings: { triggers: [], servers: [] }, clock }), {})
  const { lastSyncError, sinceLastSync, ...half } = STATUS
  t.same([lastSyncError, sinceLastSync], [0, 60])
  t.notOk('lastSyncError' in w32timeFacts({ status: half, clock }))
  t.equal(w32timeFacts({ status: half, clock }).lastSyncTimestamp, SYNC)
})

void t.test('names are shown up to a length', async t => {
  t.equal(factsOf({ source: `${'x'.repeat(150)},0x8` })[4], 'x'.repeat(100))
})

void t.test('what was configured is told by its type', async t => {
  const configured = (type: string | undefined, servers: readonly string[] = ['a', 'b']) =>
    w32timeFacts({ settings: { triggers: [], servers, ...(type && { type }) }, clock }).source
      ?.configured
  t.equal(configured('NTP'), 'a b')
  t.equal(configured('NTP', []), undefined)
  t.equal(configured('NT5DS'), 'domain hierarchy')
  t.equal(configured('AllSync'), 'domain hierarchy, a b')
  t.equal(configured('AllSync', []), 'domain hierarchy')
  t.equal(configured('NoSync'), 'none')
  t.equal(configured(undefined), undefined)
  const long = ['x'.repeat(150), 'y'.repeat(40), 'z'.repeat(10)]
  t.equal(configured('AllSync', long), `domain hierarchy, ${'x'.repeat(150)} ${'z'.repeat(10)}`)
  t.equal(configured('NTP', long), `${'x'.repeat(150)} ${'y'.repeat(40)}`)
  t.equal(configured('NTP', ['a', 'b', 'a']), 'a b')
})

/** There it looks as if there were no triggers: at the end of a key, with no line begun behind it. */
const LOOKS_WHOLE = /(?:InputProvider.*|Parameters\r\n|TriggerInfo\r\n|GUID.*)\r\n(?:\r\n)?$/

void t.test('a registry cut off anywhere else gives no other survival and limits', async t => {
  // The registry has no language.
  for (const fixture of w32timeFixtures.filter(({ language }) => language === 'english')) {
    const { text } = fixture.reg.service
    const whole = w32timeFacts({ settings: settingsOf(fixture), clock })
    const wrong: string[] = []
    for (let end = 0; end < text.length; end++) {
      const part = text.slice(0, end)
      if (LOOKS_WHOLE.test(part)) continue
      const settings = settingsOf(fixture, part)
      const { survivesReboot, correctionLimits } = w32timeFacts({ settings, clock })
      const sameLimits =
        !correctionLimits || isDeepStrictEqual(correctionLimits, whole.correctionLimits)
      if (![undefined, whole.survivesReboot].includes(survivesReboot) || !sameLimits)
        wrong.push(part)
    }
    t.same(wrong, [], fixture.situation)
  }
})
