import type { Seconds } from '../time/units.js'

/** The time services that we know to read. `ntpd` is NTPsec's too, and `w32time` is Windows'. */
export const timeServices = ['w32time', 'chrony', 'ntpd', 'timesyncd'] as const
export type TimeServiceName = (typeof timeServices)[number]

/**
 * What keeps a clock: another machine or a receiver (`external`), the host of a virtual machine
 * (`hypervisor`), or nothing but itself (`own`): its own oscillator, taken for a reference.
 */
export type SourceKind = 'external' | 'hypervisor' | 'own'

/** Where the time comes from, as the time service says it. */
export interface TimeSource {
  /** What it follows now; absent where it says of none, or not. */
  readonly actual?: string
  readonly kind?: SourceKind
  /** What it was told to follow: names as configured, one space between them. */
  readonly configured?: string
}

/** The largest offset that is corrected, by direction; Infinity = any. Seconds, not negative. */
export interface CorrectionLimits {
  /** Of a clock that is behind, and would be set ahead. */
  readonly ahead: Seconds
  /** Of a clock that is ahead, and would be set back. */
  readonly back: Seconds
}

/**
 * What is known of the time service on a server, from whatever side: its own tools, or a reading of its
 * clock over the network. Each fact stands for itself; absent means not known, and nothing is guessed.
 */
export interface TimeServiceFacts {
  /** Whether it runs. */
  readonly running?: boolean
  /** Whether it will run after the next boot, as it is configured now. */
  readonly survivesReboot?: boolean
  /** Whether by its word the clock is kept by a source other than itself, now. */
  readonly synchronized?: boolean
  /** True once it has been since the server started; false while all that it says is that it has not. */
  readonly synchronizedSinceBoot?: boolean
  /** RFC 5905 §7.3: 0 none, 1 and 2 a leap second, 3 not synchronised. */
  readonly leap?: number
  /** RFC 5905 §7.3; 0 and 16 = not synchronised. */
  readonly stratum?: number
  /** When it last synchronised the clock, in seconds of Unix time, as that clock then said. */
  readonly lastSyncTimestamp?: Seconds
  /** [MS-W32T]: 0 succeeded, 1 no time data, 2 stale time data, 3 the change was too big, 4 shutting down. */
  readonly lastSyncError?: number
  readonly correctionLimits?: CorrectionLimits
  readonly source?: TimeSource
  /** When the server started, in seconds of Unix time. */
  readonly bootTimestamp?: Seconds
}
