import t from 'tap'
import type { DoctorInput } from '../../src/host/finding.js'
import { findings } from '../../src/host/findings.js'
import type { ToolReason } from '../../src/host/reading.js'
import {
  behind,
  wellConfigured,
  windows,
  linux,
  unit,
  without,
  summary,
  found,
  RESYNC,
  AUTOMATIC,
  CHRONY,
} from './machines.js'

void t.test('a stopped service can wait only where the clock is known to be right', async t => {
  const facts = { running: false }
  const reading = { facts: { running: false, survivesReboot: true } }
  t.same(summary(windows({ reading })), ['warning service-stopped'])
  t.same(summary(without(windows({ reading }), 'offset')), [
    'critical service-stopped',
    'notice clock-unknown',
  ])
  t.same(found(windows({ reading }), 'service-stopped').repair, ['net start w32time', ...RESYNC])
  const disabled = windows({ reading, facts })
  t.same(
    found(
      {
        ...disabled,
        reading: { ...disabled.reading, settings: { ...wellConfigured, startType: 'disabled' } },
      },
      'service-stopped',
    ).repair,
    [AUTOMATIC, 'net start w32time', ...RESYNC],
  )
  t.match(
    found(windows({ reading, input: { offset: behind(600) } }), 'clock-off').why,
    'nothing will repair this',
  )
})

void t.test('what will not survive a reboot has the cure of its cause', async t => {
  const facts = { survivesReboot: false }
  for (const [settings, repair, why] of [
    [{ startType: 'manual', triggers: [] }, [AUTOMATIC], 'manual'],
    [{ startType: 'disabled', triggers: [] }, [AUTOMATIC], 'disabled'],
  ] as const) {
    const input = windows({ facts, settings })
    t.same(summary(input), ['warning not-surviving-reboot'])
    t.same(found(input, 'not-surviving-reboot').repair, repair)
    t.match(found(input, 'not-surviving-reboot').why, why)
  }
  for (const [unitFileState, running, repair, why] of [
    ['disabled', true, ['systemctl enable chrony.service'], 'not enabled'],
    ['enabled-runtime', true, ['systemctl enable chrony.service'], 'until the next boot'],
    ['disabled', false, ['systemctl enable --now chrony.service'], 'not enabled'],
    [
      'masked',
      false,
      ['systemctl unmask chrony.service', 'systemctl enable --now chrony.service'],
      'masked',
    ],
  ] as const) {
    const reading = { systemd: { ...unit, unitFileState } }
    const input = linux({ facts: { ...facts, running }, reading })
    t.same(found(input, 'not-surviving-reboot').repair, repair)
    t.match(found(input, 'not-surviving-reboot').why, why)
    if (!running) t.same(found(input, 'service-stopped').repair, [...repair, ...CHRONY])
  }
  const unknown = without(windows({ settings: { startType: 'manual', triggers: [] } }), 'offset')
  t.notOk(
    findings({ ...unknown, reading: { ...unknown.reading, facts: {} } }).some(
      ({ id }) => id === 'not-surviving-reboot',
    ),
    'unless that is known',
  )
})

void t.test(
  'no time service at all is a finding of its own, unless a tool could not tell',
  async t => {
    const input = linux({ reading: { facts: {}, tools: [] } })
    const none = { ...input, reading: without(input.reading, 'name', 'unit', 'systemd') }
    t.same(summary(none), ['warning no-time-service'])
    t.match(found(none, 'no-time-service').repair[0], 'apt-get install chrony')
    const onWindows: DoctorInput = { ...none, system: 'windows' }
    t.same(found(onWindows, 'no-time-service').repair, ['w32tm /register', 'net start w32time'])
    const tools = [{ tool: 'systemctl', ok: false, reason: 'timeout', detail: 'x' }] as const
    t.same(summary({ ...none, reading: { ...none.reading, tools } }), ['unknown tool-unreadable'])
    t.same(summary({ ...none, system: 'other' }), ['unknown system-unknown'])
  },
)

void t.test('a tool that told nothing is named with its reason, after what is wrong', async t => {
  const reasons: readonly ToolReason[] = [
    'missing',
    'not_started',
    'timeout',
    'aborted',
    'exit_code',
    'too_long',
    'no_answer',
    'unintelligible',
  ]
  const words = new Set<string>()
  for (const reason of reasons) {
    const tools = [{ tool: 'w32tm', ok: false, reason, detail: 'as it is' }] as const
    const input = windows({
      settings: { secureTimeSeeding: true },
      reading: { tools, facts: { running: false } },
    })
    t.same(summary(input), [
      'warning service-stopped',
      'unknown tool-unreadable',
      'notice secure-time-seeding',
    ])
    const { what, why, repair } = found(input, 'tool-unreadable')
    words.add(what)
    t.match(what, /^w32tm told nothing: /)
    t.match(why, '(as it is)')
    t.equal(/administrator/.test(why), reason === 'exit_code')
    t.same(repair, reason === 'missing' ? [] : ['w32tm /query /status /verbose'])
  }
  t.equal(words.size, reasons.length)
})
