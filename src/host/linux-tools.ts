import { CHRONYC_COMMANDS, chronyFacts, parseChronyc } from '../protocol/chronyc.js'
import { ntpdFacts, parseNtpq } from '../protocol/ntpq.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import { parseTimedatectl, parseTimesync, timesyncdFacts } from '../protocol/timedatectl.js'
import type { LinuxServiceName } from './linux-service.js'
import type { ToolReport } from './reading.js'
import type { ToolAnswer } from './tool.js'

/** Runs a tool by its name; undefined when the round is over and nothing more is started. */
export type Ask = (tool: string, args: readonly string[]) => Promise<ToolAnswer | undefined>

/** What the client of a time service told. */
export interface Told {
  readonly facts: TimeServiceFacts
  /** The service has answered. */
  readonly isRunning: boolean
  readonly reports: readonly ToolReport[]
}

type AskService = (ask: Ask, running: boolean | undefined) => Promise<Told>

/** Why a tool told nothing; `ok` here means that what it printed is not understood. */
export const trouble = (tool: string, answer: ToolAnswer): ToolReport =>
  answer.ok
    ? { tool, ok: false, reason: 'unintelligible', detail: 'it did not print what it should' }
    : { tool, ok: false, reason: answer.reason, detail: answer.detail }

const textOf = ({ output }: ToolAnswer): string => output.toString('latin1')
const NOTHING: Told = { facts: {}, isRunning: false, reports: [] }

/** A client that gets no answer is in no trouble where its service is known to stand still. */
const unanswered = (tool: string, running: boolean | undefined, detail: string): Told => ({
  ...NOTHING,
  reports: [
    running === false ? { tool, ok: true } : { tool, ok: false, reason: 'no_answer', detail },
  ],
})

const isSilence = (answer: ToolAnswer, words: RegExp): boolean =>
  !answer.ok && (words.test(answer.detail) || words.test(textOf(answer)))

const askChrony: AskService = async (ask, running) => {
  const answer = await ask('chronyc', ['-c', '-n', '-m', ...CHRONYC_COMMANDS])
  if (!answer) return NOTHING
  const report = answer.ok ? parseChronyc(textOf(answer)) : undefined
  if (report) {
    const reports: ToolReport[] = [{ tool: 'chronyc', ok: true }]
    return { facts: chronyFacts(report), isRunning: true, reports }
  }
  if (isSilence(answer, /Cannot talk to daemon|Could not open connection to daemon/))
    return unanswered('chronyc', running, 'chronyd does not answer it')
  return { ...NOTHING, reports: [trouble('chronyc', answer)] }
}

/** Without an answer it prints nothing but a complaint, and NTPsec's ends with 0 all the same. */
const askNtpd: AskService = async (ask, running) => {
  const answer = await ask('ntpq', ['-n', '-w', '-c', 'rv', '-c', 'peers'])
  if (!answer) return NOTHING
  const text = textOf(answer)
  const report = answer.ok ? parseNtpq(text) : undefined
  if (report) {
    const reports: ToolReport[] = [{ tool: 'ntpq', ok: true }]
    return { facts: ntpdFacts(report), isRunning: true, reports }
  }
  const isSilent = answer.ok ? text.trim() === '' : isSilence(answer, /refused|timed out/)
  if (isSilent) return unanswered('ntpq', running, 'ntpd does not answer it')
  return { ...NOTHING, reports: [trouble('ntpq', answer)] }
}

/** systemd-timesyncd is asked only where it runs: its bus name would start it. */
const askTimesyncd: AskService = async (ask, running) => {
  const shown = await ask('timedatectl', ['show'])
  if (!shown) return NOTHING
  const clock = shown.ok ? parseTimedatectl(textOf(shown)) : undefined
  const asked = running ? await ask('timedatectl', ['show-timesync', '--all']) : undefined
  const timesync = asked?.ok ? parseTimesync(textOf(asked)) : undefined
  const inTrouble = clock ? (asked && !timesync ? asked : undefined) : shown
  return {
    facts: timesyncdFacts(clock, timesync),
    isRunning: timesync !== undefined,
    reports: [inTrouble ? trouble('timedatectl', inTrouble) : { tool: 'timedatectl', ok: true }],
  }
}

export const toolsOf: { readonly [S in LinuxServiceName]: AskService } = {
  chrony: askChrony,
  ntpd: askNtpd,
  timesyncd: askTimesyncd,
}
