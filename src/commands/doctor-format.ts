import type { ReferenceServerSnapshot } from '../clockside/snapshot.js'
import { type DoctorInput, type Finding, type Severity, clockState } from '../host/finding.js'
import { repairsFor } from '../host/repairs.js'
import { counted, describeDuration, describeOffset, wrapped } from '../text.js'
import { inJson } from './doctor-json.js'
import { lookedAt } from './doctor-looks.js'
import type { Verdict } from './read-format.js'

export const doctorFormats = ['text', 'json'] as const
export type DoctorFormat = (typeof doctorFormats)[number]

/** What was found, and what it was found by. */
export interface Diagnosis {
  readonly input: DoctorInput
  readonly references: readonly ReferenceServerSnapshot[]
  /** Worst first. */
  readonly findings: readonly Finding[]
}

/**
 * `ok` needs evidence: a clock that is surely right, as it was compared. The time service's own word that it
 * is synchronised is none. `unknown` where nothing wrong was found, or where nothing was there to find it by.
 */
export const verdictOn = (diagnosis: Diagnosis): Verdict => {
  const { input, findings } = diagnosis
  const [worst] = findings
  if (!isAnythingKnown(diagnosis)) return 'unknown'
  if (worst?.severity === 'critical' || worst?.severity === 'warning') return worst.severity
  return clockState(input) === 'right' ? 'ok' : 'unknown'
}

const isAnythingKnown = ({ input: { offset, reading } }: Diagnosis): boolean =>
  offset !== undefined ||
  Object.keys(reading.facts).some(isOfService) ||
  reading.tools.some(({ ok }) => ok)

const isOfService = (fact: string): boolean => fact !== 'bootTimestamp'

const isWrong = (severity: Severity): boolean => severity === 'critical' || severity === 'warning'

/** The one sentence that is read when only one is. */
const headline = (diagnosis: Diagnosis): string => {
  const { input, findings } = diagnosis
  const { offset } = input
  if (!isAnythingKnown(diagnosis))
    return "Neither this machine's clock nor what keeps it could be read well enough to judge it."
  const others = findings.filter(one => isWrong(one.severity) && !ofClock.has(one.id)).length
  const state = clockState(input)
  if (state === 'critical' || state === 'warning') {
    const more = others === 0 ? '' : `, and ${things(others, 'more ')} wrong with what keeps it`
    return `This machine's clock is ${offset ? describeOffset(offset) : 'wrong'}${more}.`
  }
  const known =
    state === 'right' && offset
      ? `This machine's clock is right to ${describeDuration(Math.abs(offset.offset) + offset.error)}`
      : "Whether this machine's clock is right is not known"
  if (others > 0)
    return `${known}, ${state === 'right' ? 'but' : 'and'} ${things(others)} wrong with what keeps it.`
  return `${known}; nothing wrong was found with what keeps it.`
}

const ofClock = new Set(['clock-off', 'beyond-correction'])

const things = (count: number, more = ''): string =>
  `${counted(count, `${more}thing`)} ${count === 1 ? 'is' : 'are'}`

const labels: { readonly [S in Severity]: string } = {
  critical: 'CRITICAL: ',
  warning: 'WARNING: ',
  unknown: 'NOT KNOWN: ',
  notice: '',
}

/** For a person: the verdict, what to do about it, and what it rests on. */
const text = (diagnosis: Diagnosis): string => {
  const { input, findings } = diagnosis
  const typed = new Set<string>()
  const lines = wrapped(headline(diagnosis)).slice()
  for (const [i, { severity, what, why, repair }] of findings.entries()) {
    lines.push('', ...wrapped(`${i + 1}. ${labels[severity]}${what}`, '   '))
    if (why !== '') lines.push(...wrapped(why, '   ', '   '))
    const isAbove = repair.length > 0 && repair.every(command => typed.has(command))
    if (isAbove) lines.push('   The commands above are for this too.')
    else lines.push(...commandsOf(isWrong(severity), repair, whoTypes(input, repair)))
    for (const command of repair) typed.add(command)
  }
  lines.push(...placeholders([...typed]), '', 'What was looked at; nothing was changed')
  return [...lines, ...lookedAt(diagnosis)].join('\n')
}

/** Our own command needs no rights. */
const whoTypes = (input: DoctorInput, commands: readonly string[]): string =>
  commands.every(command => command.startsWith(`${input.command} `)) ? '' : repairsFor(input).as

const commandsOf = (isRepair: boolean, commands: readonly string[], as: string) =>
  commands.length === 0
    ? []
    : [
        `   ${isRepair ? 'Repair it' : 'To go on'}${as === '' ? '' : `, ${as}`}:`,
        ...commands.map(command => `       ${command}`),
      ]

const placeholders = (commands: readonly string[]): readonly string[] => {
  const all = commands.join(' ')
  const lines = legend.flatMap(([word, line]) => (all.includes(word) ? [line] : []))
  const servers = all.includes('NTP-SERVER-2')
    ? ['NTP-SERVER-1 and -2 stand for time servers of your own.']
    : all.includes('NTP-SERVER-1')
      ? ['NTP-SERVER-1 stands for a time server of your own.']
      : []
  return servers.length + lines.length > 0 ? ['', ...servers, ...lines] : []
}

const legend = [
  ['OFFSET', 'OFFSET stands for the number that stripchart printed last, with its sign.'],
  ['YYYY', 'YYYY-MM-DD HH:MM:SS stands for the true time in UTC.'],
] as const

const json = (diagnosis: Diagnosis): string => inJson(diagnosis, verdictOn(diagnosis))

export const formatDiagnosis: { readonly [F in DoctorFormat]: (diagnosis: Diagnosis) => string } = {
  text,
  json,
}
