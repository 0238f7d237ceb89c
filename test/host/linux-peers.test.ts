import t, { type Test } from 'tap'
import { type LinuxOptions, readLinux } from '../../src/host/linux.js'
import type { HostReading } from '../../src/host/reading.js'
import { startChronyClient } from '../peers/chrony-client.js'
import { startChronyd } from '../peers/chronyd.js'
import { asOneFile, startNtpd, startNtsServer, whyNoNtpd } from '../peers/ntpd.js'
import { skipUnless } from '../peers/peer.js'
import { freeUdpPort } from '../peers/ports.js'
import { until } from '../peers/wait.js'

const NEAR_SECONDS = 20

/** Real clients, no systemd, and of all processes only the named one. */
const reader = async (
  t: Test,
  daemon: string,
  options: LinuxOptions = {},
): Promise<() => Promise<HostReading>> => {
  const programs: Record<string, string> = {
    chronyc: await asOneFile(t, 'chronyc'),
    ntpq: await asOneFile(t, 'ntpq'),
  }
  const read = readLinux({
    program: name => programs[name] ?? '/nowhere',
    processes: async () => [
      { pid: 1, name: 'init' },
      { pid: 7, name: daemon },
    ],
    ...options,
  })
  return () => read(new AbortController().signal)
}

const when = (
  read: () => Promise<HostReading>,
  what: string,
  isSo: (reading: HostReading) => unknown,
): Promise<HostReading> =>
  until(
    async () => {
      const reading = await read()
      return isSo(reading) ? reading : undefined
    },
    { what, timeoutMs: 30_000 },
  )

const isRecent = (stamp = 0): boolean => Math.abs(stamp - Date.now() / 1000) < NEAR_SECONDS

void t.test(
  'a chronyd that follows a server is synchronised, and has been when that is gone',
  async t => {
    if (skipUnless(t, 'chronyd', 'chronyc')) return
    const server = await startChronyd(t, { stratum: 3 })
    // It falls back upon its own clock within a second of losing its server.
    const directives = ['maxclockerror 1000', 'local stratum 10 distance 0.002']
    const { chronyc } = await startChronyClient(t, { servers: [server], directives })
    const read = await reader(t, 'chronyd', { chronyc })

    const synchronised = await when(read, 'synchronised', one => one.facts.synchronized)
    const { lastSyncTimestamp, ...facts } = synchronised.facts
    t.ok(isRecent(lastSyncTimestamp))
    t.same(facts, {
      running: true,
      leap: 0,
      stratum: 4,
      synchronized: true,
      synchronizedSinceBoot: true,
      source: { actual: '127.0.0.1', kind: 'external', configured: '127.0.0.1' },
    })
    t.same(synchronised.tools, [{ tool: 'chronyc', ok: true }])
    t.equal(synchronised.name, 'chrony')

    await server.stop()
    const alone = await when(read, 'on its own', one => one.facts.source?.kind === 'own')
    t.same(alone.facts, {
      running: true,
      leap: 0,
      stratum: 10,
      synchronized: false,
      synchronizedSinceBoot: true,
      source: { actual: 'local clock', kind: 'own', configured: '127.0.0.1' },
    })
  },
)

void t.test(
  'a chronyd that lost its server says Normal on, and nothing keeps its clock',
  async t => {
    if (skipUnless(t, 'chronyd', 'chronyc')) return
    const server = await startChronyd(t)
    const { chronyc } = await startChronyClient(t, { servers: [server] })
    const read = await reader(t, 'chronyd', { chronyc })
    await when(read, 'synchronised', one => one.facts.synchronized)
    await server.stop()
    const { facts } = await when(read, 'out of reach', one => one.facts.synchronized === false)
    t.match(facts, { leap: 0, synchronizedSinceBoot: true })
    t.ok(isRecent(facts.lastSyncTimestamp))
  },
)

void t.test('a chronyd whose server does not answer has never synchronised', async t => {
  if (skipUnless(t, 'chronyd', 'chronyc')) return
  const { chronyc } = await startChronyClient(t, {
    servers: [{ address: '127.0.0.1', port: await freeUdpPort() }],
  })
  const read = await reader(t, 'chronyd', { chronyc })
  t.same((await read()).facts, {
    running: true,
    leap: 3,
    stratum: 0,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { configured: '127.0.0.1' },
  })
})

void t.test('a chronyd on its own clock has never synchronised, though it serves time', async t => {
  if (skipUnless(t, 'chronyd', 'chronyc')) return
  const directives = ['local stratum 8', 'server nosuch.invalid iburst']
  const { chronyc } = await startChronyClient(t, { directives })
  const read = await reader(t, 'chronyd', { chronyc })
  const { facts } = await when(read, 'own clock', one => one.facts.source?.kind === 'own')
  t.same(facts, {
    running: true,
    leap: 0,
    stratum: 8,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { actual: 'local clock', kind: 'own' },
  })
})

void t.test('two servers that contradict each other leave what was known of before', async t => {
  if (skipUnless(t, 'chronyd', 'chronyc', 'libfaketime')) return
  const right = await startChronyd(t)
  const other = await startChronyd(t, { address: '127.0.0.2', steppable: true })
  const { chronyc } = await startChronyClient(t, { servers: [right, other] })
  const read = await reader(t, 'chronyd', { chronyc })
  await when(read, 'synchronised', one => one.facts.synchronized)
  await other.step('+90')
  const { facts } = await when(read, 'no majority', one => one.facts.leap === 3)
  t.same(facts, {
    running: true,
    leap: 3,
    stratum: 0,
    synchronized: false,
    synchronizedSinceBoot: true,
    source: { configured: '127.0.0.1 127.0.0.2' },
  })
})

void t.test('a chronyd that was stopped does not answer, and does not run', async t => {
  if (skipUnless(t, 'chronyd', 'chronyc')) return
  const client = await startChronyClient(t)
  await client.stop()
  const { chronyc } = client
  const running = await (await reader(t, 'chronyd', { chronyc }))()
  t.same(running.facts, { running: true })
  t.match(running.tools, [{ tool: 'chronyc', ok: false, reason: 'no_answer' }])

  const stopped = await (await reader(t, 'cron', { chronyc }))()
  t.same(stopped, {
    name: 'chrony',
    facts: { running: false },
    tools: [{ tool: 'chronyc', ok: true }],
  })
})

void t.test('an ntpd that may not set the clock has a source, and is not synchronised', async t => {
  if (skipUnless(t, 'ntpd', 'ntpq', 'chronyd', 'openssl')) return
  const why = await whyNoNtpd()
  if (why !== undefined) return t.pass(why, { skip: true })
  const { directive } = await startNtsServer(t)
  await startNtpd(t, [directive])
  const read = await reader(t, 'ntpd', { ntpq: ['-4'] })
  const followed = await when(read, 'a source', one => one.facts.source?.actual)
  t.same(followed, {
    name: 'ntpd',
    facts: {
      running: true,
      leap: 3,
      stratum: 4,
      synchronized: false,
      source: { actual: '127.0.0.8', kind: 'external', configured: '127.0.0.8' },
    },
    tools: [{ tool: 'ntpq', ok: true }],
  })
})

void t.test('an ntpd without a server has never synchronised', async t => {
  if (skipUnless(t, 'ntpd', 'ntpq')) return
  const why = await whyNoNtpd()
  if (why !== undefined) return t.pass(why, { skip: true })
  await startNtpd(t, [])
  const read = await reader(t, 'ntpd', { ntpq: ['-4'] })
  const { facts } = await when(read, 'an answer', one => one.facts.leap !== undefined)
  t.same(facts, {
    running: true,
    leap: 3,
    stratum: 16,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { configured: '' },
  })
})

void t.test('an ntpd on its own clock, and one that was stopped', async t => {
  if (skipUnless(t, 'ntpd', 'ntpq')) return
  const why = await whyNoNtpd()
  if (why !== undefined) return t.pass(why, { skip: true })
  const ntpd = await startNtpd(t, ['tos orphan 5 orphanwait 1'])
  const read = await reader(t, 'ntpd', { ntpq: ['-4'] })
  const { facts } = await when(read, 'an orphan', one => one.facts.stratum === 5)
  t.same(facts, {
    running: true,
    leap: 0,
    stratum: 5,
    synchronized: false,
    synchronizedSinceBoot: false,
    source: { actual: 'local clock', kind: 'own', configured: '' },
  })
  await ntpd.stop()
  const silent = await read()
  t.same(silent.facts, { running: true })
  t.match(silent.tools, [{ tool: 'ntpq', ok: false, reason: 'no_answer' }])
})
