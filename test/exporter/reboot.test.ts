import { execFile, execFileSync } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { uptime } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { startChronyClient } from '../peers/chrony-client.js'
import { startChronyd } from '../peers/chronyd.js'
import { shiftedEnv } from '../peers/faketime.js'
import { asOneFile } from '../peers/ntpd.js'
import { skipUnless } from '../peers/peer.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type Metrics, at, startExporter } from './exporter.js'

const LABELS = { pool: 'edgepool1', server: 'edge02' }
/** Longer than all of this takes: what is told, the first round told. */
const INTERVAL_SECONDS = 600
const ntp = (metrics: Metrics, name: string): number | undefined =>
  metrics.value(`edgeclock_ntp_${name}`, LABELS)
const boot = (metrics: Metrics): number | undefined =>
  metrics.value('edgeclock_server_boot_timestamp_seconds', LABELS)

/** What `systemctl show` says of chrony.service, in a file that the test may change. */
const unit = (state: Readonly<Record<string, string>>): string =>
  Object.entries({ Id: 'chrony.service', LoadState: 'loaded', ...state })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('')

/**
 * A folder for the PATH: systemd is played by a script, since none runs here, and chronyc is the real one,
 * which asks the real chronyd at its socket.
 */
const installTools = async (scope: Scope, chronyc: readonly string[]) => {
  const folder = join(await temporaryFolder(scope, 'tools'), 'bin')
  await mkdir(folder)
  const script = async (name: string, lines: string): Promise<void> => {
    await writeFile(join(folder, name), `#!/bin/sh\n${lines}\n`)
    await chmod(join(folder, name), 0o755)
  }
  const says = join(folder, 'units')
  const runs = join(folder, 'runs')
  await script('systemctl', `echo run >> '${runs}'\nexec cat '${says}'`)
  await script('chronyc', `exec ${chronyc.map(word => `'${word}'`).join(' ')} "$@"`)
  return {
    path: `${folder}${delimiter}${process.env['PATH'] ?? ''}`,
    systemd: (state: Readonly<Record<string, string>>) => writeFile(says, unit(state)),
    rounds: async () => (await readFile(runs, 'utf8').catch(() => '')).split('run').length - 1,
  }
}

const isSynchronised = async ([file, ...args]: readonly [
  string,
  ...string[],
]): Promise<boolean> => {
  const { stdout } = await promisify(execFile)(file, [...args, '-c', 'tracking'])
  return stdout.trim().endsWith(',Normal')
}

/** Runs a program as if the machine had just started: in a time namespace, which sets no clock. */
const justBooted = [
  'unshare',
  '--time',
  `--boottime=${60 - Math.floor(uptime())}`,
  '--fork',
] as const
const canRewindBoot = (): boolean => {
  try {
    execFileSync(justBooted[0], [...justBooted.slice(1), 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

void t.test('a reboot after which the time service does not come back', async t => {
  if (skipUnless(t, 'chronyd', 'chronyc', 'libfaketime')) return
  const reference = await startChronyd(t)
  const service = await startChronyClient(t, { servers: [reference] })
  const chronyc = [await asOneFile(t, 'chronyc'), ...service.chronyc] as const
  await until(() => isSynchronised(chronyc), { what: 'chronyd to be synchronised' })
  const tools = await installTools(t, chronyc)
  const config = {
    reference: { servers: [at(reference)], interval: '1s', timeout: '900ms' },
    host: { pool: LABELS.pool, name: LABELS.server, interval: `${INTERVAL_SECONDS}s` },
  }
  const run = (env: Record<string, string>, via: readonly string[] = []) =>
    startExporter(t, config, { env: { ...env, PATH: tools.path }, via })
  const known = (metrics: Metrics): boolean =>
    boot(metrics) !== undefined && ntp(metrics, 'service_running') !== undefined

  await tools.systemd({
    ActiveState: 'active',
    UnitFileState: 'enabled',
    ActiveEnterTimestampMonotonic: '5000000',
  })
  const before = await run({})
  const metrics = await until(
    async () => {
      const page = await before.metrics()
      return known(page) && ntp(page, 'synchronized_since_boot') === 1 ? page : undefined
    },
    { what: 'the time service on /metrics' },
  )
  t.equal(ntp(metrics, 'service_running'), 1)
  t.equal(ntp(metrics, 'synchronized'), 1)
  t.equal(ntp(metrics, 'service_survives_reboot'), 1, 'as far as systemd is asked')
  t.ok(Math.abs(metrics.value('edgeclock_host_clock_offset_seconds') ?? 1) < 0.1)
  const bootBefore = boot(metrics) ?? 0

  await service.stop()
  process.kill(before.pid, 'SIGKILL')
  await before.exited
  await tools.systemd({
    ActiveState: 'failed',
    UnitFileState: 'enabled',
    ActiveEnterTimestampMonotonic: '0',
  })
  const rewound = canRewindBoot()
  const roundsBefore = await tools.rounds()
  const after = await run(shiftedEnv('-6h'), rewound ? justBooted : [])
  const signs = await until(
    async () => {
      const page = await after.metrics()
      const offset = page.value('edgeclock_host_clock_offset_seconds')
      return known(page) && offset !== undefined ? page : undefined
    },
    { what: 'the signs on /metrics' },
  )
  t.equal((await tools.rounds()) - roundsBefore, 1, 'within one interval: at its beginning')
  t.equal(ntp(signs, 'synchronized_since_boot'), 0, 'never synchronised since boot')
  t.equal(ntp(signs, 'service_running'), 0, 'the time service does not run')
  const off = signs.value('edgeclock_host_clock_offset_seconds') ?? 0
  t.ok(Math.abs(off + 21_600) < 0.1, `six hours behind: ${off}`)
  t.equal(ntp(signs, 'stratum'), undefined, 'what a stopped service would say is not told')
  const jumped = (boot(signs) ?? 0) - bootBefore
  if (rewound) t.ok(jumped > 60, `the machine started anew: ${jumped} s later`)
  else t.pass('no time namespace can be had here', { skip: true })
})
