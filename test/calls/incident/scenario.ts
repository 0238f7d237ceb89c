import type { Call } from './call.js'
import type { Marker } from './markers.js'

/** How a voicemail call ends; `none`: it is not one. */
export type UmOutcome = 'none' | 'answered' | 'failed' | 'abandoned' | 'unresolved'

/** What counting has to say of one call, written down by hand. */
export interface Expectation {
  readonly um: UmOutcome
  /** `code|diagnostic|cause`; only with `failed`. */
  readonly umFailure?: string
  /** `role|code|diagnostic|cause` of each failed request; the role is one of the call's cast. */
  readonly sipFailures?: readonly string[]
}

export interface Scenario {
  readonly name: string
  /** How often, relative to the others. */
  readonly weight: number
  /** Used in turn; none where the scenario brings its own. */
  readonly markers?: readonly Marker[]
  readonly expect: Expectation
  readonly play: (call: Call) => void
}
