import { abs, milliseconds, type MonoNs, seconds, type UnixNs } from '../time/units.js'

export interface Heard {
  readonly received: MonoNs
  readonly stamp: UnixNs
}

const IN_STEP = seconds(2)
/** So many are remembered: enough for two clocks that answer in turn to be believed each. */
const REMEMBERED = 8
/** Stamps that stand still for longer than this are no clock's. */
const ADVANCE = milliseconds(1000)

/**
 * Whether stamps are a clock at all. Some servers put random bytes where others put their time: a
 * stamp is believed when enough others advance in step with it and our own clock, and not one of them
 * alone. Several clocks behind one address are believed each by itself, and contradict each other.
 */
export class Belief {
  readonly #needed: number
  #heard: Heard[] = []
  /** How many in a row were not believed. */
  #doubted = 0
  /** Whether any stamp ever was. */
  hasBelieved = false

  /** `needed`: how many stamps in step, the one in question among them; 1 believes all. */
  constructor(needed: number) {
    this.#needed = needed
  }

  hear({ received, stamp }: Heard): void {
    const one = { received, stamp }
    this.#heard = [...this.#heard, one].slice(-REMEMBERED)
    const believed = this.believes(one)
    this.#doubted = believed ? 0 : this.#doubted + 1
    if (believed) this.hasBelieved = true
  }

  believes(one: Heard): boolean {
    return this.#needed <= 1 || (this.#isInStep(one) && this.#advances(one))
  }

  /** Whether all that it lacks is to have advanced: the server's second has to turn over once more. */
  awaitsAdvance(one: Heard): boolean {
    return this.#needed > 1 && this.#isInStep(one) && !this.#advances(one)
  }

  #isInStep(one: Heard): boolean {
    return inStepWith(one, this.#heard).length >= this.#needed
  }

  #advances(one: Heard): boolean {
    return inStepWith(one, this.#heard).some(({ stamp }) => abs(one.stamp - stamp) >= ADVANCE)
  }

  /** Whether the last stamps are no clock's: no two of enough are in step, or so many were not believed. */
  get isHopeless(): boolean {
    if (this.#doubted >= REMEMBERED) return true
    const recent = this.#heard.slice(-this.#doubted)
    return (
      this.#doubted >= this.#needed && recent.every(one => inStepWith(one, recent).length === 1)
    )
  }
}

const inStepWith = ({ received, stamp }: Heard, others: readonly Heard[]): readonly Heard[] => {
  const difference = stamp - received
  return others.filter(other => abs(other.stamp - other.received - difference) <= IN_STEP)
}
