import { isCorrectable } from '../protocol/correction.js'
import type { SourceKind } from '../protocol/time-service.js'
import { describeDuration, describeOffset, listed } from '../text.js'
import { isHostsAlone } from './configured.js'
import { type DoctorInput, type Finding, clockState, isRefused, serviceName } from './finding.js'
import { repairsFor } from './repairs.js'

/** What is wrong with the clock itself, and whether its time service will repair it. */
export const clockFindings = (input: DoctorInput): readonly Finding[] => {
  const state = clockState(input)
  switch (state) {
    case 'critical':
    case 'warning':
      return [clockOff(input, state), ...beyondCorrection(input, state)]
    case 'right':
      return []
    case 'unsure':
    case 'unknown':
      return [clockUnknown(input)]
  }
}

/** By the offset alone, whatever came of the last synchronisation. */
const isBeyondLimits = ({ offset, reading: { facts } }: DoctorInput): boolean =>
  offset !== undefined &&
  facts.correctionLimits !== undefined &&
  isCorrectable(facts.correctionLimits, offset) === false

const clockOff = (input: DoctorInput, severity: 'critical' | 'warning'): Finding => {
  const { offset, against = [], system } = input
  const harm =
    severity === 'critical' && system === 'windows'
      ? [
          'A Skype for Business server refuses what a server with too different a clock has signed (SIP 429, ms-diagnostics 1020, DATE_SKEWED): calls to voicemail and transfers fail.',
        ]
      : []
  return {
    id: 'clock-off',
    severity,
    what: `The clock is ${offset ? describeOffset(offset) : 'wrong'}.`,
    why: [
      ...(against.length > 0 ? [`Against ${listed(against)}.`] : []),
      ...harm,
      prospect(input),
    ].join(' '),
    repair: repairsFor(input).setClock,
  }
}

/** Whether it will be repaired without anyone's help. */
const prospect = (input: DoctorInput): string => {
  const { name, facts } = input.reading
  const { running, synchronized, source } = facts
  if (isHostsAlone(input))
    return "The virtual machine's host keeps it, and nothing else is configured: the host's clock is to be set, or this one goes wrong again."
  const hosts =
    source?.kind === 'hypervisor'
      ? "The virtual machine's host keeps it: that has to be switched off first, or this clock goes wrong again. "
      : ''
  if (isBeyondLimits(input))
    return `${hosts}The time service will never repair this: it is further off than it corrects.`
  if (isRefused(input))
    return `${hosts}The time service has refused to repair this: the change was too big for it.`
  if (running === false) return 'The time service does not run: nothing will repair this.'
  if (hosts !== '') return hosts.trimEnd()
  if (synchronized === false)
    return 'The time service is not synchronised: it will not repair this.'
  if (synchronized === undefined || name === undefined)
    return 'Whether a time service will repair this is not known.'
  return `The time service says that it is synchronised${sourceSaid(source)}: either that one is wrong, or it has not corrected this clock yet${late[name]}.`
}

const late = {
  w32time: '',
  chrony: ' (chrony slews what it finds late; makestep sets it at once)',
  ntpd: '',
  timesyncd: '',
} as const

const sourceSaid = (
  source: { readonly actual?: string; readonly kind?: SourceKind } | undefined,
) => (source?.actual === undefined ? '' : ` with ${source.actual}`)

const beyondCorrection = (
  input: DoctorInput,
  severity: 'critical' | 'warning',
): readonly Finding[] => {
  const { offset, reading } = input
  const limits = reading.facts.correctionLimits
  if (!offset || !limits || !isBeyondLimits(input)) return []
  const isBehind = offset.offset < 0
  const most = describeDuration(isBehind ? limits.ahead : limits.back)
  const value = isBehind ? 'MaxPosPhaseCorrection' : 'MaxNegPhaseCorrection'
  return [
    {
      id: 'beyond-correction',
      severity,
      what: `${serviceName(input)} will never repair it: it sets a clock ${isBehind ? 'ahead' : 'back'} by at most ${most}.`,
      why: `That is ${value} of the service's configuration. A larger correction is refused, and only logged. ${wayOut(input)}`,
      repair: repairsFor(input).setClock,
    },
  ]
}

const wayOut = (input: DoctorInput): string => {
  const byHand = 'set the clock by hand once; the time service keeps it from there.'
  if (isHostsAlone(input)) return "The host's clock is to be set."
  return input.reading.facts.source?.kind === 'hypervisor'
    ? `Switch the host's time off first, then ${byHand}`
    : byHand.replace('set', 'Set')
}

const clockUnknown = ({ command, offset, against = [] }: DoctorInput): Finding => ({
  id: 'clock-unknown',
  severity: 'notice',
  what: offset
    ? `Whether the clock is right is not known: it is known to ± ${describeDuration(offset.error)} only.`
    : 'Whether the clock is right is not known.',
  why: offset
    ? 'A nearer server gives a narrower bound.'
    : against.length === 0
      ? 'There is no server to ask for true time: the time service names none, and none was given. All else is by its own word.'
      : `${listed(against)} did not answer over NTP (UDP port 123), or do not agree with each other.`,
  repair: [`${command} doctor --reference=NTP-SERVER-1`],
})
