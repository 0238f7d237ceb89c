import type { DoctorInput } from './finding.js'
import { linuxRepairs } from './repairs-linux.js'
import { windowsRepairs } from './repairs-windows.js'

/**
 * Commands for one machine as it is now, each list in the order in which they are typed. One that moves the
 * clock by so many seconds goes before all that may set the clock by itself, or the clock would be moved
 * twice. So where a clock has to be set by hand, `synchronize` is the whole `setClock`.
 */
export interface Repairs {
  /** Who has to type them. */
  readonly as: string
  /** The time service runs after the next boot too. */
  readonly survive: readonly string[]
  /** It runs, has servers to follow, looks for them at once, and says what came of it. */
  readonly synchronize: readonly string[]
  /** It takes over what it was told to follow. */
  readonly takeOver: readonly string[]
  /** The clock is right, at once; empty where only another machine can be repaired. */
  readonly setClock: readonly string[]
}

const none: Repairs = {
  as: '',
  survive: [],
  synchronize: [],
  takeOver: [],
  setClock: [],
}

export const repairsFor = (input: DoctorInput): Repairs => {
  switch (input.system) {
    case 'windows':
      return windowsRepairs(input)
    case 'linux':
      return linuxRepairs(input)
    case 'other':
      return none
  }
}
