import { childReasons } from '../net/child.js'
import type { UnitState } from '../protocol/systemctl.js'
import type { TimeServiceFacts, TimeServiceName } from '../protocol/time-service.js'
import type { W32TimeSettings } from '../protocol/w32time-settings.js'

/**
 * Why a tool of the system told nothing. Those of a child, and:
 * - `no_answer`: it ran, and the time service did not answer it
 * - `unintelligible`: it ended well, and what it printed is not what it prints
 */
export const toolReasons = [...childReasons, 'no_answer', 'unintelligible'] as const
export type ToolReason = (typeof toolReasons)[number]

/** What came of asking one tool; `detail` is one line for people. */
export type ToolReport =
  | { readonly tool: string; readonly ok: true }
  | {
      readonly tool: string
      readonly ok: false
      readonly reason: ToolReason
      readonly detail: string
    }

/** What the tools of this machine told of its time service in one round. */
export interface HostReading {
  /** Absent where no time service that we know was found. */
  readonly name?: TimeServiceName
  /** What the system calls it, as commands take it: `w32time`, `chrony.service`. */
  readonly unit?: string
  readonly facts: TimeServiceFacts
  /** One for each tool that was asked, in that order; each tool once. */
  readonly tools: readonly ToolReport[]
  /** On Windows, as far as the registry could be read. */
  readonly settings?: W32TimeSettings
  /** On Linux with systemd. */
  readonly systemd?: UnitState
}

/** One round. Never rejects for what a tool does; ends when `signal` does, with what is known by then. */
export type ReadHost = (signal: AbortSignal) => Promise<HostReading>
