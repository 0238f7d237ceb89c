import t from 'tap'
import type { ReferenceServerSnapshot } from '../../src/clockside/snapshot.js'
import { type Diagnosis, formatDiagnosis, verdictOn } from '../../src/commands/doctor-format.js'
import type { DoctorInput } from '../../src/host/finding.js'
import { findings } from '../../src/host/findings.js'
import { behind, domainTriggers, linux, windows, without } from '../host/machines.js'

const answering: ReferenceServerSnapshot = {
  server: '192.0.2.1',
  reachable: true,
  stratum: 2,
  offset: { offset: 0, error: 0.004 },
  failures: {},
  discards: {},
}

const diagnose = (
  input: DoctorInput,
  references: readonly ReferenceServerSnapshot[] = [answering],
): Diagnosis => ({ input, references, findings: findings(input) })

const said = (...args: Parameters<typeof diagnose>): string =>
  formatDiagnosis.text(diagnose(...args))

const incident = windows({
  settings: { triggers: domainTriggers },
  reading: {
    facts: {
      running: false,
      survivesReboot: false,
      synchronizedSinceBoot: false,
      correctionLimits: { ahead: 54_000, back: Infinity },
      source: { configured: 'ntp1.contoso.com' },
    },
  },
  input: { offset: behind(21_600), bootTimestamp: 1_772_953_800 },
})

void t.test('after a reboot: the verdict, what to type once, and what was looked at', async t => {
  const text = said(incident)
  t.match(
    text.replaceAll('\n', ' '),
    /^This machine's clock is 6 h 0 min 0 s behind \(± 3 ms\), and 3 more things are wrong with what keeps it\. {2}1\. CRITICAL: The clock is 6 h/,
  )
  t.match(
    text,
    [
      '   Repair it, in a console that was opened as administrator:',
      '       net start w32time',
      '       w32tm /resync /rediscover',
      '       w32tm /query /status /verbose',
      '',
      '2. CRITICAL: Windows Time (w32time) does not run',
    ].join('\n'),
  )
  t.equal(text.match(/net start w32time/g)?.length, 1, 'typed once')
  t.equal(text.match(/The commands above are for this too\./g)?.length, 2)
  t.match(text, '4. WARNING: Windows Time (w32time) will not run after the next reboot.')
  t.match(text, '       sc.exe triggerinfo w32time start/networkon stop/networkoff\n')
  t.equal(
    text.slice(text.indexOf('What was looked at')),
    [
      'What was looked at; nothing was changed',
      '   time service       Windows Time (w32time): does not run, will not after the next reboot',
      '   since the boot     no',
      '   configured         ntp1.contoso.com',
      '   corrects           at most 15 h 0 min 0 s ahead, any time back',
      '   machine started    2026-03-08 07:10:00 UTC',
      '   true time          192.0.2.1: answers, stratum 2, ± 4 ms',
      '   asked              sc, reg, w32tm',
    ].join('\n'),
  )
})

void t.test('no line is too long for a console, but commands, which are not cut', async t => {
  const long = said(incident)
    .split('\n')
    .filter(line => line.length > 100)
  t.ok(long.every(line => line.startsWith('       ')))
})

void t.test('the first sentence says of the clock what is known of it', async t => {
  const first = (input: DoctorInput) => said(input).split('\n\n')[0]?.replaceAll('\n', ' ')
  const running = { facts: { survivesReboot: false } }
  for (const [input, sentence] of [
    [windows(), /^This machine's clock is right to 3 ms; nothing wrong was found/],
    [windows(running), /clock is right to 3 ms, but 1 thing is wrong with what keeps it\.$/],
    [without(windows(), 'offset'), /^Whether this .* is not known; nothing wrong was found/],
    [without(windows(running), 'offset'), /^Whether this .* is not known, and 1 thing is wrong/],
    [windows({ input: { offset: behind(6) } }), /clock is 6 s behind \(± 3 ms\)\.$/],
    [windows({ ...running, input: { offset: behind(6) } }), /, and 1 more thing is wrong with/],
    [windows({ input: { offset: behind(60_000) } }), /16 h 40 min 0 s behind \(± 3 ms\)\.$/],
  ] as const) {
    t.match(first(input), sentence)
  }
})

void t.test('that nothing could be read is said only where nothing is known', async t => {
  const silent = (reading: Partial<DoctorInput['reading']>): DoctorInput => ({
    ...without(linux(), 'offset'),
    reading: { ...without(linux().reading, 'name', 'unit', 'systemd'), facts: {}, ...reading },
  })
  const first = (input: DoctorInput) => said(input).replaceAll('\n', ' ')
  const verdict = (input: DoctorInput) => verdictOn(diagnose(input))
  const hung = { tool: 'systemctl', ok: false, reason: 'timeout', detail: 'x' } as const
  const nothing = silent({ tools: [hung] })
  t.match(first(nothing), /^Neither this machine's clock nor what keeps it could be read/)
  t.equal(verdict(nothing), 'unknown')
  const runs = silent({ name: 'chrony', facts: { running: true }, tools: [] })
  t.match(
    first(runs),
    /^Whether this .* is not known; nothing wrong was found with what keeps it\./,
  )
  t.equal(verdict(runs), 'unknown')
  const none = silent({ tools: [{ tool: 'systemctl', ok: true }] })
  t.match(first(none), /^Whether this .* is not known, and 1 thing is wrong with what keeps it\./)
  t.equal(verdict(none), 'warning', 'it answered that there is no time service')
})

void t.test('our own command is typed by anyone', async t => {
  const text = said(without(linux({ input: { command: 'node x.js' } }), 'offset'))
  t.match(text, '   To go on:\n       node x.js doctor --reference=NTP-SERVER-1\n')
})

void t.test('a verdict of ok needs evidence', async t => {
  const verdict = (input: DoctorInput) => verdictOn(diagnose(input))
  const silent = (facts: object) => ({
    ...without(linux(), 'offset'),
    reading: { ...linux().reading, facts },
  })
  t.equal(verdict(linux()), 'ok')
  t.equal(verdict(silent({ synchronized: true })), 'unknown', 'its own word is not trusted')
  const offset = { offset: 4, error: 3 }
  t.equal(verdict(linux({ input: { offset } })), 'unknown', 'the bound is too wide to say')
  t.equal(verdict(silent({ running: true })), 'unknown', 'that it runs is none')
  t.equal(verdict(silent({ bootTimestamp: 1 })), 'unknown')
  t.equal(verdict(silent({ survivesReboot: false })), 'warning')
  t.equal(verdict(silent({ running: false })), 'critical')
  t.equal(verdict({ ...linux(), reading: { ...linux().reading, facts: {} } }), 'ok')
})

void t.test(
  'what has to be put in is told, only where there is something to be put in',
  async t => {
    const hints = (input: DoctorInput) =>
      said(input)
        .split('\n')
        .filter(line => / stands? for /.test(line))
    const one = 'NTP-SERVER-1 stands for a time server of your own.'
    t.same(hints(windows({ settings: { type: 'NoSync' } })), [
      'NTP-SERVER-1 and -2 stand for time servers of your own.',
    ])
    t.same(hints(incident), [])
    t.same(hints(without(windows(), 'offset')), [one])
    const facts = { lastSyncError: 3 }
    t.same(hints(without(windows({ facts }), 'offset')), [
      one,
      'OFFSET stands for the number that stripchart printed last, with its sign.',
    ])
    t.same(hints(without(linux({ facts }), 'offset')), [
      one,
      'YYYY-MM-DD HH:MM:SS stands for the true time in UTC.',
    ])
  },
)

void t.test('each reference server is told of, and a tool that told nothing', async t => {
  const text = said(
    linux({
      reading: {
        tools: [{ tool: 'chronyc', ok: false, reason: 'timeout', detail: 'it did not end' }],
      },
    }),
    [
      { ...answering, reachable: false },
      { ...answering, server: '192.0.2.2', falseticker: true },
    ],
  )
  t.match(text, '192.0.2.1: does not answer\n')
  t.match(text, '192.0.2.2: contradicts the others\n')
  t.match(text, 'chronyc (told nothing)')
  t.match(text, /NOT KNOWN: chronyc told nothing[^]*To go on, as root:/)
})

void t.test('as JSON: what is not known is absent, and no limit is null', async t => {
  const json = (input: DoctorInput) =>
    JSON.parse(formatDiagnosis.json(diagnose(input))) as Record<string, unknown>
  t.match(json(incident), {
    ok: false,
    verdict: 'critical',
    system: 'windows',
    service: 'w32time',
    unit: 'w32time',
    offset_seconds: -21_600,
    error_seconds: 0.003,
    against: ['192.0.2.1'],
    running: false,
    survives_reboot: false,
    synchronized_since_boot: false,
    max_correction_seconds: { ahead: 54_000, back: null },
    source: { configured: 'ntp1.contoso.com' },
    boot_timestamp_seconds: 1_772_953_800,
    findings: [{ id: 'clock-off', severity: 'critical' }],
  })
  t.notOk('synchronized' in json(incident))
  t.same(
    Object.keys(json(without(windows(), 'offset'))).filter(key => /offset|error_s/.test(key)),
    [],
  )
  t.match(json(windows()), {
    ok: true,
    verdict: 'ok',
    synchronized: true,
    leap: 0,
    stratum: 3,
    last_sync_timestamp_seconds: 1_773_000_000,
    last_sync_error: 0,
    tools: [{ tool: 'sc', ok: true }],
    findings: [],
  })
})
