import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { commandOf } from '../../src/commands/doctor.js'
import { CLI } from '../exporter/exporter.js'
import { startChronyd } from '../peers/chronyd.js'
import { shiftedEnv } from '../peers/faketime.js'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { joinEnv, skipUnless } from '../peers/peer.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { edgeclock, edgeclockIn } from './run.js'

const reference = ({ port }: { readonly port: number }) => `--reference=127.0.0.1:${port}`
const startReference = (scope: Scope) => startNtpServer(scope, request => honestReply(request))

interface Answer {
  readonly ok: boolean
  readonly verdict: string
  readonly offset_seconds?: number
  readonly error_seconds?: number
  readonly against: readonly string[]
  readonly findings: readonly { readonly id: string; readonly severity: string }[]
  readonly [fact: string]: unknown
}

const answerOf = ({ stdout }: { readonly stdout: string }) => JSON.parse(stdout) as Answer
const ids = (ended: { readonly stdout: string }) =>
  answerOf(ended).findings.map(({ id, severity }) => `${severity} ${id}`)

/** A PATH on which there are only these tools, each of which prints the same whatever it is asked. */
const pathOf = async (scope: Scope, tools: Readonly<Record<string, readonly string[]>>) => {
  const folder = await temporaryFolder(scope, 'doctor')
  for (const [name, lines] of Object.entries(tools)) {
    const file = join(folder, name)
    await writeFile(file, ['#!/bin/sh', ...lines.map(line => `echo '${line}'`), ''].join('\n'))
    await chmod(file, 0o755)
  }
  return { PATH: folder }
}

const unit = (state: string) => [
  'Id=chrony.service',
  'LoadState=loaded',
  'ActiveState=active',
  `UnitFileState=${state}`,
  'ActiveEnterTimestampMonotonic=5000000',
]
/** Its server is one of the machine itself that nobody has. */
const tracking = () =>
  `7F000009,127.0.0.9,3,${Date.now() / 1000 - 60},0.000001,0.000002,0.000003,1.2,0.0,0.1,0.01,0.001,64.2,Normal`
const chronyc = () => [tracking(), '1,0,0,0,0', '^,*,127.0.0.9,2,6,377,10,0.0001,0.0001,0.0002']
const wellKept = (scope: Scope) => pathOf(scope, { systemctl: unit('enabled'), chronyc: chronyc() })

void t.test('a machine that is well: exit 0, in words and in figures', async t => {
  if (skipUnless(t, 'chronyd')) return
  const [env, server] = await Promise.all([wellKept(t), startChronyd(t)])
  const text = await edgeclockIn(env, 'doctor', reference(server))
  t.equal(text.code, 0, text.stderr)
  t.match(
    text.stdout,
    /^This machine's clock is right to \S+ \S+; nothing wrong was found with what keeps it\.\n/,
  )
  t.match(text.stdout, 'chrony (chrony.service): runs, will after the next reboot')
  const json = await edgeclockIn(env, 'doctor', reference(server), '--format=json')
  t.equal(json.code, 0)
  t.match(answerOf(json), {
    ok: true,
    verdict: 'ok',
    system: 'linux',
    service: 'chrony',
    unit: 'chrony.service',
    against: [`127.0.0.1:${server.port}`],
    running: true,
    survives_reboot: true,
    synchronized: true,
    synchronized_since_boot: true,
    leap: 0,
    stratum: 3,
    source: { actual: '127.0.0.9', kind: 'external', configured: '127.0.0.9' },
    tools: [
      { tool: 'systemctl', ok: true },
      { tool: 'chronyc', ok: true },
    ],
    findings: [],
  })
  const { offset_seconds: offset = Number.NaN, error_seconds: error = Number.NaN } = answerOf(json)
  t.ok(Math.abs(offset) <= error && error < 0.1, `${offset} ± ${error}`)
})

void t.test('its wall clock six hours behind: exit 2, and what sets it', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [path, server] = await Promise.all([wellKept(t), startChronyd(t)])
  const env = joinEnv(path, shiftedEnv('-6h'))
  const text = await edgeclockIn(env, 'doctor', reference(server))
  t.equal(text.code, 2, text.stderr)
  t.match(text.stdout, /^This machine's clock is 6 h 0 min 0 s behind \(± .*\)\.\n/)
  t.match(text.stdout, /\n1\. CRITICAL: The clock is 6 h[^]*\n {7}chronyc makestep\n/)
  const json = await edgeclockIn(env, 'doctor', reference(server), '--format=json')
  t.same(ids(json), ['critical clock-off'])
  const { offset_seconds: offset = 0, error_seconds: error = 0 } = answerOf(json)
  t.ok(Math.abs(offset + 21_600) <= error, `${offset} ± ${error}`)
})

void t.test('against a reference that is ahead it is this clock that is behind', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [env, server] = await Promise.all([wellKept(t), startChronyd(t, { offset: '+90' })])
  const ask = (...more: string[]) => edgeclockIn(env, 'doctor', reference(server), ...more)
  const [asIs, higher, highest] = await Promise.all([
    ask(),
    ask('--critical=100'),
    ask('--critical=100', '--warning=95'),
  ])
  t.match(asIs.stdout, /^This machine's clock is (90(\.0\d*)?|89\.9\d*) s behind/)
  t.equal(asIs.code, 2)
  t.equal(higher.code, 1)
  t.equal(highest.code, 0)
})

void t.test('a clock that is right, and will not be kept after the next boot: exit 1', async t => {
  const server = await startReference(t)
  const env = await pathOf(t, { systemctl: unit('disabled'), chronyc: chronyc() })
  const text = await edgeclockIn(env, 'doctor', reference(server))
  t.equal(text.code, 1)
  t.match(
    text.stdout,
    /^This machine's clock is right to \S+ \S+, but 1 thing is wrong with what keeps it/,
  )
  t.match(text.stdout, '   Repair it, as root:\n       systemctl enable chrony.service\n')
})

void t.test('without a reference it asks the servers of the time service', async t => {
  const ended = await edgeclockIn(await wellKept(t), 'doctor', '--format=json')
  t.same(answerOf(ended).against, ['127.0.0.9'])
  t.same(ids(ended), ['notice clock-unknown'])
  t.equal(ended.code, 3, 'the word of its time service is not trusted')
  const { stdout } = await edgeclockIn(await wellKept(t), 'doctor')
  t.match(
    stdout.replaceAll('\n', ' '),
    /^Whether this machine's clock is right is not known; nothing wrong was found with what keeps it\./,
  )
  t.match(stdout, `\n       node ${CLI} doctor --reference=NTP-SERVER-1\n`)
})

void t.test('reference servers come from a configuration file too', async t => {
  const server = await startReference(t)
  const file = join(await temporaryFolder(t, 'doctor'), 'edgeclock.yml')
  const servers = [`127.0.0.1:${server.port}`]
  await writeFile(file, JSON.stringify({ reference: { servers } }))
  const env = await wellKept(t)
  const ended = await edgeclockIn(env, 'doctor', `--config.file=${file}`, '--format=json')
  t.same(answerOf(ended).against, servers)
  t.same(ids(ended), [])
})

void t.test(
  'where no tool is there and no reference answers, nothing is known: exit 3',
  async t => {
    const [env, dead] = await Promise.all([pathOf(t, {}), startNtpServer(t, () => undefined)])
    for (const args of [[], [reference(dead)]]) {
      const [text, json] = await Promise.all([
        edgeclockIn(env, 'doctor', ...args),
        edgeclockIn(env, 'doctor', '--format=json', ...args),
      ])
      t.equal(text.code, 3)
      t.match(text.stdout, /^Neither this machine's clock nor what keeps it could be read/)
      t.equal(json.code, 3)
      t.match(answerOf(json), { ok: false, verdict: 'unknown', tools: [{ ok: false }] })
      t.notOk('service' in answerOf(json))
      t.notOk('running' in answerOf(json))
      t.notOk('offset_seconds' in answerOf(json))
    }
    const server = await startReference(t)
    const known = await edgeclockIn(env, 'doctor', reference(server), '--format=json')
    t.same(ids(known), ['warning no-time-service', 'unknown tool-unreadable'])
    t.equal(known.code, 1, 'the clock alone is something')
  },
)

void t.test('a tool that cannot be understood takes away what depends on it only', async t => {
  const server = await startReference(t)
  const env = await pathOf(t, { systemctl: unit('enabled'), chronyc: ['nonsense'] })
  const json = await edgeclockIn(env, 'doctor', reference(server), '--format=json')
  t.same(ids(json), ['unknown tool-unreadable'])
  t.match(answerOf(json), { ok: true, running: true, survives_reboot: true })
  t.notOk('synchronized' in answerOf(json))
  const blind = await edgeclockIn(env, 'doctor', '--format=json')
  t.same(ids(blind), ['unknown tool-unreadable', 'notice clock-unknown'])
  t.equal(blind.code, 3, 'that it runs is no evidence that it keeps the clock')
  t.match((await edgeclockIn(env, 'doctor')).stdout, 'NOT KNOWN: chronyc told nothing')
})

void t.test('it names itself as it was started', async t => {
  t.equal(commandOf('/usr/local/bin/edgeclock'), 'edgeclock')
  t.equal(commandOf('dist/cli.js'), 'node dist/cli.js')
  t.equal(commandOf('/opt/edge clock/cli.js'), 'node "/opt/edge clock/cli.js"')
})

void t.test('a question that makes no sense is UNKNOWN, not CRITICAL', async t => {
  const questions = [
    ['edge01'],
    ['--warning=x'],
    ['--warning=60', '--critical=5'],
    ['--format=xml'],
    ['--reference=127.1'],
    ['--config.file=/nowhere.yml'],
  ]
  const answers = await Promise.all(questions.map(args => edgeclock('doctor', ...args)))
  for (const [i, { code, stdout, stderr }] of answers.entries()) {
    const args = questions[i] ?? []
    t.equal(code, 3, args.join(' '))
    t.equal(stdout, '')
    t.match(stderr, /^edgeclock: /)
  }
})
