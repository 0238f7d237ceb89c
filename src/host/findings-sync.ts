import type { Seconds } from '../time/units.js'
import { isHostsAlone } from './configured.js'
import {
  CHANGE_TOO_BIG,
  type DoctorInput,
  type Finding,
  isOff,
  isRefused,
  serviceName,
  urgency,
} from './finding.js'
import { repairsFor } from './repairs.js'

/** Whether the time service has synchronised the clock, and what came of its last attempt. */
export const syncFindings = (input: DoctorInput): readonly Finding[] => [
  ...neverSynchronized(input),
  ...notSynchronized(input),
  ...syncError(input),
]

/** Seconds of Unix time as `2026-11-08 07:10:00 UTC`. */
export const describeInstant = (at: Seconds): string =>
  `${new Date(Math.round(at) * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`

const neverSynchronized = (input: DoctorInput): readonly Finding[] => {
  const { reading, bootTimestamp } = input
  const { synchronizedSinceBoot, lastSyncTimestamp, running } = reading.facts
  if (synchronizedSinceBoot !== false) return []
  const since = bootTimestamp === undefined ? '' : ` (${describeInstant(bootTimestamp)})`
  const word =
    lastSyncTimestamp === undefined
      ? `${serviceName(input)} runs, and says that it never did so.`
      : `Its last synchronisation was at ${describeInstant(lastSyncTimestamp)}, before the machine started.`
  const counter =
    reading.name === 'w32time' && running !== false
      ? ' Its "Time since Last Good Sync Time" says nothing about that: it counts from the start of the service.'
      : ''
  return [
    {
      id: 'never-synchronised',
      severity: urgency(input),
      what: `The clock has not been synchronised since the machine started${since}.`,
      why: `${running === false ? 'The time service does not run.' : `${word}${ownClock(input)}`}${counter}`,
      repair: lookAtServers(input),
    },
  ]
}

const notSynchronized = (input: DoctorInput): readonly Finding[] => {
  const { synchronized, synchronizedSinceBoot, lastSyncTimestamp, running } = input.reading.facts
  if (synchronized !== false || synchronizedSinceBoot === false || running === false) return []
  const last =
    lastSyncTimestamp === undefined
      ? ''
      : ` It last was at ${describeInstant(lastSyncTimestamp)}, by this machine's clock at that time.`
  return [
    {
      id: 'not-synchronised',
      severity: 'warning',
      what: `${serviceName(input)} is not synchronised.`,
      why: `By its own word nothing keeps this clock now: it drifts.${ownClock(input)}${last}`,
      repair: lookAtServers(input),
    },
  ]
}

const ownClock = ({ reading: { facts } }: DoctorInput): string => {
  const { kind, actual } = facts.source ?? {}
  if (kind !== 'own') return ''
  return ` It takes this machine's own clock for its source${actual === undefined ? '' : ` ("${actual}")`}.`
}

/** What tells why it gets no time: whether its servers answer, first of all. */
const lookAtServers = (input: DoctorInput): readonly string[] => {
  const { system, reading } = input
  const { synchronize } = repairsFor(input)
  if (reading.facts.running === false || isRefused(input)) return synchronize
  const server = reading.settings?.servers[0]
  if (system === 'windows' && server !== undefined)
    return [`w32tm /stripchart /computer:${server} /samples:5 /dataonly`, ...synchronize]
  return reading.name === 'chrony' ? ['chronyc -n sources', ...synchronize] : synchronize
}

/** [MS-W32T]: why W32Time's last synchronisation failed. */
const syncErrors: Readonly<Record<number, { readonly id: string; readonly what: string }>> = {
  1: { id: 'no-time-data', what: 'no time data was available' },
  2: { id: 'stale-time-data', what: 'the time data was stale' },
  3: { id: 'change-too-big', what: 'the change was too big' },
  4: { id: 'service-shut-down', what: 'the service was shutting down' },
}

const syncError = (input: DoctorInput): readonly Finding[] => {
  const { lastSyncError: error } = input.reading.facts
  if (error === undefined || error === 0) return []
  const { id, what } = syncErrors[error] ?? {
    id: 'sync-error',
    what: `error ${error}, which is not documented`,
  }
  const isTooBig = error === CHANGE_TOO_BIG
  return [
    {
      id,
      severity: isTooBig ? urgency(input) : error === 4 ? 'notice' : 'warning',
      what: `Its last synchronisation failed: ${what}.`,
      why: isTooBig ? whyTooBig(input) : (whyOf[error] ?? ''),
      repair: isTooBig ? afterTooBig(input) : error === 4 ? [] : lookAtServers(input),
    },
  ]
}

const whyOf: Readonly<Record<number, string>> = {
  1: 'No server answered it. NTP (UDP port 123) has to be open from here to its servers, and back.',
  2: 'Its servers answered with what they gave before: they do not get the time themselves.',
}

const whyTooBig = (input: DoctorInput): string => {
  const values = 'MaxPosPhaseCorrection and MaxNegPhaseCorrection'
  if (!isRefused(input))
    return `The clock, or its server, was further off than ${values} allow. This clock is within them now: if it is refused again, its server is wrong.`
  const further = `The clock, or its server, is further off than ${values} allow: it will never set this clock.`
  return isHostsAlone(input)
    ? `${further} The virtual machine's host keeps it, and nothing else is configured: the host's clock is to be set.`
    : `${further} Find out which of the two is wrong, then set the clock by hand.`
}

/** What repairs the clock itself, in the same words; a clock that is not known to be off is not set. */
const afterTooBig = (input: DoctorInput): readonly string[] => {
  const { setClock, synchronize } = repairsFor(input)
  return isRefused(input) || isOff(input) ? setClock : synchronize
}
