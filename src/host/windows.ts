import { systemProgram } from '../net/child.js'
import { nodeClock, nodeTimers } from '../net/node-platform.js'
import type { Timers } from '../net/platform.js'
import { decodeConsole } from '../protocol/console-text.js'
import { type RegKeys, parseRegQuery } from '../protocol/reg-query.js'
import { type ScState, parseScQuery } from '../protocol/sc-query.js'
import {
  type W32TimeSettings,
  hasStartType,
  w32timeSettings,
} from '../protocol/w32time-settings.js'
import { type W32TimeClock, w32timeFacts } from '../protocol/w32time.js'
import { type W32tmStatus, isServiceNotStarted, parseW32tmStatus } from '../protocol/w32tm.js'
import { toSeconds } from '../time/units.js'
import type { ReadHost, ToolReport } from './reading.js'
import { type ToolAnswer, askTool } from './tool.js'

const W32TIME = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time'
const POLICY = 'HKLM\\SOFTWARE\\Policies\\Microsoft\\W32Time'
const NETLOGON = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon'
const PRINTED_LIMIT = 200

export interface WindowsOptions {
  readonly timers?: Timers
  /** Where a tool is, by its name. */
  readonly program?: (name: string) => string
  /** Asked when w32tm has answered. */
  readonly clock?: () => W32TimeClock
}

/** Reads W32Time by `sc`, `reg` and `w32tm`, one after the other. They change nothing. */
export const readWindows =
  ({
    timers = nodeTimers,
    program = systemProgram,
    clock = localClock,
  }: WindowsOptions = {}): ReadHost =>
  async signal => {
    const ask: Ask = async (tool, args) =>
      signal.aborted ? undefined : askTool(timers, { command: program(tool), args }, signal)
    const service = await readService(ask)
    if (service.told === 'none') return { facts: {}, tools: reports(service) }
    const registry = await readRegistry(ask)
    const status = await readStatus(ask)
    const settings = registry.told
    const facts = w32timeFacts({
      service: service.told,
      settings,
      status: status.told === 'not started' ? undefined : status.told,
      clock: clock(),
    })
    const stopped = !service.told && status.told === 'not started'
    return {
      name: 'w32time',
      unit: 'w32time',
      facts: { ...facts, ...(stopped && { running: false }) },
      tools: reports(service, registry, status),
      ...(settings && { settings }),
    }
  }

/** w32tm prints local time. */
const localClock = (): W32TimeClock => ({
  nowUnix: toSeconds(nodeClock.wall()),
  toUnix: ({ year, month, day, hour, minute, second }) =>
    new Date(year, month - 1, day, hour, minute, second).getTime() / 1000,
})

/** Undefined when the round is over and nothing more is started. */
type Ask = (tool: string, args: readonly string[]) => Promise<ToolAnswer | undefined>

/** What came of one tool; neither is there if it was not asked. */
interface Answered<T> {
  readonly told?: T
  readonly report?: ToolReport
}

const reports = (...answers: readonly Answered<unknown>[]): ToolReport[] =>
  answers.flatMap(({ report }) => report ?? [])

/** `none`: Windows has no such service, ERROR_SERVICE_DOES_NOT_EXIST. */
const readService = async (ask: Ask): Promise<Answered<ScState | 'none'>> => {
  const answer = await ask('sc', ['query', 'w32time'])
  if (!answer) return {}
  const text = decodeConsole(answer.output)
  const told = answer.ok ? parseScQuery(text) : undefined
  if (told) return { told, report: { tool: 'sc', ok: true } }
  if (hasEnded(answer) && /\[SC\][^\n]*\b1060\b/.test(text))
    return { told: 'none', report: { tool: 'sc', ok: true } }
  return { report: trouble('sc', answer, text) }
}

const readStatus = async (ask: Ask): Promise<Answered<W32tmStatus | 'not started'>> => {
  const answer = await ask('w32tm', ['/query', '/status', '/verbose'])
  if (!answer) return {}
  const text = decodeConsole(answer.output)
  const told = answer.ok ? parseW32tmStatus(text) : undefined
  if (told) return { told, report: { tool: 'w32tm', ok: true } }
  if (hasEnded(answer) && isServiceNotStarted(text))
    return { told: 'not started', report: { tool: 'w32tm', ok: true } }
  return { report: trouble('w32tm', answer, text) }
}

/** The service's own keys first: without them the others say nothing. */
const readRegistry = async (ask: Ask): Promise<Answered<W32TimeSettings>> => {
  const service = await readKeys(ask, W32TIME, '/s')
  if (!service.told) return service.report ? { report: service.report } : {}
  const policy = await readKeys(ask, POLICY, '/s')
  const netlogon = await readKeys(ask, NETLOGON, '/v', 'Start')
  const settings: W32TimeSettings = {
    ...w32timeSettings({
      service: service.told,
      policy: policy.told,
      netlogon: netlogon.told,
    }),
    ...(!service.report?.ok && { triggersIncomplete: true }),
  }
  const told = policy.told ? settings : notOverridable(settings)
  const asked = reports(service, policy, netlogon)
  return { told, report: asked.find(({ ok }) => !ok) ?? { tool: 'reg', ok: true } }
}

const readKeys = async (ask: Ask, key: string, ...more: string[]): Promise<Answered<RegKeys>> => {
  const answer = await ask('reg', ['query', key, ...more])
  if (!answer) return {}
  const text = decodeConsole(answer.output)
  if (key === POLICY && isNoKey(answer, text))
    return { told: new Map(), report: { tool: 'reg', ok: true } }
  const told = answer.ok && endsInLine(text) ? parseRegQuery(text) : undefined
  if (told?.size) return { told, report: { tool: 'reg', ok: true } }
  const part = key === W32TIME ? allButDenied(answer, text) : undefined
  return { ...(part && { told: part }), report: trouble('reg', answer, text) }
}

/** Of the service's keys an ordinary user may not open all, `Security` for one: reg then ends with 1, and may
 * have passed over those behind it. */
const allButDenied = (answer: ToolAnswer, text: string): RegKeys | undefined => {
  if (answer.ok || answer.reason !== 'exit_code' || !endsInLine(text)) return undefined
  const keys = parseRegQuery(text)
  return hasStartType(keys) ? keys : undefined
}

/** reg ends with 1 where there is no such key; its words for that are the system's language's. */
const isNoKey = (answer: ToolAnswer, text: string): boolean =>
  answer.ok
    ? text.trim() === ''
    : answer.reason === 'exit_code' && /^exit code 1\b/.test(answer.detail)

/** All that reg prints are whole lines. */
const endsInLine = (text: string): boolean => text.endsWith('\n')

/** What is left where a policy may say otherwise, and could not be read. Membership is by the type, too. */
const notOverridable = (settings: W32TimeSettings): W32TimeSettings => {
  const { startType, triggers, triggersIncomplete, domainMember } = settings
  return {
    triggers,
    servers: [],
    ...(startType && { startType }),
    ...(triggersIncomplete && { triggersIncomplete }),
    ...(domainMember === false && { domainMember }),
  }
}

/** Whether it ended by itself, so that what it printed is all of it. */
const hasEnded = (answer: ToolAnswer): boolean => answer.ok || answer.reason === 'exit_code'

/** w32tm and sc say on standard output why they failed. */
const trouble = (tool: string, answer: ToolAnswer, text: string): ToolReport => {
  const line = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  const printed = line === '' ? '' : `: ${line.slice(0, PRINTED_LIMIT)}`
  if (answer.ok)
    return { tool, ok: false, reason: 'unintelligible', detail: `it is not understood${printed}` }
  const { reason, detail } = answer
  return { tool, ok: false, reason, detail: reason === 'exit_code' ? detail + printed : detail }
}
