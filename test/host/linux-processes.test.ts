import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import t from 'tap'
import { readLinux } from '../../src/host/linux.js'
import { systemProcesses } from '../../src/host/linux-service.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import { CHRONYC, NTPQ, unitBlock } from '../protocol/linux-time-fixtures.js'
import { until } from '../peers/wait.js'
import { fakeLinuxTools } from './fake-linux-tools.js'
import { INIT, NTPQ_RUN, NO_SYSTEMD, machine } from './linux-machine.js'

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
  t.match(await read(INIT, { pid: 8, name: 'systemd-timesyn' }), {
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
  const { facts, tools } = await reading
  t.same(facts, {})
  t.match(
    tools,
    [{ tool: 'processes', ok: false, reason: 'timeout' }],
    'no service is said to be missing',
  )
  let times = 0
  await readLinux({ program, processes: async () => (times++, []) })(over.signal)
  t.equal(times, 0, 'nor is it asked for after that')
})

void t.test('the process table of this machine has this process, and the first one', async t => {
  const table = await systemProcesses(new AbortController().signal)
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
  const withParent = async () => {
    const table = await systemProcesses(new AbortController().signal)
    return table.some(one => one.pid === parent.pid) ? table : undefined
  }
  const table = await until(withParent, { what: 'a new table' })
  t.notOk(table.some(one => one.pid === pid))
})

const UNITS = {
  idle: unitBlock('chronyd.service', { active: 'inactive', file: 'disabled', entered: '0' }),
}

void t.test('a daemon that another unit runs is not judged by the one that does not', async t => {
  const { units, behave, read } = await machine(t)
  await units({ 'chronyd.service': UNITS.idle })
  await behave('chronyc', { stdout: CHRONYC.synchronised })
  for (const processes of [[INIT], [INIT, { pid: 9, name: 'chronyd' }]]) {
    const reading = await read(...processes)
    t.match(reading, { name: 'chrony', facts: { running: true, synchronizedSinceBoot: true } })
    t.notOk('survivesReboot' in reading.facts || 'systemd' in reading || 'unit' in reading)
  }
})

void t.test(
  'a daemon that does not answer may be of a container: the unit has the word',
  async t => {
    const { units, behave, read } = await machine(t)
    await units({ 'chronyd.service': UNITS.idle })
    await behave('chronyc', { stderr: '506 Cannot talk to daemon\n', code: 1 })
    const reading = await read(INIT, { pid: 9, name: 'chronyd' })
    t.match(reading, { unit: 'chronyd.service', facts: { running: false, survivesReboot: false } })
    t.same(reading.tools, [
      { tool: 'systemctl', ok: true },
      { tool: 'chronyc', ok: true },
    ])
  },
)

void t.test('an idle unit of one service does not hide the process of another', async t => {
  const { units, behave, read } = await machine(t)
  const timesyncd = 'systemd-timesyncd.service'
  await units({ [timesyncd]: unitBlock(timesyncd, { active: 'inactive', file: 'masked' }) })
  await behave('ntpq', { stdout: NTPQ.classic })
  t.match(await read(INIT, { pid: 9, name: 'ntpd' }), { name: 'ntpd', facts: { running: true } })
  t.match(await read(INIT), { name: 'timesyncd', facts: { running: false } })
})

void t.test('never since boot is said only of what can know it', async t => {
  const { units, behave, read } = await machine(t)
  const since = async (unit: object): Promise<unknown> => {
    await units({ 'chrony.service': unitBlock('chrony.service', unit) })
    return (await read(INIT)).facts.synchronizedSinceBoot
  }
  const inactive = { active: 'inactive', sub: 'dead', entered: '0' }
  t.equal(await since(inactive), false, 'enabled, and never started')
  t.equal(await since({ ...inactive, file: 'disabled' }), undefined, 'systemd has forgotten it')
  await behave('chronyc', { stdout: CHRONYC.neverSynchronised })
  t.equal(await since({ entered: '5000000' }), false, 'up since boot')
  t.equal(await since({ entered: '7776000000000' }), undefined, 'restarted on the 90th day')
})

void t.test(
  'a process table that cannot be read is told of, and nothing is said to be missing',
  async t => {
    const { program } = await fakeLinuxTools(t)
    const denied = Object.assign(new Error('EACCES: /proc'), { syscall: 'scandir' })
    const reading = await readLinux({ program, processes: () => Promise.reject(denied) })(
      new AbortController().signal,
    )
    t.match(reading.tools, [{ tool: 'processes', ok: false, reason: 'not_started' }])
    const bug = new TypeError('x')
    await t.rejects(
      readLinux({ program, processes: () => Promise.reject(bug) })(new AbortController().signal),
      bug,
    )
  },
)
