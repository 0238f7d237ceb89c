import { judged } from '../clockside/one-reading.js'
import type { OneReading } from '../clockside/snapshot.js'
import { type Config, moduleNamed } from '../config/config.js'
import { parseEndpoint } from '../config/endpoint.js'
import type { Module } from '../config/modules.js'
import { withDeadline } from '../net/deadline.js'
import { nodePlatform } from '../net/node-platform.js'
import { exitCodes, limitFlags, limitsOf, unreadable } from './limits.js'
import { type Flags, type Parsed, parseFlags } from './options.js'
import { readBurst } from '../probers/burst.js'
import { openProbe } from '../probers/table.js'
import { type ReadFormat, formatReading, readFormats, verdictOf } from './read-format.js'
import { type Referenced, referencedConfig, settledClockSide } from './references.js'
import { readWall } from '../time/tick.js'
import { type DurationNs, durationNs, elapsed, toSeconds } from '../time/units.js'

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
  ...limitFlags,
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
  const limits = limitsOf(value)
  if (!limits.ok) return unreadable(limits.why)
  const [target, ...more] = value.positionals
  if (target === undefined || more.length > 0) return unreadable('read takes one HOST[:PORT]')
  const configured = await referencedConfig(value.given('config.file'), value.list('reference'))
  if (!configured.ok) return unreadable(configured.why)
  const question = questionOf(target, value.text('module'), configured.value)
  if (!question.ok) return unreadable(question.why)
  const reading = await ask(question.value)
  const verdict = verdictOf(reading, limits.value)
  const format = value.text('format') as ReadFormat
  const against = question.value.config ? 'reference' : 'host'
  const context = {
    target,
    module: question.value.module.name,
    against,
    limits: limits.value,
  } as const
  process.stdout.write(`${formatReading[format](reading, verdict, context)}\n`)
  return exitCodes[verdict]
}

const questionOf = (
  target: string,
  moduleName: string,
  { config, referenced }: Referenced,
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
const NTP_BURST = 8
/** Each leaves connections, and perhaps lines in a log, on the server. One that aims needs two or three. */
const BURST = 3

const burstOf = ({ kind }: Module): number => (kind === 'ntp' ? NTP_BURST : BURST)

const ask = (question: Question): Promise<OneReading> =>
  question.config ? againstReference(question, question.config) : againstHost(question)

/** For all readings of a burst together: one that aims takes a few. */
const burstTimeout = ({ timeout }: Module): DurationNs => durationNs(3n * timeout)

const againstReference = async (
  { host, module }: Question,
  config: Config,
): Promise<OneReading> => {
  const side = await settledClockSide(nodePlatform(), config)
  const timeout = burstTimeout(module)
  const reading = await side.probe({ host, module, timeout, burst: burstOf(module) })
  side.stop()
  return reading
}

const againstHost = async ({ host, module }: Question): Promise<OneReading> => {
  const platform = nodePlatform()
  const { clock, timers } = platform
  const session = openProbe(platform, { host, module })
  const started = clock.mono()
  const result = await withDeadline(timers, burstTimeout(module), undefined, signal =>
    readBurst(session, burstOf(module), signal),
  )
  session.close()
  const duration = toSeconds(elapsed(started, clock.mono()))
  const { at, offset } = readWall(clock)
  return judged(result, offset, at, duration)
}
