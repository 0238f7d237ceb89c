import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from '../calls/follow/system-error.js'
import { parseConfig } from '../config/config.js'
import { parseDuration } from '../config/duration.js'
import { type Course, backAt } from '../demo/reboot.js'
import { trueTimeOf } from '../demo/simulated-server.js'
import { nodeClock } from '../net/node-platform.js'
import { describeDuration } from '../text.js'
import { type DurationNs, type UnixNs, seconds, toSeconds, unixNs } from '../time/units.js'
import { SimulatedHost } from './demo-host.js'
import { startMonitoring } from './demo-monitoring.js'
import { beginIncident, startPool } from './demo-pool.js'
import type { RunningProgram } from './demo-program.js'
import { type Flags, type Parsed, type Values, misuse, parseFlags } from './options.js'
import { type RunSettings, runExporter, runFlags, runSettings } from './run.js'

export const demoFlags = {
  'reboot-after': { value: 'string', default: '1m', help: 'when edge02 goes down for its reboot' },
  'repair-after': {
    value: 'string',
    default: '4m',
    help: 'how long after that its clock is repaired; never leaves it as it is',
  },
  monitoring: {
    value: 'string',
    default: 'auto',
    choices: ['auto', 'never'],
    help: 'auto runs the shipped rules too, by Prometheus and Alertmanager, where they are installed',
  },
  ...runFlags,
  'web.listen-address': { ...runFlags['web.listen-address'], default: '127.0.0.1:10429' },
} as const satisfies Flags

const FAILED = 1

/** `edgeclock demo`: the incident, on loopback, watched by the real exporter. */
export const demo = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, demoFlags)
  if (!flags.ok) return misuse(flags.why)
  const [surplus] = flags.value.positionals
  if (surplus !== undefined) return misuse(`demo takes flags only, and no ${surplus}`)
  const settings = runSettings(flags.value)
  if (!settings.ok) return misuse(settings.why)
  const delays = delaysOf(flags.value)
  if (!delays.ok) return misuse(delays.why)
  const folder = temporaryFolder()
  if (!folder.ok) return fail(`the demo needs a temporary folder: ${folder.why}`)

  const now = trueTimeOf(nodeClock)
  const course = courseOf(delays.value, now())
  const pool = { course, now, folder: folder.value, tell }
  let monitoring: Promise<RunningProgram> | undefined
  const code = await runExporter(
    exporterOptions(settings.value, await startPool(pool), new SimulatedHost(course, now)),
    urls => {
      greet(urls, delays.value)
      beginIncident(pool)
      if (flags.value.text('monitoring') === 'never') return
      monitoring = startMonitoring({ folder: folder.value, exporter: addressOf(urls), tell })
    },
  )
  await (await monitoring)?.stop()
  return code
}

const exporterOptions = (settings: RunSettings, text: string, host: SimulatedHost) => {
  const parsed = parseConfig(text)
  if (!parsed.ok)
    throw new Error(`the demo's own configuration: ${JSON.stringify(parsed.problems)}`)
  return {
    ...settings,
    config: parsed.config,
    configName: 'demo',
    loadConfig: async () => parseConfig(text),
    web: undefined,
    telemetryPath: '/metrics',
    timeoutOffset: 0.5,
    host,
  }
}

interface Delays {
  readonly reboot: DurationNs
  /** From the end of the reboot; undefined: never. */
  readonly repair: DurationNs | undefined
}

/** Timers of Node go to 24.8 days, and one that is longer goes off at once. */
const LONGEST_DAYS = 20
const LONGEST = seconds(LONGEST_DAYS * 86_400)

const delaysOf = (values: Values): Parsed<Delays> => {
  const reboot = parseDuration(values.text('reboot-after'))
  if (reboot === undefined) return { ok: false, why: '--reboot-after is a duration such as 1m' }
  const repairText = values.text('repair-after')
  const repair = repairText === 'never' ? 'never' : parseDuration(repairText)
  if (repair === undefined) return { ok: false, why: '--repair-after is never, or such as 4m' }
  const whole = repair === 'never' ? reboot : reboot + repair
  if (whole > LONGEST) {
    const why = `--reboot-after and --repair-after are at most ${LONGEST_DAYS}d together`
    return { ok: false, why }
  }
  return { ok: true, value: { reboot, repair: repair === 'never' ? undefined : repair } }
}

const courseOf = ({ reboot, repair }: Delays, now: UnixNs): Course => {
  const down = unixNs(now + reboot)
  const back = backAt({ down, repair: undefined })
  return { down, repair: repair === undefined ? undefined : unixNs(back + repair) }
}

const greet = (urls: readonly string[], { reboot, repair }: Delays): void => {
  const ends =
    repair === undefined
      ? 'and is not repaired'
      : `and ${describeDuration(toSeconds(repair))} later it is repaired`
  tell(`A simulated Edge pool is being watched. Open ${urls.join(' or ')}`)
  tell(`In ${describeDuration(toSeconds(reboot))} edge02 reboots, ${ends}. Ctrl-C ends the demo.`)
  tell(
    'Its time service (Windows), its calls and its events are simulated too. /metrics knows beforehand: ' +
      'edgeclock_ntp_service_survives_reboot is 0; after the reboot see edgeclock_um_call_failures_total on /metrics.',
  )
}

/** Gone with the process, however it ends, unless it is killed. Its name is short: a socket is made in it. */
const temporaryFolder = (): Parsed<string> => {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'edgeclock-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
    return { ok: true, value: folder }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { ok: false, why: error.message }
  }
}

/** Where Prometheus, on the same machine, asks us. An address that means all of them answers on loopback. */
const addressOf = ([url = '']: readonly string[]): string =>
  new URL(url).host.replace(/^(?:\[::\]|0\.0\.0\.0)(?=:)/, '127.0.0.1')

const fail = (why: string): number => {
  process.stderr.write(`edgeclock: ${why}\n`)
  return FAILED
}

const tell = (line: string): void => void process.stdout.write(`${line}\n`)
