import type { ScState } from './sc-query.js'
import type { SourceKind, TimeServiceFacts, TimeSource } from './time-service.js'
import { nameList } from './name-list.js'
import { type ServiceTrigger, type W32TimeSettings, withoutUndefined } from './w32time-settings.js'
import { type W32TimeClock, lastSyncTime, stampCandidates } from './w32tm-time.js'
import type { W32tmStatus } from './w32tm.js'

/** "LOCL": the own clock, taken for a reference. */
const LOCL = 0x4c4f434c
/** "VMTP": the provider of Hyper-V. */
const VMTP = 0x564d5450
/** ERROR_SERVICE_NEVER_STARTED: not since the machine started. */
const NEVER_STARTED = 1077

export type { W32TimeClock } from './w32tm-time.js'

const ACTUAL_LIMIT = 100

/**
 * Why W32Time will not run after the next boot.
 * - `domain_trigger`: outside a domain it is stopped by its trigger, right after boot and whatever its start
 *   type (Microsoft KB 2385818)
 * - `manual`: nothing starts it: outside a domain, a trigger that starts it for joining one does not either
 * - `disabled`
 */
export type SurvivalProblem = 'domain_trigger' | 'manual' | 'disabled'

const hasTrigger = (
  { triggers }: W32TimeSettings,
  on: ServiceTrigger['on'],
  action?: ServiceTrigger['action'],
): boolean =>
  triggers.some(trigger => trigger.on === on && (action ?? trigger.action) === trigger.action)

/**
 * With a trigger for a domain, in none. KB 2385818 blames the one that stops it. Whether automatic start
 * holds with only the one that starts it, nobody says: not known.
 */
const survivalOutsideDomain = (settings: W32TimeSettings): SurvivalProblem | undefined => {
  if (hasTrigger(settings, 'other', 'start')) return undefined
  if (hasTrigger(settings, 'domain', 'stop')) return 'domain_trigger'
  return settings.startType === 'manual' ? 'manual' : undefined
}

const survival = (settings: W32TimeSettings): SurvivalProblem | 'survives' | undefined => {
  const { startType, domainMember } = settings
  const has = (on: ServiceTrigger['on'], action?: ServiceTrigger['action']): boolean =>
    hasTrigger(settings, on, action)
  if (startType === 'disabled') return 'disabled'
  if (startType === undefined || settings.triggersIncomplete) return undefined
  const domain = has('domain') && domainMember !== true
  // Which of the two comes last is not known.
  if (has('network', 'start')) return domain && has('domain', 'stop') ? undefined : 'survives'
  if (has('domain')) {
    if (domainMember === undefined) return undefined
    if (!domainMember) return survivalOutsideDomain(settings)
  }
  if (has('network') || has('other', 'stop')) return undefined
  if (startType === 'automatic' || has('domain', 'start')) return 'survives'
  return has('other', 'start') ? undefined : 'manual'
}

/** Whether W32Time will run after the next boot; undefined in doubt. */
export const survives = (settings: W32TimeSettings): boolean | undefined => {
  const verdict = survival(settings)
  return verdict === undefined ? undefined : verdict === 'survives'
}

/** Why not; undefined where it will, or where that is not known. */
export const survivalProblem = (settings: W32TimeSettings): SurvivalProblem | undefined => {
  const verdict = survival(settings)
  return verdict === 'survives' ? undefined : verdict
}

/** [MS-SCMR] 2.2.47: 1 stopped, 2 starts, 3 stops, 4 runs, 5 to 7 paused or about to. */
const isRunning = (state: number | undefined): boolean | undefined => {
  if (state === 2 || state === 4 || state === 5) return true
  return state === 1 || state === 3 ? false : undefined
}

type SourceName = 'own' | 'hypervisor' | 'peer' | 'other'

/** What the source's text says by itself. The names of clocks and providers may be translated. */
const sourceName = (source: string): SourceName => {
  if (/^(?:local cmos clock|free-running system clock|loca?l)$/i.test(source)) return 'own'
  if (/^vm ic time synchronization provider$/i.test(source)) return 'hypervisor'
  return /^[\w.:[\]%-]+(?:,[\dxa-f]*)?$/i.test(source) ? 'peer' : 'other'
}

const isUnsynchronised = ({ leap, stratum }: W32tmStatus): boolean =>
  leap === 3 || stratum === 0 || stratum === 16

/** Undefined where name, reference id and stratum contradict each other, or the name is not known. */
const sourceKind = (status: W32tmStatus): SourceKind | undefined => {
  const name = sourceName(status.source)
  if (name === 'own') return 'own'
  if (status.referenceId === LOCL) {
    // From stratum 2 on it is an address: 76.79.67.76.
    return name === 'hypervisor' || (name === 'peer' && status.stratum > 1) ? undefined : 'own'
  }
  if (isUnsynchronised(status)) return name === 'other' ? 'own' : undefined
  if (name === 'hypervisor') return 'hypervisor'
  if (status.referenceId === VMTP) return name === 'other' ? 'hypervisor' : undefined
  return name === 'peer' && status.referenceId !== 0 ? 'external' : undefined
}

/**
 * The own clock can stamp its own readings; only a clock that lost its source keeps another's stamp. Without
 * a reference id, a name that is not known may be the own clock's in another language.
 */
const stampIsEvidence = (status: W32tmStatus, kind: SourceKind | undefined): boolean => {
  if (status.referenceId === LOCL) return false
  if (isUnsynchronised(status)) return true
  return kind === undefined ? status.referenceId !== 0 : kind !== 'own'
}

const isSynchronised = (status: W32tmStatus, kind: SourceKind | undefined): boolean | undefined => {
  if (isUnsynchronised(status) || kind === 'own') return false
  return kind !== undefined || (status.referenceId !== 0 && status.referenceId !== LOCL)
    ? true
    : undefined
}

const wasSynchronised = (
  status: W32tmStatus,
  kind: SourceKind | undefined,
  { toUnix }: W32TimeClock,
): boolean | undefined => {
  const { lastSync } = status
  const now = isSynchronised(status, kind)
  if (lastSync === undefined) return now === false ? false : undefined
  if (now) return true
  const isStamp = stampCandidates(lastSync, toUnix).length > 0
  return isStamp && stampIsEvidence(status, kind) ? true : undefined
}

const actualName = (source: string, kind: SourceKind | undefined): string | undefined => {
  const shown = /^[ -~]+$/.test(source) ? source.slice(0, ACTUAL_LIMIT) : undefined
  if (kind === 'own') return shown ?? 'local clock'
  return sourceName(source) === 'peer' ? shown?.replace(/,(?:0x)?[0-9a-f]*$/i, '') : shown
}

const configuredSource = ({ type, servers }: W32TimeSettings): string | undefined => {
  switch (type) {
    case 'NTP':
      return nameList(servers) || undefined
    case 'NT5DS':
      return 'domain hierarchy'
    case 'AllSync':
      return nameList(['domain hierarchy,', ...servers]).replace(/,$/, '')
    case 'NoSync':
      return 'none'
    case undefined:
    default:
      return undefined
  }
}

const statusFacts = (status: W32tmStatus, clock: W32TimeClock): Partial<TimeServiceFacts> => {
  const kind = sourceKind(status)
  const { leap, stratum, lastSync, lastSyncError, sinceLastSync: sinceSeconds } = status
  const lastSyncTimestamp =
    lastSync !== undefined && stampIsEvidence(status, kind)
      ? lastSyncTime(lastSync, { ...clock, sinceSeconds })
      : undefined
  return withoutUndefined({
    leap,
    stratum,
    synchronized: isSynchronised(status, kind),
    synchronizedSinceBoot: wasSynchronised(status, kind, clock),
    lastSyncTimestamp,
    lastSyncError,
  })
}

const sourceFacts = (
  status: W32tmStatus | undefined,
  settings: W32TimeSettings | undefined,
): TimeSource => {
  const kind = status && sourceKind(status)
  return withoutUndefined({
    actual: status && actualName(status.source, kind),
    kind,
    configured: settings && configuredSource(settings),
  })
}

export interface W32TimeAnswers {
  /** Of `w32tm`; a service that answers runs. */
  readonly status?: W32tmStatus | undefined
  /** Of `sc`. */
  readonly service?: ScState | undefined
  /** Of the registry. */
  readonly settings?: W32TimeSettings | undefined
  /** The server's: its time zone, and what it said when `w32tm` answered. */
  readonly clock: W32TimeClock
}

/** What W32Time's own tools tell, each as far as it could be read. */
export const w32timeFacts = (answers: W32TimeAnswers): TimeServiceFacts => {
  const { status, service, settings, clock } = answers
  const neverStarted = service?.state === 1 && service.win32ExitCode === NEVER_STARTED
  const source = sourceFacts(status, settings)
  return {
    ...withoutUndefined({
      running: status ? true : isRunning(service?.state),
      survivesReboot: settings && survives(settings),
      synchronizedSinceBoot: !status && neverStarted ? false : undefined,
      correctionLimits: settings?.correctionLimits,
      source: Object.keys(source).length > 0 ? source : undefined,
    }),
    ...(status && statusFacts(status, clock)),
  }
}
