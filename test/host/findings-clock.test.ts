import t from 'tap'
import type { DoctorInput } from '../../src/host/finding.js'
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
    const byHand = [
      'powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(54001))"',
      ...RESYNC,
    ]
    t.same(repair, byHand)
    t.same(found(input, 'clock-off').repair, byHand)

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
