import type { Change } from './world.js'

/** A world in which nothing else may fire than what it is about. */
export type Scenario = {
  readonly name: string
  readonly changes: readonly Change[]
  /** What it is about; fires at the end. All others are silent all the while. */
  readonly fires?: readonly string[]
  /** What it is about too, for a while. */
  readonly mayFire?: readonly string[]
  /** From when on nothing fires, and until when; a minute and an hour are left out. */
  readonly minutes?: readonly [from: number, until: number]
}
