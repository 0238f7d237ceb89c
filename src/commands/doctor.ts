import { isIP } from 'node:net'
import { basename } from 'node:path'
import type { HostSnapshot, ReferenceServerSnapshot } from '../clockside/snapshot.js'
import type { Config } from '../config/config.js'
import { parseEndpoint } from '../config/endpoint.js'
import { bootTime } from '../host/boot.js'
import type { DoctorInput } from '../host/finding.js'
import { findings } from '../host/findings.js'
import { readHost } from '../host/read-host.js'
import type { HostReading } from '../host/reading.js'
import { judge } from '../host/report.js'
import { ROUND_TIMEOUT } from '../host/tool.js'
import { withDeadline } from '../net/deadline.js'
import { nodePlatform } from '../net/node-platform.js'
import type { Platform } from '../net/platform.js'
import { type DoctorFormat, doctorFormats, formatDiagnosis, verdictOn } from './doctor-format.js'
import { exitCodes, limitFlags, limitsOf, unreadable } from './limits.js'
import { type Flags, parseFlags } from './options.js'
import { print } from './print.js'
import { referencedConfig, settledClockSide } from './references.js'

export const doctorFlags = {
  reference: {
    value: 'string',
    repeatable: true,
    help: 'a trusted NTP server, HOST[:PORT]; without any, the servers of the time service itself',
  },
  'config.file': { value: 'string', help: 'where reference servers may come from' },
  format: { value: 'string', default: 'text', choices: doctorFormats, help: 'of the answer' },
  ...limitFlags,
} as const satisfies Flags

/**
 * `edgeclock doctor`: what is wrong with this machine's time keeping, why, and what repairs it. It only looks.
 * Exit codes as `read` has them: 0 only where the clock is surely right and nothing is wrong with what keeps it.
 */
export const doctor = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, doctorFlags)
  if (!flags.ok) return unreadable(flags.why)
  const { value } = flags
  const limits = limitsOf(value)
  if (!limits.ok) return unreadable(limits.why)
  if (value.positionals.length > 0) return unreadable('doctor takes no HOST: it looks at this one')
  const given = await referencedConfig(value.given('config.file'), value.list('reference'))
  if (!given.ok) return unreadable(given.why)
  const platform = nodePlatform()
  const told = await askTimeService(platform)
  const { config, referenced } = given.value
  const trusted = referenced ? config : await configOfOwn(told)
  const clock = trusted ? await readClock(platform, trusted) : nothingRead
  const input = inputOf(told, clock, limits.value)
  const diagnosis = { input, references: clock.references, findings: findings(input) }
  const format = value.text('format') as DoctorFormat
  await print(`${formatDiagnosis[format](diagnosis)}\n`)
  return exitCodes[verdictOn(diagnosis)]
}

const askTimeService = async ({ timers }: Platform): Promise<HostReading> => {
  const read = readHost()
  return read ? withDeadline(timers, ROUND_TIMEOUT, undefined, read) : { facts: {}, tools: [] }
}

interface ClockReading {
  readonly host: Pick<HostSnapshot, 'offset'>
  readonly references: readonly ReferenceServerSnapshot[]
}

const nothingRead: ClockReading = { host: {}, references: [] }

const readClock = async (platform: Platform, config: Config): Promise<ClockReading> => {
  const side = await settledClockSide(platform, config)
  const { host, reference } = side.snapshot()
  side.stop()
  return { host, references: reference.servers }
}

/** More would not make the answer better, and each is asked with a burst. */
const OWN_SERVERS_LIMIT = 4

const configOfOwn = async (reading: HostReading): Promise<Config | undefined> => {
  const servers = ownServers(reading)
  if (servers.length === 0) return undefined
  const parsed = await referencedConfig(undefined, servers)
  return parsed.ok ? parsed.value.config : undefined
}

/** The time service's servers, as far as they can be asked; chrony and ntpd tell receivers by name among them. */
const ownServers = ({ name, facts, settings }: HostReading): readonly string[] => {
  const { configured = '', actual = '', kind } = facts.source ?? {}
  const listed = settings ? settings.servers : configured.split(' ')
  const now = kind === 'external' ? [actual.replace(/,.*$/, '')] : []
  const isServer = (host: string): boolean =>
    name === 'w32time' || name === 'timesyncd'
      ? parseEndpoint(host).ok
      : isIP(host) !== 0 && !host.startsWith('127.127.')
  return [...new Set(listed.length > 0 ? listed : now)].filter(isServer).slice(0, OWN_SERVERS_LIMIT)
}

const systems: Readonly<Record<string, DoctorInput['system']>> = {
  win32: 'windows',
  linux: 'linux',
}

/** How to start this program again: not everyone who runs it has it on the PATH. */
export const commandOf = (script = 'edgeclock'): string => {
  if (basename(script) === 'edgeclock') return 'edgeclock'
  return `node ${/\s/.test(script) ? `"${script}"` : script}`
}

const inputOf = (
  told: HostReading,
  { host: { offset }, references }: ClockReading,
  limits: DoctorInput['limits'],
): DoctorInput => {
  const boot = bootTime()(offset)
  return {
    system: systems[process.platform] ?? 'other',
    command: commandOf(process.argv[1]),
    reading: { ...told, facts: judge(told.facts, false, boot) },
    ...(offset && { offset }),
    limits,
    bootTimestamp: boot.truly ?? boot.byWall,
    against: references.map(({ server }) => server),
  }
}
