import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { readLinux } from '../../src/host/linux.js'
import { systemProcesses } from '../../src/host/linux-service.js'
import type { HostReading } from '../../src/host/reading.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import {
  CHRONYC,
  NTPQ,
  TIMESYNC,
  systemctlShow,
  timedatectlShow,
  unitBlock,
} from '../protocol/linux-time-fixtures.js'
import { until } from '../peers/wait.js'
import { type FakeLinuxTools, fakeLinuxTools } from './fake-linux-tools.js'

const SHOW =
  'C UTC systemctl show --property=Id,LoadState,ActiveState,UnitFileState,ActiveEnterTimestampMonotonic chrony.service chronyd.service ntpsec.service ntp.service ntpd.service systemd-timesyncd.service'
const CHRONYC_RUN = 'C UTC chronyc -c -n -m tracking activity sources'
const NTPQ_RUN = 'C UTC ntpq -n -w -c rv -c peers'
const NO_SYSTEMD =
  "System has not been booted with systemd as init system (PID 1). Can't operate.\nFailed to connect to bus: Host is down\n"
const INIT = { pid: 1, name: 'init' }
const stopped = { active: 'inactive', entered: '0' }

type Machine = FakeLinuxTools & {
  units: (units: Readonly<Record<string, string>>) => Promise<void>
  read: (...processes: readonly { pid: number; name: string }[]) => Promise<HostReading>
}

const machine = async (t: Test, signal = new AbortController().signal): Promise<Machine> => {
  const fakes = await fakeLinuxTools(t)
  return {
    ...fakes,
    units: units => fakes.behave('systemctl', { stdout: systemctlShow(units) }),
    read: (...list) => readLinux({ program: fakes.program, processes: async () => list })(signal),
  }
}

void t.test('chrony under systemd: its unit, its words, two children', async t => {
  const { units, behave, read, runs } = await machine(t)
  await units({ 'chrony.service': unitBlock('chrony.service') })
  await behave('chronyc', { stdout: CHRONYC.synchronised })
  t.same(await read(), {
    name: 'chrony',
    unit: 'chrony.service',
    systemd: {
      id: 'chrony.service',
      loadState: 'loaded',
      activeState: 'active',
      unitFileState: 'enabled',
      startedSinceBoot: true,
    },
    facts: {
      running: true,
      survivesReboot: true,
      leap: 0,
      stratum: 4,
      synchronized: true,
      synchronizedSinceBoot: true,
      lastSyncTimestamp: 1_795_385_489.210_138_6,
      source: { actual: '127.0.0.1', kind: 'external', configured: '127.0.0.1' },
    },
    tools: [
      { tool: 'systemctl', ok: true },
      { tool: 'chronyc', ok: true },
    ],
  })
  t.same(await runs(), [SHOW, CHRONYC_RUN])
})

void t.test('each unit is read by its own client', async t => {
  const clients = {
    'chrony.service': ['chrony', 'chronyc'],
    'chronyd.service': ['chrony', 'chronyc'],
    'ntpsec.service': ['ntpd', 'ntpq'],
    'ntp.service': ['ntpd', 'ntpq'],
    'ntpd.service': ['ntpd', 'ntpq'],
    'systemd-timesyncd.service': ['timesyncd', 'timedatectl'],
  } as const
  for (const [unit, [name, tool]] of Object.entries(clients)) {
    const { units, read } = await machine(t)
    await units({ [unit]: unitBlock(unit) })
    const { facts, ...reading } = await read()
    t.match(reading, { name, unit, tools: [{ ok: true }, { tool, ok: false, reason: 'missing' }] })
    t.same(facts, { running: true, survivesReboot: true }, unit)
  }
})

void t.test(
  'of several units the one that runs is read, else the one that will, else any',
  async t => {
    const { units, read } = await machine(t)
    const chrony = unitBlock('chrony.service', { ...stopped, file: 'disabled' })
    const ntpsec = unitBlock('ntpsec.service', stopped)
    const timesyncd = unitBlock('systemd-timesyncd.service', { file: 'disabled' })
    const masked = unitBlock('chrony.service', { ...stopped, load: 'masked', file: 'masked' })
    const loaded = unitBlock('ntp.service', { ...stopped, file: 'disabled' })
    const all = { 'chrony.service': chrony, 'ntpsec.service': ntpsec }
    await units({ ...all, 'systemd-timesyncd.service': timesyncd })
    t.equal((await read()).unit, 'systemd-timesyncd.service')
    await units(all)
    t.equal((await read()).unit, 'ntpsec.service')
    await units({ 'chrony.service': masked, 'ntp.service': loaded })
    t.equal((await read()).unit, 'ntp.service')
    await units({ 'chrony.service': masked })
    t.match(await read(), {
      unit: 'chrony.service',
      facts: { running: false, survivesReboot: false },
    })
  },
)

void t.test('a unit that has never been started cannot have synchronised', async t => {
  const { units, behave, read } = await machine(t)
  await behave('chronyc', { stdout: '506 Cannot talk to daemon\n', code: 1 })
  await units({ 'chrony.service': unitBlock('chrony.service', stopped) })
  const never = await read()
  t.same(never.facts, { running: false, survivesReboot: true, synchronizedSinceBoot: false })
  t.same(never.tools, [
    { tool: 'systemctl', ok: true },
    { tool: 'chronyc', ok: true },
  ])
  const failed = { active: 'failed', entered: '77' }
  await units({ 'chrony.service': unitBlock('chrony.service', failed) })
  t.same((await read()).facts, { running: false, survivesReboot: true })
})

void t.test('what answers runs, though its unit does not', async t => {
  const { units, behave, read } = await machine(t)
  await units({ 'chrony.service': unitBlock('chrony.service', stopped) })
  await behave('chronyc', { stdout: CHRONYC.noMajority })
  t.match((await read()).facts, { running: true, leap: 3, synchronizedSinceBoot: true })
  await units({ 'ntp.service': unitBlock('ntp.service', stopped) })
  await behave('ntpq', { stdout: NTPQ.undisciplined })
  const { facts } = await read()
  t.match(facts, { running: true, stratum: 4 })
  t.notOk('synchronizedSinceBoot' in facts)
})

void t.test('systemd-timesyncd is asked where it runs, and never started by asking', async t => {
  const { units, behave, read, runs } = await machine(t)
  const unit = 'systemd-timesyncd.service'
  await units({ [unit]: unitBlock(unit) })
  await behave('timedatectl', { stdout: timedatectlShow('yes') }, 'show')
  await behave('timedatectl', { stdout: TIMESYNC.answered }, 'show-timesync')
  const running = await read()
  t.match(running.facts, { synchronized: true, stratum: 3, lastSyncTimestamp: 1_789_920_881 })
  t.same(running.tools[1], { tool: 'timedatectl', ok: true })
  t.same((await runs()).slice(1), [
    'C UTC timedatectl show',
    'C UTC timedatectl show-timesync --all',
  ])
  await units({ [unit]: unitBlock(unit, { active: 'inactive', entered: '9' }) })
  const still = await read()
  t.same(still.facts, { running: false, survivesReboot: true, synchronizedSinceBoot: true })
  t.same((await runs()).slice(3), [SHOW, 'C UTC timedatectl show'])
})

void t.test('one half of timedatectl in trouble leaves what the other half tells', async t => {
  const { units, behave, read } = await machine(t)
  const unit = 'systemd-timesyncd.service'
  await units({ [unit]: unitBlock(unit) })
  await behave('timedatectl', { stdout: timedatectlShow('yes') }, 'show')
  await behave('timedatectl', { stderr: 'Failed to query\n', code: 1 }, 'show-timesync')
  const kernel = await read()
  t.same(kernel.facts, { running: true, survivesReboot: true, synchronizedSinceBoot: true })
  t.match(kernel.tools[1], { reason: 'exit_code', detail: 'exit code 1: Failed to query' })
  await behave('timedatectl', { stdout: 'Timezone=UTC\n' }, 'show')
  await behave('timedatectl', { stdout: TIMESYNC.unanswered }, 'show-timesync')
  const own = await read()
  t.same(own.facts.source, { configured: 'ntp1.contoso.com ntp2.contoso.com' })
  t.match(own.tools[1], { reason: 'unintelligible' })
})

void t.test('every trouble of a client has its reason, and leaves what systemd told', async t => {
  const { units, behave, read } = await machine(t)
  const known = { running: true, survivesReboot: true }
  const cases = [
    [{ stdout: '506 Cannot talk to daemon\n', code: 1 }, 'no_answer'],
    [{ stderr: 'Could not open connection to daemon\n', code: 1 }, 'no_answer'],
    [{ stdout: CHRONYC.synchronised, code: 1 }, 'exit_code'],
    [{ stdout: CHRONYC.synchronised.slice(0, 40) }, 'unintelligible'],
    [{ stdout: 'Zeit ist relativ\n' }, 'unintelligible'],
    [{ stdout: 'x'.repeat(300 << 10) }, 'too_long'],
  ] as const
  await units({ 'chrony.service': unitBlock('chrony.service') })
  for (const [behaviour, reason] of cases) {
    await behave('chronyc', behaviour)
    const { facts, tools } = await read()
    t.same(facts, known, reason)
    t.match(tools, [{ ok: true }, { tool: 'chronyc', ok: false, reason }])
  }
  await units({ 'ntpsec.service': unitBlock('ntpsec.service') })
  for (const [behaviour, reason] of [
    [{ stderr: '***Socket error; probably ntpd is not running\n' }, 'no_answer'],
    [{ stderr: 'ntpq: read: Connection refused\n', code: 1 }, 'no_answer'],
    [{ stderr: '127.0.0.1: timed out, nothing received\n', code: 1 }, 'no_answer'],
    [{ stderr: 'Usage\n', code: 64 }, 'exit_code'],
    [{ stdout: NTPQ.classic.slice(0, -1) }, 'unintelligible'],
  ] as const) {
    await behave('ntpq', behaviour)
    const { facts, tools } = await read()
    t.same(facts, known, reason)
    t.match(tools, [{ ok: true }, { tool: 'ntpq', ok: false, reason }])
  }
})

void t.test('without systemd the process table tells which service runs', async t => {
  const { behave, read, runs } = await machine(t)
  await behave('systemctl', { stderr: 'Failed to connect to bus: Host is down\n', code: 1 })
  t.same(await read(), { facts: {}, tools: [{ tool: 'systemctl', ok: true }] })
  await behave('systemctl', { stderr: NO_SYSTEMD, code: 1 })
  await behave('chronyc', { stdout: CHRONYC.neverSynchronised })
  await behave('ntpq', { stdout: NTPQ.classic })
  const ntpd = await read(INIT, { pid: 9, name: 'ntpd' })
  t.match(ntpd, { name: 'ntpd', facts: { running: true, stratum: 3, synchronized: true } })
  t.same(ntpd.tools, [
    { tool: 'systemctl', ok: true },
    { tool: 'ntpq', ok: true },
  ])
  t.notOk('unit' in ntpd || 'systemd' in ntpd || 'survivesReboot' in ntpd.facts)
  t.same((await runs()).slice(2), [NTPQ_RUN])
  const both = await read(INIT, { pid: 9, name: 'ntpd' }, { pid: 8, name: 'chronyd' })
  t.match(both, { name: 'chrony', facts: { running: true, leap: 3 } })
  t.match(await read(INIT, { pid: 8, name: 'systemd-timesyncd' }), {
    name: 'timesyncd',
    facts: { running: true },
    tools: [{ ok: true }, { tool: 'timedatectl', reason: 'missing' }],
  })
})

void t.test('what answers is there, whatever the process table lacks', async t => {
  const { behave, read } = await machine(t)
  await behave('ntpq', { stdout: NTPQ.orphan })
  t.match(await read(), {
    name: 'ntpd',
    facts: { running: true },
    tools: [{ tool: 'ntpq', ok: true }],
  })
  await behave('chronyc', { stdout: '506 Cannot talk to daemon\n', code: 1 })
  t.match(await read(), { name: 'ntpd', facts: { running: true, leap: 0 } })
})

void t.test('a silent service stands still only where all processes can be seen', async t => {
  const { behave, read } = await machine(t)
  await behave('chronyc', { stdout: '506 Cannot talk to daemon\n', code: 1 })
  t.same(await read(INIT, { pid: 9, name: 'chronyd-exporter' }), {
    name: 'chrony',
    facts: { running: false },
    tools: [{ tool: 'chronyc', ok: true }],
  })
  await behave('ntpq', { stderr: '***Socket error; probably ntpd is not running\n' })
  t.match(await read(INIT), { name: 'chrony', facts: { running: false } })
  const hidden = await read({ pid: 9, name: 'sh' })
  t.same(hidden.facts, {})
  t.match(hidden, { name: 'chrony', tools: [{ tool: 'chronyc', reason: 'no_answer' }] })
})

void t.test('without any time service nothing is known, and that is told', async t => {
  const { units, read } = await machine(t)
  const bare = await read(INIT)
  t.same(bare.facts, {})
  t.match(bare.tools, [{ tool: 'systemctl', ok: false, reason: 'missing' }])
  t.equal(bare.tools.length, 1)
  await units({})
  t.same(await read(INIT), { facts: {}, tools: [{ tool: 'systemctl', ok: true }] })
})

void t.test('a systemctl in trouble is told of, and the process table takes its place', async t => {
  const { behave, read } = await machine(t)
  await behave('chronyc', { stdout: CHRONYC.ownClock })
  for (const [behaviour, reason] of [
    [{ stderr: 'Failed to connect to bus: Permission denied\n', code: 1 }, 'exit_code'],
    [{ stdout: 'chrony is well\n' }, 'unintelligible'],
  ] as const) {
    await behave('systemctl', behaviour)
    const reading = await read(INIT, { pid: 4, name: 'chronyd' })
    t.match(reading.tools, [
      { tool: 'systemctl', ok: false, reason },
      { tool: 'chronyc', ok: true },
    ])
    t.match(reading.facts, { running: true, source: { kind: 'own' } })
  }
})

void t.test('a round ends with its signal, with what is known by then', async t => {
  const over = new AbortController()
  const { units, behave, read, runs } = await machine(t, over.signal)
  await units({ 'chrony.service': unitBlock('chrony.service') })
  await behave('chronyc', { hangs: true })
  const reading = read()
  while ((await runs()).length < 2) await new Promise(resolve => setImmediate(resolve))
  over.abort(new DeadlineExceeded('time is up'))
  t.match(await reading, {
    name: 'chrony',
    facts: { running: true, survivesReboot: true },
    tools: [{ ok: true }, { tool: 'chronyc', reason: 'timeout' }],
  })
  t.same(await read(), { facts: {}, tools: [] })
  t.equal((await runs()).length, 2, 'nothing more is started')
})

void t.test('a process table that never comes does not outlast the signal', async t => {
  const over = new AbortController()
  const { program } = await fakeLinuxTools(t)
  let asked = (): void => {}
  const isAsked = new Promise<void>(resolve => (asked = resolve))
  const processes = (): Promise<never> => {
    asked()
    return new Promise(() => {})
  }
  const reading = readLinux({ program, processes })(over.signal)
  await isAsked
  over.abort()
  t.same(await reading, { facts: {}, tools: [] })
  let times = 0
  await readLinux({ program, processes: async () => (times++, []) })(over.signal)
  t.equal(times, 0, 'nor is it asked for after that')
})

void t.test('the process table of this machine has this process, and the first one', async t => {
  const table = await systemProcesses()
  t.ok(table.some(({ pid }) => pid === process.pid))
  t.ok(table.some(({ pid }) => pid === 1))
  t.match(table.find(({ pid }) => pid === process.pid)?.name, /node/)
})

void t.test('a process that has ended, and waits to be seen off, does not run', async t => {
  const parent = spawn('/bin/sh', ['-c', 'true & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  t.teardown(() => parent.kill('SIGKILL'))
  const [line] = (await once(parent.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString())
  const state = async (): Promise<string> => readFile(`/proc/${pid}/stat`, 'latin1')
  await until(async () => / Z /.test(await state()), { what: 'a zombie' })
  // The package keeps a table for half a second.
  const withParent = async () => {
    const table = await systemProcesses()
    return table.some(one => one.pid === parent.pid) ? table : undefined
  }
  const table = await until(withParent, { what: 'a new table' })
  t.notOk(table.some(one => one.pid === pid))
})
