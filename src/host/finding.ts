import type { Offset } from '../clockside/snapshot.js'
import { isCorrectable } from '../protocol/correction.js'
import type { Seconds } from '../time/units.js'
import type { HostReading } from './reading.js'

/**
 * How bad a finding is, worst first:
 * - `critical`: the clock is surely wrong, or nothing keeps it and it is not known to be right
 * - `warning`: it will be wrong, or may be soon
 * - `unknown`: something could not be told
 * - `notice`: good to know
 */
export const severities = ['critical', 'warning', 'unknown', 'notice'] as const
export type Severity = (typeof severities)[number]

/** One thing that is to be said of this machine's time keeping. */
export interface Finding {
  /** Names its kind, for programs: `service-stopped`. */
  readonly id: string
  readonly severity: Severity
  readonly what: string
  /** Sentences; '' where there is nothing to add. */
  readonly why: string
  /** Commands, to be typed in this order; what has to be put in is in capitals. */
  readonly repair: readonly string[]
}

export interface DoctorInput {
  readonly system: 'windows' | 'linux' | 'other'
  /** What starts this program: `edgeclock`, or `node` and its file. */
  readonly command: string
  readonly reading: HostReading
  /** This machine's wall clock − true time. */
  readonly offset?: Offset
  /** From which offset on, in seconds, the clock is wrong; of `read` alike. */
  readonly limits: { readonly warning: Seconds; readonly critical: Seconds }
  /** In seconds of Unix time, as near to true time as is known. */
  readonly bootTimestamp?: Seconds
  /** The servers that were asked for true time, whether they answered or not. */
  readonly against?: readonly string[]
}

/** A clock is `unsure` while its error bound allows it to be right and to be wrong; `unknown` without an offset. */
export type ClockState = 'critical' | 'warning' | 'right' | 'unsure' | 'unknown'

export const clockState = ({ offset, limits }: DoctorInput): ClockState => {
  if (!offset) return 'unknown'
  const size = Math.abs(offset.offset)
  if (size - offset.error >= limits.critical) return 'critical'
  if (size - offset.error >= limits.warning) return 'warning'
  return size + offset.error < limits.warning ? 'right' : 'unsure'
}

/** Surely. */
export const isOff = (input: DoctorInput): boolean => {
  const state = clockState(input)
  return state === 'critical' || state === 'warning'
}

/** Of what leaves the clock to itself: it can wait only where the clock is known to be right. */
export const urgency = (input: DoctorInput): Severity =>
  clockState(input) === 'right' ? 'warning' : 'critical'

/** [MS-W32T]: the last synchronisation failed, as the change was too big. */
export const CHANGE_TOO_BIG = 3

/**
 * Whether the time service will not set this clock: it is further off than the service corrects. Where the
 * service itself said that of its last attempt, that stands until the offset is surely within the limits.
 */
export const isRefused = (input: DoctorInput): boolean => {
  const { correctionLimits, lastSyncError } = input.reading.facts
  if (clockState(input) === 'right') return false
  const correctable =
    input.offset && correctionLimits && isCorrectable(correctionLimits, input.offset)
  return correctable === undefined ? lastSyncError === CHANGE_TOO_BIG : !correctable
}

/** The time service in the words of its system. */
export const serviceName = ({ reading: { name, unit } }: DoctorInput): string => {
  if (name === undefined) return 'The time service'
  switch (name) {
    case 'w32time':
      return 'Windows Time (w32time)'
    case 'chrony':
    case 'ntpd':
      return unit === undefined ? name : `${name} (${unit})`
    case 'timesyncd':
      return 'systemd-timesyncd'
  }
}
