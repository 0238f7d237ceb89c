import type { ChildReason } from '../net/child.js'
import type { UnitState } from '../protocol/systemctl.js'
import type { TimeServiceFacts, TimeServiceName } from '../protocol/time-service.js'
import type { W32TimeSettings } from '../protocol/w32time-settings.js'

/** Why a tool of the system told nothing: the reasons of a child (`net/child`), and two more. In words for people. */
export const toolReasonWords = {
  missing: 'there is no such program',
  not_started: 'it cannot be started',
  timeout: 'it did not end in time',
  aborted: 'there was no time left for it',
  exit_code: 'it failed',
  too_long: 'it printed far too much',
  no_answer: 'the time service does not answer it',
  unintelligible: 'what it printed cannot be understood',
} as const satisfies Readonly<Record<ChildReason, string>> & Readonly<Record<string, string>>
export type ToolReason = keyof typeof toolReasonWords
export const toolReasons = Object.keys(toolReasonWords) as readonly ToolReason[]

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
