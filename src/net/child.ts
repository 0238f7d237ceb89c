import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { DeadlineExceeded } from './deadline.js'

/** An error message; more is of no use to anyone. */
const COMPLAINT_BYTES_LIMIT = 4096
const COMPLAINT_LIMIT = 200

/**
 * Why a child gave nothing that can be relied on. A closed set, fit to be a metric label.
 * - `missing`: there is no such program
 * - `not_started`: it is there and cannot be started
 * - `timeout`: it did not end in time
 * - `aborted`: given up by us: shutdown, reload
 * - `exit_code`: it ended with another code than 0, or by a signal
 * - `too_long`: it printed more than was asked for
 */
export type ChildReason =
  'missing' | 'not_started' | 'timeout' | 'aborted' | 'exit_code' | 'too_long'

/** How a child ended; `detail` is one line for people. */
export type Ended =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: ChildReason; readonly detail: string }

/** A program of the system: on Windows by its full path, as a mere name is looked for in the working directory first. */
export const systemProgram = (name: string): string =>
  process.platform === 'win32'
    ? join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', `${name}.exe`)
    : name

export interface ChildRun {
  readonly command: string
  readonly args: readonly string[]
  /** Ends the child, and the wait for it, at once. */
  readonly signal: AbortSignal
  /** Takes its standard output; false when it is not wanted any more. */
  readonly onOutput: (chunk: Buffer) => boolean
  /** Instead of our own variables. */
  readonly env?: NodeJS.ProcessEnv
}

/** Runs a program without a shell. `ok` only if it ended with 0 and both outputs were read to their end. */
export const runChild = (run: ChildRun): Promise<Ended> =>
  new Promise(resolve => {
    const { signal, onOutput } = run
    const child = start(run)
    if (child instanceof Error) return resolve(notStarted(child))
    let complaint = Buffer.alloc(0)
    const end = (ended: Ended): void => {
      signal.removeEventListener('abort', giveUp)
      resolve(ended)
    }
    const fail = (reason: ChildReason, detail: string): void => end({ ok: false, reason, detail })
    const kill = (reason: ChildReason, detail: string): void => {
      child.kill('SIGKILL')
      // A grandchild may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      fail(reason, detail)
    }
    const giveUp = (): void =>
      signal.reason instanceof DeadlineExceeded
        ? kill('timeout', 'it did not end in time')
        : kill('aborted', 'it was given up')
    signal.addEventListener('abort', giveUp, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      if (!onOutput(chunk)) kill('too_long', 'it printed more than was asked for')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = Buffer.concat([complaint, chunk]).subarray(0, COMPLAINT_BYTES_LIMIT)
    })
    child.on('error', error => end(notStarted(error)))
    child.on('close', (code, by) => {
      if (code === 0) return end({ ok: true })
      fail('exit_code', `${code === null ? by : `exit code ${code}`}${said(complaint)}`)
    })
    if (signal.aborted) giveUp()
  })

/** Most of what can go wrong comes as an event; ENOMEM, ENOTDIR and Windows' own errors are thrown. */
const start = ({ command, args, env }: ChildRun) => {
  try {
    return spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
      ...(env && { env }),
    })
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return error
    throw error
  }
}

const notStarted = (error: Error): Ended =>
  'code' in error && error.code === 'ENOENT'
    ? { ok: false, reason: 'missing', detail: 'it is not there' }
    : { ok: false, reason: 'not_started', detail: `it cannot be started: ${error.message}` }

/** Its complaint as one line. The characters of the console's code page beyond ASCII are lost. */
const said = (complaint: Buffer): string => {
  const text = complaint.toString(complaint.includes(0) ? 'utf16le' : 'latin1')
  const line = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, COMPLAINT_LIMIT)}`
}
