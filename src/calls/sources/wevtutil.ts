import { spawn } from 'node:child_process'
import { join } from 'node:path'

/** An error message; more is of no use to anyone. */
const COMPLAINT_BYTES_LIMIT = 4096
const COMPLAINT_LIMIT = 200

/** How a child ended; `detail` is one line for people. */
export type Ended = { readonly ok: true } | { readonly ok: false; readonly detail: string }

/** By its full path: on Windows a mere name is looked for in the working directory first. */
export const wevtutil =
  process.platform === 'win32'
    ? join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'wevtutil.exe')
    : 'wevtutil'

export interface ChildRun {
  readonly command: string
  readonly args: readonly string[]
  /** Ends the child, and the wait for it, at once. */
  readonly signal: AbortSignal
  /** Takes its standard output; false when it is not wanted any more. */
  readonly onOutput: (chunk: Buffer) => boolean
}

/** Runs a program without a shell. `ok` only if it ended with 0 and both outputs were read to their end. */
export const runChild = ({ command, args, signal, onOutput }: ChildRun): Promise<Ended> =>
  new Promise(resolve => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true })
    let complaint = Buffer.alloc(0)
    const end = (ended: Ended): void => {
      signal.removeEventListener('abort', giveUp)
      resolve(ended)
    }
    const kill = (detail: string): void => {
      child.kill('SIGKILL')
      // A grandchild may hold the pipes open for ever.
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      end({ ok: false, detail })
    }
    const giveUp = (): void => kill('it did not end in time')
    signal.addEventListener('abort', giveUp, { once: true })
    child.stdout.on('data', (chunk: Buffer) => {
      if (!onOutput(chunk)) kill('it printed more than was asked for')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = Buffer.concat([complaint, chunk]).subarray(0, COMPLAINT_BYTES_LIMIT)
    })
    child.on('error', error => end({ ok: false, detail: startProblem(error) }))
    child.on('close', (code, by) => {
      if (code === 0) return end({ ok: true })
      end({ ok: false, detail: `${code === null ? by : `exit code ${code}`}${said(complaint)}` })
    })
    if (signal.aborted) giveUp()
  })

const startProblem = (error: Error): string => {
  const missing = 'code' in error && error.code === 'ENOENT'
  if (!missing) return `it cannot be started: ${error.message}`
  return process.platform === 'win32'
    ? 'it is not there'
    : 'it is not there: only Windows has it; elsewhere give files that were exported'
}

/** Its complaint as one line. The characters of the console's code page beyond ASCII are lost. */
const said = (complaint: Buffer): string => {
  const text = complaint.toString(complaint.includes(0) ? 'utf16le' : 'latin1')
  const line = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  return line === '' ? '' : `: ${line.slice(0, COMPLAINT_LIMIT)}`
}
