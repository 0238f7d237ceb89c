import type { DoctorInput } from './finding.js'
import { linuxRepairs } from './repairs-linux.js'
import { windowsRepairs } from './repairs-windows.js'

/** Commands for one machine as it is now, each list in the order in which they are typed. */
export interface Repairs {
  /** Who has to type them. */
  readonly as: string
  /** The time service runs, now. */
  readonly start: readonly string[]
  /** It runs after the next boot too. */
  readonly survive: readonly string[]
  /** It has servers to follow. */
  readonly configure: readonly string[]
  /** It looks for its servers at once, and says what came of it. */
  readonly synchronize: readonly string[]
  /** The clock is right, at once. */
  readonly setClock: readonly string[]
  /** The same without the time service. */
  readonly setByHand: readonly string[]
}

const none: Repairs = {
  as: '',
  start: [],
  survive: [],
  configure: [],
  synchronize: [],
  setClock: [],
  setByHand: [],
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
