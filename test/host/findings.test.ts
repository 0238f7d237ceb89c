import * as fc from 'fast-check'
import t from 'tap'
import { formatDiagnosis } from '../../src/commands/doctor-format.js'
import { type DoctorInput, severities } from '../../src/host/finding.js'
import { findings } from '../../src/host/findings.js'
import { toolReasons } from '../../src/host/reading.js'
import { parseRegQuery } from '../../src/protocol/reg-query.js'
import { timeServices } from '../../src/protocol/time-service.js'
import { w32timeSettings } from '../../src/protocol/w32time-settings.js'
import {
  type Situation,
  type W32TimeFixture,
  w32timeFixtures,
} from '../protocol/w32time-fixtures.js'
import { limits, linux, right, summary, unit, windows } from './machines.js'

void t.test('nothing is found where all is well', async t => {
  t.same(summary(windows()), [])
  t.same(summary(linux()), [])
})

/** As the collector gives it, on a machine whose clock is right. */
const inputOf = ({ reg, expect }: W32TimeFixture): DoctorInput => ({
  system: 'windows',
  command: 'edgeclock',
  reading: {
    name: 'w32time',
    facts: expect,
    tools: [],
    settings: w32timeSettings({
      service: parseRegQuery(reg.service.text),
      policy: reg.policy && parseRegQuery(reg.policy.text),
      netlogon: parseRegQuery(reg.netlogon.text),
    }),
  },
  offset: right,
  limits,
})

const inSituation: { readonly [S in Situation]: readonly string[] } = {
  synchronised: [],
  'local CMOS clock after a reboot': ['never-synchronised', 'no-time-data'],
  'VM IC provider': ['source-is-hypervisor'],
  'service stopped': ['service-stopped', 'not-surviving-reboot'],
  'trigger start on a workgroup host': ['service-stopped', 'not-surviving-reboot'],
  'change too big after a success': ['change-too-big'],
  'change too big after a reboot': ['never-synchronised', 'change-too-big'],
}

void t.test('each situation of Windows Time has the same findings in each language', async t => {
  for (const fixture of w32timeFixtures) {
    const { language, situation, expect } = fixture
    const wrong = findings(inputOf(fixture)).filter(({ severity }) => severity !== 'notice')
    const { running, synchronized, synchronizedSinceBoot } = expect
    const wanted = [
      ...inSituation[situation],
      // Where it has not even been started since the boot, it cannot have synchronised.
      ...(running === false && synchronizedSinceBoot === false ? ['never-synchronised'] : []),
      ...(synchronized === false && synchronizedSinceBoot === true ? ['not-synchronised'] : []),
    ]
    const ids = wrong.map(({ id }) => id)
    t.same(ids.sort(), wanted.sort(), `${language}: ${situation}`)
  }
  t.ok(w32timeFixtures.length >= Object.keys(inSituation).length * 4)
})

const text = fc.constantFrom('', 'ntp1.contoso.com', 'domain hierarchy, ntp1', 'none', 'LOCAL')
const maybe = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: undefined })
/** Absent, never there and undefined: that is how all of it is given. */
const some = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T

const facts = fc
  .record({
    running: maybe(fc.boolean()),
    survivesReboot: maybe(fc.boolean()),
    synchronized: maybe(fc.boolean()),
    synchronizedSinceBoot: maybe(fc.boolean()),
    lastSyncTimestamp: maybe(fc.constant(1_773_000_000)),
    lastSyncError: maybe(
      fc.oneof(fc.constantFrom(0, 1, 3), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    ),
    correctionLimits: maybe(
      fc.constantFrom(
        { ahead: 10, back: 0 },
        { ahead: 0, back: Infinity },
        { ahead: 54_000, back: 3600 },
      ),
    ),
    source: maybe(
      fc
        .record({
          actual: maybe(text),
          kind: maybe(fc.constantFrom('external', 'hypervisor', 'own')),
          configured: maybe(text),
        })
        .map(some),
    ),
  })
  .map(some)

const settings = fc
  .record({
    startType: maybe(fc.constantFrom('automatic', 'manual', 'disabled')),
    triggers: fc.array(
      fc.record({
        action: fc.constantFrom('start', 'stop'),
        on: fc.constantFrom('domain', 'network', 'other'),
      }),
    ),
    domainMember: maybe(fc.boolean()),
    type: maybe(fc.constantFrom('NTP', 'NT5DS', 'AllSync', 'NoSync', 'other')),
    servers: fc.array(fc.constantFrom('ntp1', '192.0.2.1')),
    ntpClientEnabled: maybe(fc.boolean()),
    secureTimeSeeding: maybe(fc.boolean()),
  })
  .map(some)

const anything = fc
  .record({
    system: fc.constantFrom('windows', 'linux', 'other'),
    command: fc.constant('edgeclock'),
    reading: fc
      .record({
        name: maybe(fc.constantFrom(...timeServices)),
        unit: maybe(fc.constantFrom('chrony.service', 'ntpsec.service')),
        facts,
        settings: maybe(settings),
        systemd: maybe(
          fc.constantFrom(
            unit,
            { ...unit, unitFileState: 'disabled' },
            { ...unit, unitFileState: 'masked' },
          ),
        ),
        tools: fc.array(
          fc.record({
            tool: fc.constantFrom('sc', 'reg', 'w32tm', 'chronyc', 'systemctl', 'another'),
            ok: fc.constant(false),
            reason: fc.constantFrom(...toolReasons),
            detail: fc.constantFrom('it did not end', 'exit code 5'),
          }),
          { maxLength: 2 },
        ),
      })
      .map(some),
    offset: maybe(
      fc.record({
        offset: fc.oneof(
          fc.constantFrom(-60_000, -54_000, -21_600, -90, -6, 0.1, 6, 90, 3600, 21_600),
          fc.double({ min: -1e9, max: 1e9, noNaN: true }),
        ),
        error: fc.oneof(fc.constant(0.003), fc.double({ min: 0, max: 100, noNaN: true })),
      }),
    ),
    limits: fc.constant(limits),
    bootTimestamp: maybe(fc.constant(1_772_000_000)),
    against: maybe(fc.array(fc.constant('192.0.2.1'))),
  })
  .map(some)

void t.test('whatever is known and not known, what is found can be read and typed', async t => {
  fc.assert(
    fc.property(anything, drawn => {
      const found = findings(drawn as DoctorInput)
      const ranks = found.map(({ severity }) => severities.indexOf(severity))
      const lines = found.flatMap(({ what, why, repair }) => [what, why, ...repair])
      return (
        ranks.every((rank, i) => rank >= (ranks[i - 1] ?? 0)) &&
        found.every(({ id, what }) => /^[a-z]+(-[a-z]+)+$/.test(id) && what.endsWith('.')) &&
        lines.every(line => !/undefined|NaN|\[object|Infinity| {2}| -?0 seconds/.test(line)) &&
        found.every(({ repair }) => new Set(repair).size === repair.length)
      )
    }),
  )
  t.pass()
})

/** All that is to be typed, as it is printed. */
const printed = (input: DoctorInput): readonly string[] =>
  formatDiagnosis
    .text({ input, references: [], findings: findings(input) })
    .split('\nWhat was looked at')[0]
    ?.split('\n')
    .filter(line => /^ {7}\S/.test(line)) ?? []

const MOVES = /Set-Date -Adjust|date --set=.*seconds/
const MAY_CORRECT = /\/resync|makestep|net start w32time|systemctl (?:re)?start|enable --now/

void t.test('in no situation is the clock moved twice', async t => {
  let moved = 0
  let kept = 0
  fc.assert(
    fc.property(anything, drawn => {
      const commands = printed(drawn as DoctorInput)
      const lastMove = commands.findLastIndex(command => MOVES.test(command))
      if (lastMove < 0) return true
      const correction = commands.findIndex(command => MAY_CORRECT.test(command))
      moved++
      if (correction >= 0) kept++
      return (
        (correction < 0 || lastMove < correction) &&
        commands.filter(command => MOVES.test(command)).length === 1
      )
    }),
    { numRuns: 2000 },
  )
  t.ok(moved > 100 && kept > 100, `it is moved in ${moved} situations, and kept then in ${kept}`)
})
