import t from 'tap'
import {
  CHRONYC,
  NTPQ,
  TIMESYNC,
  timedatectlShow,
  unitBlock,
} from '../protocol/linux-time-fixtures.js'
import { CHRONYC_RUN, SHOW, machine, stopped } from './linux-machine.js'

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
      subState: 'running',
      isHeldBack: false,
      startedSinceBoot: true,
      startedAfterBoot: 5.123456,
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
