import t, { type Test } from 'tap'
import type { DoctorInput } from '../../src/host/finding.js'
import {
  found,
  ahead,
  behind,
  domainTriggers,
  linux,
  neverSynchronized,
  windows,
} from '../host/machines.js'
import { readRunbook } from './runbook.js'

/** What `edgeclock doctor` has somebody type, with the words that the runbooks have for what differs. */
const repairOf = (input: DoctorInput, id: string): readonly string[] =>
  found(input, id).repair.map(line =>
    line
      .replace('ntp1.contoso.com', 'NTP-SERVER-1')
      .replace(/FromSeconds\(-?\d+\)/, 'FromSeconds(OFFSET)'),
  )

/** In this order, though there may be words between them. */
const hasInOrder = (t: Test, name: string, commands: readonly string[]): void => {
  const { text } = readRunbook(name)
  t.ok(commands.length > 0)
  let from = 0
  for (const command of commands) {
    const at = text.indexOf(command, from)
    t.ok(at >= 0, `${name}: ${command}`)
    from = at
  }
}

const HOURS = 3600

void t.test('a clock that is far off is repaired as doctor does it', t => {
  const off = windows({ facts: neverSynchronized, input: { offset: behind(6 * HOURS) } })
  hasInOrder(t, 'EdgeclockClockFarOff', repairOf(off, 'clock-off'))
  hasInOrder(t, 'EdgeclockSkewBreaksCalls', repairOf(off, 'clock-off'))
  hasInOrder(
    t,
    'EdgeclockClockOff',
    repairOf(windows({ input: { offset: ahead(9) } }), 'clock-off'),
  )
  const onLinux = linux({ input: { offset: behind(6 * HOURS) } })
  const commands = repairOf(onLinux, 'clock-off')
  t.ok(commands.includes('chronyc makestep'))
  for (const command of commands) hasInOrder(t, 'EdgeclockClockFarOff', [command])
  t.end()
})

void t.test(
  'a correction that is refused is repaired in the order that does not move it twice',
  t => {
    const off = windows({ input: { offset: behind(20 * HOURS) } })
    const commands = repairOf(off, 'beyond-correction')
    t.match(commands[0], 'Set-Date')
    hasInOrder(t, 'EdgeclockCorrectionImpossible', commands)
    const source = { actual: 'VM IC Time Synchronization Provider', kind: 'hypervisor' } as const
    const configured = { ...source, configured: 'ntp1.contoso.com' }
    const virtual = windows({
      facts: { source: configured },
      input: { offset: behind(20 * HOURS) },
    })
    const [off0 = '', notify = ''] = repairOf(virtual, 'source-is-hypervisor')
    t.match(off0, 'VMICTimeProvider')
    hasInOrder(t, 'EdgeclockCorrectionImpossible', [off0, notify])
    hasInOrder(t, 'EdgeclockClockFarOff', [off0, notify, 'w32tm /resync /rediscover'])
    t.end()
  },
)

void t.test('a service that will not survive a reboot is repaired as doctor does it', t => {
  const trigger = windows({
    facts: { survivesReboot: false },
    settings: { triggers: domainTriggers },
  })
  hasInOrder(t, 'EdgeclockWillNotSurviveReboot', repairOf(trigger, 'not-surviving-reboot'))
  const unit = { unitFileState: 'disabled' }
  const { reading } = linux()
  const disabled = linux({
    facts: { survivesReboot: false },
    reading: reading.systemd ? { systemd: { ...reading.systemd, ...unit } } : {},
  })
  hasInOrder(t, 'EdgeclockWillNotSurviveReboot', repairOf(disabled, 'not-surviving-reboot'))
  t.end()
})

void t.test(
  'a service that is stopped, or never synchronised, is repaired as doctor does it',
  t => {
    const stopped = windows({ facts: { running: false } })
    hasInOrder(t, 'EdgeclockTimeServiceStopped', repairOf(stopped, 'service-stopped'))
    const never = windows({ facts: neverSynchronized })
    hasInOrder(t, 'EdgeclockNotSynchronized', repairOf(never, 'never-synchronised'))
    const [stripchart = '', ...resync] = repairOf(never, 'never-synchronised')
    hasInOrder(t, 'EdgeclockNeverSynchronized', [stripchart, ...resync])
    const nobody = windows({ settings: { servers: [] } })
    const [configure = ''] = repairOf(nobody, 'no-source-configured')
    for (const name of ['ClockFarOff', 'NeverSynchronized', 'NotSynchronized'])
      hasInOrder(t, `Edgeclock${name}`, [configure])
    t.end()
  },
)

void t.test('Secure Time Seeding is switched off as doctor does it', t => {
  const seeded = windows({ settings: { secureTimeSeeding: true } })
  hasInOrder(t, 'EdgeclockClockStepped', repairOf(seeded, 'secure-time-seeding'))
  t.end()
})
