import { readFile, readdir } from 'node:fs/promises'
import { UNIT_PROPERTIES, type UnitState, parseUnits, unitRuns } from '../protocol/systemctl.js'
import type { TimeServiceName } from '../protocol/time-service.js'
import { type Ask, trouble } from './linux-tools.js'
import type { ToolReport } from './reading.js'

export type LinuxServiceName = Exclude<TimeServiceName, 'w32time'>

/** The time service of this machine, as far as it is known before it is asked itself. */
export interface Service {
  readonly name: LinuxServiceName
  readonly unit?: UnitState
  readonly running?: boolean
}

export interface LinuxProcess {
  readonly pid: number
  readonly name: string
}

/** In the order of preference where several are there alike. Debian, Red Hat, and their older names. */
const UNITS: Readonly<Record<string, LinuxServiceName>> = {
  'chrony.service': 'chrony',
  'chronyd.service': 'chrony',
  'chronyd-restricted.service': 'chrony',
  'ntpsec.service': 'ntpd',
  'ntp.service': 'ntpd',
  'ntpd.service': 'ntpd',
  'systemd-timesyncd.service': 'timesyncd',
}

const PROCESSES: readonly (readonly [string, LinuxServiceName])[] = [
  ['chronyd', 'chrony'],
  ['ntpd', 'ntpd'],
  // Linux keeps 15 characters of a name.
  ['systemd-timesyn', 'timesyncd'],
]

/**
 * All processes that are to be seen from here, proc(5). `systeminformation` was refused for it: it puts all of
 * their numbers into one command line, which the system refuses from some thousand on, and throws where
 * nobody can catch it.
 */
export const systemProcesses = async (signal: AbortSignal): Promise<readonly LinuxProcess[]> => {
  const table: LinuxProcess[] = []
  for (const entry of await readdir('/proc')) {
    if (signal.aborted) break
    if (!/^\d{1,10}$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'latin1').catch(ended)
    const [, name, state] = /^\d+ \((.*)\) (\w)/s.exec(stat) ?? []
    if (name !== undefined && state !== 'Z') table.push({ pid: Number(entry), name })
  }
  return table
}

/** One that has ended meanwhile; whatever else may be wrong, half a table is none. */
const ended = (error: NodeJS.ErrnoException): string => {
  if (error.code === 'ENOENT' || error.code === 'ESRCH') return ''
  throw error
}

export interface FoundService {
  readonly service?: Service
  /** A daemon that runs though no unit does: in charge if it answers, as it may be another machine's, in a container. */
  readonly other?: Service
  /** All processes were seen, and none is of a time service. */
  readonly isTableWhole: boolean
  /** Of systemctl, where there is one, and of the process table, where it was asked for and not had. */
  readonly reports: readonly ToolReport[]
}

export type ReadProcesses = (signal: AbortSignal) => Promise<readonly LinuxProcess[]>

/**
 * The unit that runs, by systemd's word; else the unit that could, and the process of a daemon, as they are run by
 * other means too.
 */
export const findService = async (
  ask: Ask,
  processes: ReadProcesses,
  signal: AbortSignal,
): Promise<FoundService> => {
  const { units, report } = await askSystemd(ask)
  const reports = report ? [report] : []
  const unit = chooseUnit(units)
  if (unit?.running || signal.aborted) {
    return { ...(unit && { service: unit }), isTableWhole: false, reports }
  }
  const table = await Promise.race([processes(signal).catch(unreadable), noneAtEnd(signal)])
  const isRead = Array.isArray(table) && !signal.aborted
  const all = isRead ? table : []
  const running = PROCESSES.find(([name]) => all.some(process => process.name === name))
  const other = running && ({ name: running[1], running: true } as const)
  if (unit) return { service: unit, ...(other && { other }), isTableWhole: false, reports }
  if (other) return { service: other, isTableWhole: false, reports }
  // In a process namespace of its own its first process has this id; where others are hidden, it is too.
  const isTableWhole = all.some(({ pid }) => pid === 1)
  return { isTableWhole, reports: isRead ? reports : [...reports, processesReport(table)] }
}

/** A round that is over waits for nothing. */
const noneAtEnd = (signal: AbortSignal): Promise<readonly LinuxProcess[]> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve([]), { once: true }))

const unreadable = (error: unknown): Error => {
  if (error instanceof Error && 'syscall' in error) return error
  throw error
}

const processesReport = (table: readonly LinuxProcess[] | Error): ToolReport => ({
  tool: 'processes',
  ok: false,
  ...(table instanceof Error
    ? { reason: 'not_started', detail: table.message }
    : { reason: 'timeout', detail: 'the table of processes did not come in time' }),
})

const askSystemd = async (
  ask: Ask,
): Promise<{ readonly units: readonly UnitState[]; readonly report?: ToolReport }> => {
  const properties = `--property=${UNIT_PROPERTIES.join(',')}`
  const answer = await ask('systemctl', ['show', properties, ...Object.keys(UNITS)])
  if (!answer) return { units: [] }
  if (!answer.ok) {
    if (answer.reason === 'missing') return { units: [] }
    const isAbsent = /not been booted with systemd|Host is down/.test(answer.detail)
    return { units: [], report: isAbsent ? SYSTEMCTL : trouble('systemctl', answer) }
  }
  const units = parseUnits(answer.output.toString('latin1'))
  return { units, report: units.length > 0 ? SYSTEMCTL : trouble('systemctl', answer) }
}

/** It has answered; that this machine is run without systemd is an answer too. */
const SYSTEMCTL: ToolReport = { tool: 'systemctl', ok: true }

/** The one that runs, or else will, or else could. */
const chooseUnit = (units: readonly UnitState[]): Service | undefined => {
  const services = Object.entries(UNITS).flatMap(([id, name]) => {
    const unit = units.find(one => one.id === id && one.loadState !== 'not-found')
    return unit ? [{ name, unit, running: unitRuns(unit) }] : []
  })
  const chosen =
    services.find(({ running }) => running) ??
    services.find(({ unit }) => unit.unitFileState.startsWith('enabled')) ??
    services.find(({ unit }) => unit.loadState === 'loaded') ??
    services[0]
  if (!chosen) return undefined
  const { running, ...service } = chosen
  return running === undefined ? service : { ...service, running }
}
