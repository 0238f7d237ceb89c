import { readdir } from 'node:fs/promises'
import t from 'tap'
import { CLI, Metrics } from '../exporter/exporter.js'
import { startProcess } from '../peers/process.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { edgeclock } from './run.js'

const EVENT = { server: 'edge02', event_id: '14619' }
const SKEW = { sip_code: '429', diagnostic: '1020', cause: 'clock_skew' }

// One demo for all: the tests below are its course.
const FLAGS = ['--monitoring=never', '--reboot-after=12s', '--repair-after=never']
const opened = /Open (http:\S+)/
const folder = await temporaryFolder(t, 'demo')
const demo = await startProcess(t, {
  name: 'edgeclock demo',
  command: process.execPath,
  args: [CLI, 'demo', '--web.listen-address=127.0.0.1:0', ...FLAGS],
  env: { TMPDIR: folder, TEMP: folder },
  ready: output => opened.test(output),
})
const url = opened.exec(demo.output())?.[1] ?? ''
const metrics = async () => new Metrics(await (await fetch(`${url}/metrics`)).text())
const offsetOf = (page: Metrics, server: string) =>
  page.value('edgeclock_clock_offset_seconds', { server })
const callFailures = (page: Metrics, labels = {}) =>
  page
    .all('edgeclock_um_call_failures_total')
    .filter(one => Object.entries(labels).every(([name, value]) => one.labels[name] === value))
    .reduce((sum, { value }) => sum + value, 0)

const ofService = (page: Metrics, what: string) =>
  page.value(`edgeclock_ntp_service_${what}`, { pool: 'edgepool1', server: 'edge02' })

void t.test('the demo begins with clocks that are right and voicemail that answers', async t => {
  t.match(demo.output(), /edgeclock_um_call_failures_total on \/metrics/)
  const answered = { pool: 'edgepool1', outcome: 'answered' }
  const page = await until(
    async () => {
      const page = await metrics()
      const seen = (page.value('edgeclock_um_calls_total', answered) ?? 0) > 0
      return seen && offsetOf(page, 'edge02') !== undefined && page
    },
    { what: 'edge02 to be read, and a voicemail call to be answered' },
  )
  t.ok(Math.abs(offsetOf(page, 'edge02') ?? 1) < 0.1, 'right before its reboot')
  t.equal(callFailures(page), 0)
  t.match(await readdir(folder), [/^edgeclock-/])
  t.equal(ofService(page, 'survives_reboot'), 0, 'what will go wrong is known beforehand')
  t.equal(page.value('edgeclock_ntp_synchronized_since_boot'), 1)
})

void t.test('the demo shows the incident: edge02 reboots and is six hours behind', async t => {
  const after = await until(
    async () => {
      const page = await metrics()
      return (offsetOf(page, 'edge02') ?? 0) < -21_000 && page
    },
    { what: 'edge02 to be six hours behind', timeoutMs: 60_000 },
  )
  t.equal(after.value('edgeclock_ntp_synchronized', { server: 'edge02' }), 0)
  t.equal(after.value('edgeclock_clock_steps_total', { server: 'edge02' }), 1)
  const timeouts = { server: 'edge02', reason: 'timeout' }
  t.ok((after.value('edgeclock_probe_failures_total', timeouts) ?? 0) > 0)
  t.ok(Math.abs(offsetOf(after, 'edge01') ?? 1) < 0.1)
  t.equal(ofService(after, 'running'), 1)
  t.equal(after.value('edgeclock_ntp_synchronized_since_boot'), 0)
  t.equal(after.value('edgeclock_ntp_source_info', { source: 'Local CMOS Clock' }), 1)
  t.equal(after.value('edgeclock_ntp_correction_possible'), 1, '6 h are less than its 15 h')
  const booted = after.value('edgeclock_server_boot_timestamp_seconds') ?? 0
  t.ok(Math.abs(booted - Date.now() / 1000) < 90)
  t.ok(Math.abs(after.value('edgeclock_host_clock_offset_seconds') ?? 1) < 1, "this machine's own")
})

void t.test('voicemail then fails for the clock of edge02, and for nothing else', async t => {
  const peers = ['fe1', 'fe2']
  const traced = (page: Metrics, peer: string) =>
    page.value('edgeclock_trace_offset_seconds', { server: 'edge02', peer }) ?? 0
  const page = await until(
    async () => {
      const page = await metrics()
      const isCompared = peers.every(peer => traced(page, peer) < -21_000)
      const isLogged = (page.value('edgeclock_windows_events_total', EVENT) ?? 0) > 0
      return callFailures(page, SKEW) > 0 && isCompared && isLogged && page
    },
    { what: 'voicemail to fail, and events, for the clock of edge02', timeoutMs: 90_000 },
  )
  t.equal(callFailures(page), callFailures(page, SKEW))
  const failed = { pool: 'edgepool1', outcome: 'failed' }
  t.equal(page.value('edgeclock_um_calls_total', failed), callFailures(page, SKEW))
  t.ok(Math.abs((offsetOf(page, 'edge02') ?? 0) + 21_600) < 1, 'what is read from outside')
  for (const peer of peers) t.ok(Math.abs(traced(page, peer) + 21_600) < 1, `against ${peer}`)
  const requests = (server: string) =>
    page.value('edgeclock_sip_failures_total', { server, ...SKEW }) ?? 0
  t.ok(requests('edge02') > 0)
  t.equal(requests('edge01'), 0)
  for (const source of ['traces', 'events']) {
    t.equal(page.value('edgeclock_call_source_malformed_total', { source }), 0)
    t.equal(page.value('edgeclock_call_source_up', { source }), 1)
  }
})

void t.test('Ctrl-C ends the demo, which leaves nothing behind', async t => {
  process.kill(demo.pid, 'SIGINT')
  t.same(await demo.exited, { code: 0, signal: null })
  t.same(await readdir(folder), [])
})

void t.test('a delay that is none is refused', async t => {
  for (const flag of ['--reboot-after=soon', '--repair-after=soon', '--monitoring=perhaps']) {
    const { code, stderr } = await edgeclock('demo', flag)
    t.equal(code, 2)
    t.match(stderr, flag.slice(0, flag.indexOf('=')))
  }
})

void t.test('a delay that no timer can wait for is refused, not made none', async t => {
  for (const flags of [
    ['--reboot-after=40d'],
    ['--repair-after=25d'],
    ['--reboot-after=10d', '--repair-after=11d'],
  ]) {
    const { code, stderr } = await edgeclock('demo', '--monitoring=never', ...flags)
    t.equal(code, 2, flags.join(' '))
    t.match(stderr, '--reboot-after and --repair-after are at most 20d together')
  }
})

void t.test('a word that is no flag is refused', async t => {
  const { code, stderr } = await edgeclock('demo', 'extra')
  t.equal(code, 2)
  t.match(stderr, 'demo takes flags only, and no extra')
})
