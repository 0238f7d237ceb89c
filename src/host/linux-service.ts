import si from 'systeminformation'
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
  'ntpsec.service': 'ntpd',
  'ntp.service': 'ntpd',
  'ntpd.service': 'ntpd',
  'systemd-timesyncd.service': 'timesyncd',
}

const PROCESSES: readonly (readonly [string, LinuxServiceName])[] = [
  ['chronyd', 'chrony'],
  ['ntpd', 'ntpd'],
  ['systemd-timesyncd', 'timesyncd'],
]

/**
 * All processes that are to be seen from here. `services()` of the same package was refused: on Linux it
 * looks for names within the output of ps, and knows nothing of the next boot.
 */
export const systemProcesses = async (): Promise<readonly LinuxProcess[]> => {
  const { list } = await si.processes()
  return list.filter(({ state }) => state !== 'zombie')
}

export interface FoundService {
  readonly service?: Service
  /** All processes were seen, and none is of a time service. */
  readonly isTableWhole: boolean
  /** Of systemctl, where there is one. */
  readonly report?: ToolReport
}

/** By systemd's word; where it has none, by the process table. */
export const findService = async (
  ask: Ask,
  processes: () => Promise<readonly LinuxProcess[]>,
  signal: AbortSignal,
): Promise<FoundService> => {
  const { units, report } = await askSystemd(ask)
  const unit = chooseUnit(units)
  const found = report ? { report } : {}
  if (unit) return { service: unit, isTableWhole: false, ...found }
  const table = await beforeEnd(signal, processes)
  const running = PROCESSES.find(([name]) => table.some(process => process.name === name))
  if (running) {
    const [, name] = running
    return { service: { name, running: true }, isTableWhole: false, ...found }
  }
  // In a process namespace of its own its first process has this id; where others are hidden, it is too.
  return { isTableWhole: table.some(({ pid }) => pid === 1), ...found }
}

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

/** Nothing where the round is over first. */
const beforeEnd = (
  signal: AbortSignal,
  processes: () => Promise<readonly LinuxProcess[]>,
): Promise<readonly LinuxProcess[]> => {
  if (signal.aborted) return Promise.resolve([])
  return new Promise((resolve, reject) => {
    const giveUp = (): void => resolve([])
    signal.addEventListener('abort', giveUp, { once: true })
    void processes()
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', giveUp))
  })
}
