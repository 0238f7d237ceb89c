import { systemProgram } from '../net/child.js'
import { nodeTimers } from '../net/node-platform.js'
import type { Timers } from '../net/platform.js'
import { unitSurvives } from '../protocol/systemctl.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import { type ReadProcesses, type Service, findService, systemProcesses } from './linux-service.js'
import { type Ask, type Told, toolsOf } from './linux-tools.js'
import type { HostReading, ReadHost, ToolReport } from './reading.js'
import { askTool } from './tool.js'

export interface LinuxOptions {
  readonly timers?: Timers
  /** Where a tool is, by its name. */
  readonly program?: (name: string) => string
  readonly processes?: ReadProcesses
  /** Put before the arguments of the two, to say which daemon they are to ask. */
  readonly chronyc?: readonly string[]
  readonly ntpq?: readonly string[]
}

/** What they print is then in English, and their dates in UTC. */
const ENVIRONMENT = { LC_ALL: 'C', TZ: 'UTC' }

/**
 * Reads chrony, ntpd or systemd-timesyncd, whichever is there, by its own client, and systemd. The tools run
 * one after the other, change nothing, and need no root.
 */
export const readLinux =
  ({
    timers = nodeTimers,
    program = systemProgram,
    processes = systemProcesses,
    chronyc = [],
    ntpq = [],
  }: LinuxOptions = {}): ReadHost =>
  async signal => {
    const first: Readonly<Record<string, readonly string[]>> = { chronyc, ntpq }
    const ask: Ask = async (tool, args) =>
      signal.aborted
        ? undefined
        : askTool(
            timers,
            {
              command: program(tool),
              args: [...(first[tool] ?? []), ...args],
              env: { ...process.env, ...ENVIRONMENT },
            },
            signal,
          )
    const found = await findService(ask, processes, signal)
    const { service, other, isTableWhole, reports: tools } = found
    if (other) {
      const told = await toolsOf[other.name](ask, true)
      if (told.isRunning) return reading(other, told, tools)
    }
    if (service) {
      const told = await toolsOf[service.name](ask, service.running)
      return reading(service, told, tools)
    }
    const unknown = await readUnknown(ask, isTableWhole, tools)
    return unknown.tools.length > 0 || signal.aborted
      ? unknown
      : { ...unknown, tools: [NOTHING_ASKED] }
  }

/** Where not one tool is there, as in a container, that has to be seen. */
const NOTHING_ASKED: ToolReport = {
  tool: 'systemctl',
  ok: false,
  reason: 'missing',
  detail: 'it is not there, nor is any time service that is known',
}

/** A daemon that came up so long after the machine may have kept the clock before it was restarted. */
const AT_BOOT_SECONDS = 300

const reading = (
  { name, unit: chosen, running }: Service,
  told: Told,
  tools: readonly ToolReport[],
): HostReading => {
  const runs = told.isRunning ? true : running
  // What answers is run by something else than the unit that does not run.
  const unit = told.isRunning && running === false ? undefined : chosen
  const survives = unit && unitSurvives(unit)
  const { synchronizedSinceBoot: since, ...others } = told.facts
  const isRestarted = (unit?.startedAfterBoot ?? 0) > AT_BOOT_SECONDS
  // What has not run cannot have set the clock.
  const never = runs === false && unit?.startedSinceBoot === false ? false : undefined
  const sinceBoot = since === false && isRestarted ? undefined : (since ?? never)
  const facts: TimeServiceFacts = {
    ...(runs !== undefined && { running: runs }),
    ...(survives !== undefined && { survivesReboot: survives }),
    ...(sinceBoot !== undefined && { synchronizedSinceBoot: sinceBoot }),
    ...others,
  }
  return {
    name,
    facts,
    tools: [...tools, ...told.reports],
    ...(unit && { unit: unit.id, systemd: unit }),
  }
}

/**
 * With neither a unit nor a process known: what answers its client is there. What does not answer stands
 * still only where all processes could be seen.
 */
const readUnknown = async (
  ask: Ask,
  isTableWhole: boolean,
  tools: readonly ToolReport[],
): Promise<HostReading> => {
  const running = isTableWhole ? false : undefined
  let silent: HostReading | undefined
  for (const name of ['chrony', 'ntpd'] as const) {
    const told = await toolsOf[name](ask, running)
    const isInstalled = told.reports.some(one => one.ok || one.reason !== 'missing')
    if (!isInstalled) continue
    const found = reading({ name, ...(running !== undefined && { running }) }, told, tools)
    if (told.isRunning) return found
    silent ??= found
  }
  return silent ?? { facts: {}, tools }
}
