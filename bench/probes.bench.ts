import { fileURLToPath } from 'node:url'
import { type Blackbox, startBlackbox } from '../test/peers/blackbox.js'
import { startChronyd } from '../test/peers/chronyd.js'
import { freeTcpPort } from '../test/peers/ports.js'
import { startProcess } from '../test/peers/process.js'
import { openScope, temporaryFolder } from '../test/peers/scope.js'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Kind,
  KINDS,
  MODULES,
  PROBE_AT_ONCE,
  poolConfig,
  startServers,
} from './probes-kinds.js'
import { type Exporter, type Spent, ask, idleCpu, load, pause } from './probes-load.js'
import { type Scheduled, startSchedule } from './probes-pools.js'
import { HEAD, type Rates, median, printed, ratesOf, verdict } from './probes-rates.js'

/**
 * What a processor second is worth in readings: ours from the pools' schedule and through /probe, beside
 * Prometheus' blackbox_exporter at the same servers, in turns. Only the probing process's time counts; servers
 * and whoever asks are processes of their own. `npm run bench -- probes [tls|http|ntp]`. Exits with 1
 * where readings fail; an aim that was not reached is told.
 */
const ROUNDS = 3
const BLACKBOX_SECONDS = 2
const BLACKBOX_AT_ONCE = 8
const PROBE_SECONDS = 4
const IDLE_SECONDS = 2
const FAILED_SHARE = 0.01

const CLI = fileURLToPath(new URL('../dist/cli.js', import.meta.url))
const scope = openScope()
const say = (line: string): void => void process.stdout.write(`${line}\n`)

interface Sides {
  readonly ours: () => Promise<Spent>
  readonly blackbox: () => Promise<Spent>
}

/** In turns, so that what else the machine does is the same for both. */
const compared = async ({ ours, blackbox }: Sides): Promise<readonly [Rates, Rates]> => {
  const rounds: [Rates, Rates][] = []
  for (let i = 0; i < ROUNDS; i++) {
    const our = ratesOf(await ours())
    rounds.push([our, ratesOf(await blackbox())])
  }
  return [median(rounds.map(([our]) => our)), median(rounds.map(([, other]) => other))]
}

const checkFailed = (what: string, failed: number, all: number): void => {
  if (failed > FAILED_SHARE * all) throw new Error(`${what}: ${failed} of ${all} failed`)
}

const fromSchedule = async (
  kind: Kind,
  ports: readonly number[],
  reference: string,
  blackbox: () => Promise<Spent>,
) => {
  const empty = await startSchedule(scope, poolConfig(reference, kind, ports, 0))
  await pause(1)
  const { cpuSeconds } = await empty.spent(IDLE_SECONDS)
  await empty.stop()
  const pools = await startSchedule(scope, poolConfig(reference, kind, ports, kind.servers))
  await pause(kind.warmUpSeconds)
  const still = async (): Promise<Spent> => {
    pools.stand(true)
    try {
      return await blackbox()
    } finally {
      pools.stand(false)
      // What fell due meanwhile is read at once, and then the usual order returns.
      await pause(kind.intervalSeconds)
    }
  }
  const seconds = Math.ceil(4 / kind.intervalSeconds) * kind.intervalSeconds
  const ours = () => pools.spent(seconds, cpuSeconds / IDLE_SECONDS)
  const rates = await compared({ ours, blackbox: still })
  await tellWidths(kind, pools)
  await pools.stop()
  return rates
}

const tellWidths = async ({ prober, servers }: Kind, pools: Scheduled): Promise<void> => {
  const { good, errors, failures } = await pools.tell()
  const [half, most] = [0.5, 0.95].map(
    share => (errors[Math.floor(share * errors.length)] ?? 0) * 1e3,
  )
  say(
    `  (${prober}: ${good} of ${servers} servers read, half-widths ${half?.toFixed(2)} ms in the median, ` +
      `${most?.toFixed(2)} ms at 95 %; failures ${JSON.stringify(failures)})`,
  )
}

const startEdgeclock = async (reference: string, kind: Kind): Promise<Exporter> => {
  const address = '127.0.0.1'
  const port = await freeTcpPort(address)
  const file = join(await temporaryFolder(scope, 'bench'), 'edgeclock.yml')
  const probe = { allow: ['127.0.0.0/8'] }
  const { pools: _, ...config } = poolConfig(reference, kind, [], 0)
  await writeFile(file, JSON.stringify({ ...config, probe }))
  const exporter = { address, port }
  const { pid } = await startProcess(scope, {
    name: 'edgeclock',
    command: process.execPath,
    args: [
      CLI,
      `--config.file=${file}`,
      `--web.listen-address=${address}:${port}`,
      '--log.level=error',
    ],
    ready: async () => {
      const page = await ask({ ...exporter, pid: 0 }, '/metrics')
      return /^edgeclock_reference_synchronized 1$/m.test(page)
    },
  })
  return { ...exporter, pid }
}

/** Of a debug page: how many requests the reading took. */
const requestsOf = (page: string): number =>
  Math.max(1, ...[...page.matchAll(/\brequest (\d+):/g)].map(([, count]) => Number(count)))

const throughProbe = async (
  kind: Kind,
  ports: readonly number[],
  reference: string,
  blackbox: () => Promise<Spent>,
) => {
  const exporter = await startEdgeclock(reference, kind)
  // Each asks with a module of its own, so that a session is kept for it.
  const paths = Array.from({ length: PROBE_AT_ONCE }, (_, i) => {
    const target = `127.0.0.1:${ports[i % ports.length]}`
    return `/probe?module=${MODULES[i]}&target=${encodeURIComponent(target)}`
  })
  const idle = await idleCpu(exporter, IDLE_SECONDS)
  await load({ exporter, paths, seconds: kind.warmUpSeconds / 2 })
  const pages = await Promise.all(paths.map(path => ask(exporter, `${path}&debug=true`)))
  const requests = pages.map(requestsOf).reduce((sum, count) => sum + count, 0) / pages.length
  const ours = async (): Promise<Spent> => {
    const spent = await load({ exporter, paths, seconds: PROBE_SECONDS }, idle)
    checkFailed('our /probe', spent.failed, spent.readings)
    return { ...spent, exchanges: spent.readings * requests }
  }
  return compared({ ours, blackbox })
}

const benchKind = async (kind: Kind, blackbox: Blackbox): Promise<void> => {
  const { port } = await startChronyd(scope)
  const reference = `127.0.0.1:${port}`
  const ports = await startServers(scope, kind)
  // NTP has no TCP port: blackbox tries its own.
  const target = `127.0.0.1:${kind.prober === 'ntp' ? blackbox.port : ports[0]}`
  const path = blackbox.path(kind.blackbox, target)
  const paths = Array.from({ length: BLACKBOX_AT_ONCE }, () => path)
  const other = async (): Promise<Spent> => {
    const spent = await load({ exporter: blackbox, paths, seconds: BLACKBOX_SECONDS })
    checkFailed('blackbox', spent.failed, spent.readings)
    return spent
  }
  await other()
  const [scheduled, beside] = await fromSchedule(kind, ports, reference, other)
  say(printed(`${kind.prober}, from the schedule`, scheduled, beside))
  const [probed, besideThat] = await throughProbe(kind, ports, reference, other)
  say(printed(`${kind.prober}, through /probe`, probed, besideThat))
  say(printed(`blackbox ${kind.blackbox}`, median([beside, besideThat])))
  if (!kind.aims) return
  say(verdict(`${kind.prober} from the schedule`, scheduled, beside, kind.aims.schedule))
  say(verdict(`${kind.prober} through /probe`, probed, besideThat, kind.aims.probe))
}

try {
  const [only] = process.argv.slice(2)
  const blackbox = await startBlackbox(scope)
  say(`\nA processor second of the probing process, median of ${ROUNDS} rounds in turns.\n${HEAD}`)
  for (const kind of KINDS) {
    if (only === undefined || only === kind.prober) await benchKind(kind, blackbox)
  }
} finally {
  await scope.close()
}
