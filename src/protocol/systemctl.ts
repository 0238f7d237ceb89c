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
