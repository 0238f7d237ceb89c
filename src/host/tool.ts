import { type ChildReason, runChild } from '../net/child.js'
import { withDeadline } from '../net/deadline.js'
import type { Timers } from '../net/platform.js'
import { seconds } from '../time/units.js'

/** Each of these tools answers within a fraction of a second, or hangs. */
const TOOL_TIMEOUT = seconds(5)
/** Of all that are asked in one round: five tools that all hang are given up one after the other. */
export const ROUND_TIMEOUT = seconds(30)
/** The longest is the registry's part on the time service, with some 10 KiB. */
const OUTPUT_BYTES_LIMIT = 256 << 10

/** What a tool printed, in the bytes of its console; also where it failed, since some say why there. */
export type ToolAnswer =
  | { readonly ok: true; readonly output: Buffer }
  | {
      readonly ok: false
      readonly reason: ChildReason
      readonly detail: string
      readonly output: Buffer
    }

export interface ToolCall {
  /** The program: a full path, or a name that is looked for on the PATH. */
  readonly command: string
  readonly args: readonly string[]
  /** Instead of our own variables. */
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a tool of the system and keeps what it prints. Ends after 5 s, or when `outer` does. */
export const askTool = async (
  timers: Timers,
  { command, args, env }: ToolCall,
  outer: AbortSignal,
): Promise<ToolAnswer> => {
  const chunks: Buffer[] = []
  let bytes = 0
  const ended = await withDeadline(timers, TOOL_TIMEOUT, outer, signal =>
    runChild({
      command,
      args,
      signal,
      ...(env && { env }),
      onOutput: chunk => {
        chunks.push(chunk)
        bytes += chunk.length
        return bytes <= OUTPUT_BYTES_LIMIT
      },
    }),
  )
  return { ...ended, output: Buffer.concat(chunks) }
}
