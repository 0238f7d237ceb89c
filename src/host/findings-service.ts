import { survivalProblem } from '../protocol/w32time.js'
import { type DoctorInput, type Finding, serviceName, urgency } from './finding.js'
import { type ToolReport, toolReasonWords } from './reading.js'
import { repairsFor } from './repairs.js'

/** Whether there is a time service, whether it runs, now and after the next boot. */
export const serviceFindings = (input: DoctorInput): readonly Finding[] => [
  ...noService(input),
  ...stopped(input),
  ...notSurviving(input),
]

/** A tool that is not there says that what it asks is not there either. */
const isInTrouble = (report: ToolReport): boolean => !report.ok && report.reason !== 'missing'

const noService = (input: DoctorInput): readonly Finding[] => {
  const { system, reading } = input
  if (system === 'other') {
    const why = 'Time services are read on Windows and Linux only.'
    const what = 'What keeps this clock is not known.'
    return [{ id: 'system-unknown', severity: 'unknown', what, why, repair: [] }]
  }
  if (reading.name !== undefined || reading.tools.some(isInTrouble)) return []
  return [
    {
      id: 'no-time-service',
      severity: 'warning',
      what: 'No time service was found.',
      why:
        system === 'windows'
          ? 'Windows Time (w32time) is not there: nothing keeps this clock.'
          : "None of chrony, ntpd, ntpsec and systemd-timesyncd is there: nothing keeps this clock, unless this is a container, whose clock is its host's. (Where there is no apt-get: dnf install chrony, and chronyd.service.)",
      repair:
        system === 'windows'
          ? ['w32tm /register', 'net start w32time']
          : ['apt-get install chrony', 'systemctl enable --now chrony.service'],
    },
  ]
}

const TRIGGER =
  'Outside a domain (an Edge is in none) Windows starts it by a trigger, and it stops right after boot even when its start type is automatic (Microsoft KB 2385818).'

const stopped = (input: DoctorInput): readonly Finding[] => {
  const { facts, settings, systemd } = input.reading
  if (facts.running !== false) return []
  const never = facts.synchronizedSinceBoot === false || systemd?.startedSinceBoot === false
  const problem = settings && survivalProblem(settings)
  return [
    {
      id: 'service-stopped',
      severity: urgency(input),
      what: `${serviceName(input)} does not run${never ? ', and has not synchronised since the machine started' : ''}.`,
      why: `Nothing keeps this clock.${problem === 'domain_trigger' ? ` ${TRIGGER}` : ''}`,
      repair: repairsFor(input).synchronize,
    },
  ]
}

const notSurviving = (input: DoctorInput): readonly Finding[] => {
  const { facts, settings, systemd } = input.reading
  if (facts.survivesReboot !== false) return []
  const problem = settings && survivalProblem(settings)
  const why = problem ? problems[problem] : unitProblems[systemd?.unitFileState ?? '']
  return [
    {
      id: 'not-surviving-reboot',
      severity: 'warning',
      what: `${serviceName(input)} will not run after the next reboot.`,
      why: why ?? '',
      repair: repairsFor(input).survive,
    },
  ]
}

const problems = {
  domain_trigger: `${TRIGGER} A trigger for the network takes its place.`,
  manual: 'Its start type is manual, and nothing starts it.',
  disabled: 'It is disabled.',
} as const

/** By systemd's word for it. */
const unitProblems: Readonly<Record<string, string>> = {
  disabled: 'Its unit is not enabled.',
  masked: 'Its unit is masked: nothing can start it.',
  'enabled-runtime': 'Its unit is enabled until the next boot only.',
}

/** One for each tool that told nothing. */
export const toolFindings = ({ reading, system }: DoctorInput): readonly Finding[] =>
  reading.tools.flatMap(report => (report.ok ? [] : [unreadable(report, system, reading.unit)]))

const unreadable = (
  { tool, reason, detail }: ToolReport & { readonly ok: false },
  system: DoctorInput['system'],
  unit: string | undefined,
): Finding => {
  const asAdministrator =
    reason === 'exit_code'
      ? ` Run it ${system === 'windows' ? 'in a console that was opened as administrator' : 'as root'}.`
      : ''
  const command = reason === 'missing' ? undefined : byHand(tool, unit)
  return {
    id: 'tool-unreadable',
    severity: 'unknown',
    what: `${tool} told nothing: ${toolReasonWords[reason]}.`,
    why: `What depends on it is not known (${detail}).${asAdministrator}`,
    repair: command === undefined ? [] : [command],
  }
}

/** What to type to see its words. */
const byHand = (tool: string, unit = ''): string | undefined =>
  ({
    sc: 'sc.exe query w32time',
    reg: String.raw`reg query HKLM\SYSTEM\CurrentControlSet\Services\W32Time /s`,
    w32tm: 'w32tm /query /status /verbose',
    chronyc: 'chronyc -n tracking',
    ntpq: 'ntpq -n -c rv',
    timedatectl: 'timedatectl show-timesync --all',
    systemctl: `systemctl status ${unit}`.trim(),
  })[tool]
