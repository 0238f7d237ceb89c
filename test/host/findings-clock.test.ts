import t from 'tap'
import type { Offset } from '../../src/clockside/snapshot.js'
import type { DoctorInput } from '../../src/host/finding.js'
import { findings } from '../../src/host/findings.js'
import type { HostReading } from '../../src/host/reading.js'
import {
  behind,
  ahead,
  domainTriggers,
  windows,
  linux,
  without,
  summary,
  found,
  RESYNC,
  AUTOMATIC,
  MEASURED,
  VMIC_OFF,
  adjusted,
  CHRONY,
} from './machines.js'

void t.test('a clock that is surely off is found, by size and by sign', async t => {
  const off = (offset: number) => windows({ input: { offset: behind(offset) } })
  t.same(summary(off(4.9)), [])
  t.same(summary(off(5.01)), ['warning clock-off'])
  t.same(summary(off(59)), ['warning clock-off'])
  t.same(summary(off(21_600)), ['critical clock-off'])
  t.equal(found(off(21_600), 'clock-off').what, 'The clock is 6 h 0 min 0 s behind (± 3 ms).')
  t.match(
    found(off(21_600), 'clock-off').why,
    /^Against 192\.0\.2\.1\. .*1020.*synchronised with ntp1/,
  )
  t.match(
    found(windows({ input: { offset: ahead(90.5) } }), 'clock-off').what,
    'The clock is 90.5 s ahead',
  )
  t.same(found(off(21_600), 'clock-off').repair, RESYNC)
})

void t.test('a clock that cannot be judged is said to be, with what that rests on', async t => {
  const wide = windows({ input: { offset: { offset: 4, error: 3 } } })
  t.same(summary(wide), ['notice clock-unknown'])
  t.match(found(wide, 'clock-unknown').what, 'known to ± 3 s only')
  const silent = without(windows(), 'offset')
  t.same(summary(silent), ['notice clock-unknown'])
  t.match(found(silent, 'clock-unknown').why, '192.0.2.1 did not answer')
  const nobody = without(windows(), 'offset', 'against')
  t.match(found(nobody, 'clock-unknown').why, 'no server to ask')
})

void t.test(
  'an offset beyond the limit of its direction is one that is never repaired',
  async t => {
    const input = windows({ input: { offset: behind(54_001) } })
    t.same(summary(input), ['critical clock-off', 'critical beyond-correction'])
    const { what, why, repair } = found(input, 'beyond-correction')
    t.match(what, 'sets a clock ahead by at most 15 h 0 min 0 s')
    t.match(why, 'MaxPosPhaseCorrection')
    t.same(repair, adjusted(54_001))
    t.same(found(input, 'clock-off').repair, adjusted(54_001))

    const other = windows({ input: { offset: ahead(3601) } })
    t.match(found(other, 'beyond-correction').what, 'sets a clock back by at most 1 h 0 min 0 s')
    t.match(found(other, 'beyond-correction').why, 'MaxNegPhaseCorrection')
    t.match(found(other, 'beyond-correction').repair[0], 'FromSeconds(-3601)')

    t.same(summary(windows({ input: { offset: behind(3601) } })), ['critical clock-off'])
    const noLimit = { correctionLimits: { ahead: Infinity, back: Infinity } }
    t.same(summary(windows({ facts: noLimit, input: { offset: behind(1e9) } })), [
      'critical clock-off',
    ])
  },
)

void t.test('what is wrong with the clock and with its correction has one cure', async t => {
  const cures = (offset: Offset) => {
    const input = windows({ facts: { lastSyncError: 3 }, input: { offset } })
    const { repair, why } = found(input, 'clock-off')
    t.same(found(input, 'change-too-big').repair, repair)
    return { input, repair, why }
  }
  const within = cures(behind(21_600))
  t.same(within.repair, RESYNC, 'the service can do it now')
  t.match(found(within.input, 'change-too-big').why, 'is within them now')
  const beyond = cures(behind(60_000))
  t.same(beyond.repair, adjusted(60_000))
  t.same(found(beyond.input, 'beyond-correction').repair, beyond.repair)
  const near = { offset: -54_000, error: 1 }
  const unsure = cures(near)
  t.same(unsure.repair, adjusted(54_000), 'what it refused it may refuse again')
  t.match(unsure.why, 'has refused to repair this')
  t.same(summary(unsure.input), ['critical clock-off', 'critical change-too-big'])
  t.same(found(windows({ input: { offset: near } }), 'clock-off').repair, RESYNC)
})

void t.test('a clock that is set by hand is so before anything else may set it', async t => {
  const input = windows({
    facts: {
      running: false,
      synchronizedSinceBoot: false,
      correctionLimits: { ahead: 5, back: 5 },
    },
    settings: { type: 'NoSync' },
    input: { offset: behind(6) },
  })
  t.same(summary(input), [
    'critical service-stopped',
    'critical never-synchronised',
    'critical no-source-configured',
    'warning clock-off',
    'warning beyond-correction',
  ])
  const all = findings(input)
  t.match(all[0]?.repair[0], 'FromSeconds(6)')
  for (const { id, repair } of all) t.same(repair, all[0]?.repair, id)
})

void t.test('beyond its limits and kept by a hypervisor: that is switched off first', async t => {
  const actual = 'VM IC Time Synchronization Provider'
  const source = { actual, kind: 'hypervisor', configured: 'ntp1.contoso.com' } as const
  const facts = { source, lastSyncError: 3 }
  const offset = behind(60_000)
  const input = windows({ facts, input: { offset } })
  const off = [VMIC_OFF, 'w32tm /config /update']
  t.same(summary(input), [
    'critical clock-off',
    'critical beyond-correction',
    'critical change-too-big',
    'warning source-is-hypervisor',
  ])
  for (const { id, repair } of findings(input)) t.same(repair, [...off, ...adjusted(60_000)], id)
  t.match(found(input, 'beyond-correction').why, "Switch the host's time off first, then set")
  const near = windows({ facts: { source }, input: { offset: behind(90) } })
  t.same(found(near, 'clock-off').repair, [...off, ...RESYNC])

  const alone = windows({ settings: { ntpClientEnabled: false }, facts, input: { offset } })
  t.same(summary(alone).slice(0, 3), summary(input).slice(0, 3))
  for (const { id, repair, why } of findings(alone)) {
    t.same(repair, [], id)
    if (id !== 'source-is-hypervisor') t.match(why, /host's clock is to be set/, id)
  }
})

void t.test('without an offset the clock is set by what its server says', async t => {
  const tooBig = without(windows({ facts: { lastSyncError: 3 } }), 'offset')
  t.same(found(tooBig, 'change-too-big').repair, MEASURED)
  const never = windows({ facts: { lastSyncError: 3, synchronizedSinceBoot: false } })
  t.same(found(without(never, 'offset'), 'never-synchronised').repair, MEASURED)
})

void t.test('to go on, it is started as it was', async t => {
  const repair = (command: string) =>
    found(without(windows({ input: { command } }), 'offset'), 'clock-unknown').repair
  t.same(repair('edgeclock'), ['edgeclock doctor --reference=NTP-SERVER-1'])
  t.same(repair('node x.js'), ['node x.js doctor --reference=NTP-SERVER-1'])
})

void t.test(
  'the incident after a reboot: each of its signs, and the commands in their order',
  async t => {
    const input = windows({
      settings: { triggers: domainTriggers },
      reading: {
        facts: {
          running: false,
          survivesReboot: false,
          synchronizedSinceBoot: false,
          correctionLimits: { ahead: 54_000, back: 54_000 },
        },
      },
      input: { offset: behind(21_600), bootTimestamp: 1_772_953_800 },
    })
    t.same(summary(input), [
      'critical clock-off',
      'critical service-stopped',
      'critical never-synchronised',
      'warning not-surviving-reboot',
    ])
    t.same(found(input, 'clock-off').repair, ['net start w32time', ...RESYNC])
    t.match(found(input, 'service-stopped').why, 'KB 2385818')
    t.match(
      found(input, 'never-synchronised').what,
      'since the machine started (2026-03-08 07:10:00 UTC)',
    )
    t.same(found(input, 'not-surviving-reboot').repair, [
      'sc.exe triggerinfo w32time start/networkon stop/networkoff',
      AUTOMATIC,
    ])
    t.match(found(input, 'not-surviving-reboot').why, 'KB 2385818')
  },
)

void t.test('on Linux each service has its own way to set a clock that is far off', async t => {
  const offset = behind(21_600.4)
  const repair = (reading: Partial<HostReading>, more: Partial<DoctorInput> = {}) =>
    found(linux({ reading, input: { offset, ...more } }), 'clock-off').repair
  t.same(repair({}), [...CHRONY, 'chronyc makestep'])
  t.same(repair({ name: 'ntpd', unit: 'ntpsec.service' }), [
    'systemctl restart ntpsec.service',
    'ntpq -n -c peers',
  ])
  t.same(repair({ name: 'timesyncd', unit: 'systemd-timesyncd.service' }), [
    'systemctl restart systemd-timesyncd.service',
    'timedatectl timesync-status',
  ])
  const nothing = without(linux().reading, 'name', 'unit', 'systemd')
  const alone = { reading: { ...nothing, facts: {}, tools: [] } }
  t.same(repair({}, alone), ["date --set='+21600 seconds'"])
  t.same(repair({}, { ...alone, offset: ahead(90) }), ["date --set='-90 seconds'"])
  const container = { reading: without(linux().reading, 'systemd') }
  t.same(repair({}, container), [...CHRONY, 'chronyc makestep'])
})
