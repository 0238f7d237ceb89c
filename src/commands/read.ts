import { ClockSide } from '../clockside/clock-side.js'
import { offsetOf } from '../clockside/report.js'
import type { OneReading } from '../clockside/snapshot.js'
import { type Config, moduleNamed, parseConfig } from '../config/config.js'
import { parseEndpoint } from '../config/endpoint.js'
import { loadConfig } from '../config/load.js'
import type { Module } from '../config/modules.js'
import { formatProblem } from '../config/problem.js'
import { nodePlatform } from '../net/node-platform.js'
import { type Flags, type Parsed, misuse, parseFlags, secondsOf } from './options.js'
import { agedReading, readBurst } from '../probers/burst.js'
import { openProbe } from '../probers/table.js'
import {
  type ReadFormat,
  type Verdict,
  formatReading,
  readFormats,
  verdictOf,
} from './read-format.js'
import { readWall } from '../time/tick.js'
import { elapsed, seconds, toSeconds } from '../time/units.js'

export const readFlags = {
  module: {
    value: 'string',
    default: 'ntp',
    help: 'how to read it: a module of the configuration',
  },
  reference: {
    value: 'string',
    repeatable: true,
    help: "a trusted NTP server, HOST[:PORT]; without any, this host's own clock is trusted",
  },
  'config.file': { value: 'string', help: 'where modules and reference servers may come from' },
  format: { value: 'string', default: 'text', choices: readFormats, help: 'of the answer' },
  warning: { value: 'string', default: '5', help: 'seconds; exit 1 when surely that far off' },
  critical: { value: 'string', default: '60', help: 'seconds; exit 2 when surely that far off' },
} as const satisfies Flags

interface Question {
  readonly target: string
  readonly host: string
  readonly module: Module
  /** Undefined: against this host's own clock. */
  readonly config: Config | undefined
}

/** `edgeclock read`: one clock, now. Exit codes as monitoring plugins have them. */
export const read = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, readFlags)
  if (!flags.ok) return unreadable(flags.why)
  const { value } = flags
  const warning = secondsOf(value.text('warning'))
  const critical = secondsOf(value.text('critical'))
  if (warning === undefined || critical === undefined || critical < warning) {
    return unreadable('--warning and --critical are seconds, the first not above the second')
  }
  const limits = { warning, critical }
  const [target, ...more] = value.positionals
  if (target === undefined || more.length > 0) return unreadable('read takes one HOST[:PORT]')
  const configured = await configOf(value.given('config.file'), value.list('reference'))
  if (!configured.ok) return unreadable(configured.why)
  const question = questionOf(target, value.text('module'), configured.value)
  if (!question.ok) return unreadable(question.why)
  const reading = await ask(question.value)
  const verdict = verdictOf(reading, limits)
  const format = value.text('format') as ReadFormat
  const against = question.value.config ? 'reference' : 'host'
  const context = { target, module: question.value.module.name, against, limits } as const
  process.stdout.write(`${formatReading[format](reading, verdict, context)}\n`)
  return exitCodes[verdict]
}

const exitCodes: { readonly [V in Verdict]: number } = {
  ok: 0,
  warning: 1,
  critical: 2,
  unknown: 3,
}

/** A plugin that cannot run at all answers UNKNOWN, not CRITICAL: nothing is known of the clock. */
const unreadable = (why: string): number => {
  misuse(why)
  return exitCodes.unknown
}

const noConfig = 'reference: {servers: [127.0.0.1]}'
const REFERENCE = { interval: '1s', timeout: '1s' }

/** The configuration to read by; --reference goes before its reference servers. */
const configOf = async (
  file: string | undefined,
  references: readonly string[],
): Promise<Parsed<{ readonly config: Config; readonly referenced: boolean }>> => {
  const loaded = file === undefined ? parseConfig(noConfig) : await loadConfig(file)
  if (!loaded.ok) {
    return { ok: false, why: loaded.problems.map(p => formatProblem(p, file ?? '')).join('\n') }
  }
  if (references.length === 0) {
    return { ok: true, value: { config: loaded.config, referenced: file !== undefined } }
  }
  const given = parseConfig(JSON.stringify({ reference: { servers: references, ...REFERENCE } }))
  if (!given.ok) {
    return { ok: false, why: given.problems.map(p => `--reference: ${p.message}`).join('\n') }
  }
  const config = { ...loaded.config, reference: given.config.reference }
  return { ok: true, value: { config, referenced: true } }
}

const questionOf = (
  target: string,
  moduleName: string,
  { config, referenced }: { readonly config: Config; readonly referenced: boolean },
): Parsed<Question> => {
  const module = moduleNamed(config, moduleName)
  if (!module) {
    const known = Object.keys(config.modules).join(', ')
    return { ok: false, why: `there is no module ${moduleName}; known: ${known}` }
  }
  const parsed = parseEndpoint(target)
  if (!parsed.ok) return { ok: false, why: `${target}: ${parsed.detail}` }
  const { host, port = module.port } = parsed.endpoint
  const value = {
    target,
    host,
    module: { ...module, port },
    config: referenced ? config : undefined,
  }
  return { ok: true, value }
}

/** As many as `iburst` of ntpd; the first ones wake both machines up, the later ones are quick. */
const BURST = 8

const ask = (question: Question): Promise<OneReading> =>
  question.config ? againstReference(question, question.config) : againstHost(question)

/** Longer than a burst at the interval above; reference servers that are silent by then do without. */
const REFERENCE_PATIENCE = seconds(3)

const againstReference = async (
  { host, module }: Question,
  config: Config,
): Promise<OneReading> => {
  const platform = nodePlatform()
  const reference = { ...config.reference, interval: seconds(1) }
  const side = new ClockSide(platform, () => undefined, { ...config, reference, pools: [] })
  const patience = new Promise<void>(resolve => platform.timers.after(REFERENCE_PATIENCE, resolve))
  await Promise.race([side.settled(), patience])
  const reading = await side.probe({ host, module, timeout: module.timeout, burst: BURST })
  side.stop()
  return reading
}

const againstHost = async ({ host, module }: Question): Promise<OneReading> => {
  const platform = nodePlatform()
  const { clock } = platform
  const session = openProbe(platform, { host, module })
  const started = clock.mono()
  const result = await readBurst(session, BURST, new AbortController().signal)
  session.close()
  const duration = toSeconds(elapsed(started, clock.mono()))
  if (!result.ok) return { ...result, duration }
  const { rtt, facts: service } = result
  const { at, offset } = readWall(clock)
  const told = offsetOf(agedReading(result, at), offset)
  return { ok: true, duration, rtt: toSeconds(rtt), service, ...told }
}
