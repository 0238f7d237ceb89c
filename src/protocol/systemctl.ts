import type { Seconds } from '../time/units.js'

/** A unit as `systemctl show` tells of it. */
export interface UnitState {
  /** Its own name, also where it was asked for by an alias: `chrony.service`. */
  readonly id: string
  /** `loaded`, `not-found`, `masked`, … */
  readonly loadState: string
  /** `active`, `activating`, `inactive`, `failed`, … */
  readonly activeState: string
  /** `enabled`, `disabled`, `static`, `masked`, …; empty where systemd does not tell. */
  readonly unitFileState: string
  /** What the active state is in detail: `running`, `auto-restart` between two attempts, … */
  readonly subState: string
  /** Its conditions were looked at and not met, as in a container: it is not started, and in no trouble. */
  readonly isHeldBack: boolean
  /**
   * Whether it has been active since the machine started. False only of an enabled unit: systemd forgets
   * the past of others when they stop. Undefined where it does not tell.
   */
  readonly startedSinceBoot: boolean | undefined
  /** How long after the machine it last became active. */
  readonly startedAfterBoot: Seconds | undefined
}

/** What `systemctl show` has to be asked for. */
export const UNIT_PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'SubState',
  'UnitFileState',
  'ActiveEnterTimestampMonotonic',
  'ConditionResult',
  'ConditionTimestampMonotonic',
] as const

/**
 * The units of `systemctl show --property=…`: blocks of `Name=value`, with an empty line between them, in
 * any order. A unit that was asked for by several names comes once. A block that is not whole is left out.
 */
export const parseUnits = (text: string): readonly UnitState[] => {
  if (!text.endsWith('\n')) return []
  const units = new Map<string, UnitState>()
  for (const block of text.split(/\r?\n\r?\n/)) {
    const unit = parseUnit(block.trim().split(/\r?\n/))
    if (unit) units.set(unit.id, unit)
  }
  return [...units.values()]
}

const parseUnit = (lines: readonly string[]): UnitState | undefined => {
  const value = (name: string): string | undefined =>
    lines.find(line => line.startsWith(`${name}=`))?.slice(name.length + 1)
  const id = value('Id') ?? ''
  const loadState = value('LoadState') ?? ''
  const activeState = value('ActiveState') ?? ''
  const unitFileState = value('UnitFileState') ?? ''
  const entered = microseconds(value('ActiveEnterTimestampMonotonic'))
  const tried = microseconds(value('ConditionTimestampMonotonic')) ?? 0
  if (!/^[\w@:.-]{1,100}$/.test(id) || !isWord(loadState) || !isWord(activeState)) return undefined
  return {
    id,
    loadState,
    activeState,
    unitFileState,
    subState: value('SubState') ?? '',
    isHeldBack: tried > 0 && value('ConditionResult') === 'no',
    startedSinceBoot: wasStarted(entered, unitFileState),
    startedAfterBoot: entered ? entered / 1e6 : undefined,
  }
}

const wasStarted = (entered: number | undefined, unitFileState: string): boolean | undefined => {
  if (entered === undefined) return undefined
  if (entered > 0) return true
  return unitFileState === 'enabled' ? false : undefined
}

const microseconds = (value = ''): number | undefined =>
  /^\d{1,20}$/.test(value) ? Number(value) : undefined

const isWord = (value: string): boolean => /^[a-z-]{1,40}$/.test(value)

/** Whether it runs; undefined for a state that we do not know. */
export const unitRuns = ({ activeState, subState }: UnitState): boolean | undefined => {
  // It fell over, and waits for the next attempt.
  if (subState === 'auto-restart') return false
  switch (activeState) {
    case 'active':
    case 'activating':
    case 'reloading':
      return true
    case 'inactive':
    case 'failed':
    case 'deactivating':
      return false
    default:
      return undefined
  }
}

/**
 * Whether it will be started at the next boot, systemctl(1), is-enabled. Undefined where that depends on
 * other units, as for `static` and `generated`, and where its conditions hold it back.
 */
export const unitSurvives = ({ unitFileState, isHeldBack }: UnitState): boolean | undefined => {
  switch (unitFileState) {
    case 'enabled':
      return isHeldBack ? undefined : true
    case 'disabled':
    case 'masked':
    case 'enabled-runtime':
      return false
    default:
      return undefined
  }
}
