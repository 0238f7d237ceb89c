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
  /** Whether it has been active since the machine started; undefined where systemd does not tell. */
  readonly startedSinceBoot: boolean | undefined
}

/** What `systemctl show` has to be asked for. */
export const UNIT_PROPERTIES = [
  'Id',
  'LoadState',
  'ActiveState',
  'UnitFileState',
  'ActiveEnterTimestampMonotonic',
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
  const entered = value('ActiveEnterTimestampMonotonic') ?? ''
  if (!/^[\w@:.-]{1,100}$/.test(id) || !isWord(loadState) || !isWord(activeState)) return undefined
  return {
    id,
    loadState,
    activeState,
    unitFileState: value('UnitFileState') ?? '',
    startedSinceBoot: /^\d{1,20}$/.test(entered) ? Number(entered) > 0 : undefined,
  }
}

const isWord = (value: string): boolean => /^[a-z-]{1,40}$/.test(value)

/** Whether it runs; undefined for a state that we do not know. */
export const unitRuns = ({ activeState }: UnitState): boolean | undefined => {
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
 * other units, as for `static` and `generated`.
 */
export const unitSurvives = ({ unitFileState }: UnitState): boolean | undefined => {
  switch (unitFileState) {
    case 'enabled':
      return true
    case 'disabled':
    case 'masked':
    case 'enabled-runtime':
      return false
    default:
      return undefined
  }
}
