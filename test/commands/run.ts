import { execFile } from 'node:child_process'
import { CLI } from '../exporter/exporter.js'

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const DEADLINE_MS = 30_000

/** Runs `edgeclock` with these arguments to its end. */
export const edgeclock = (...args: readonly string[]): Promise<Ended> => edgeclockIn({}, ...args)

/** The same, with these variables over our own. */
export const edgeclockIn = (
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<Ended> =>
  new Promise(resolve => {
    const child = execFile(
      process.execPath,
      [CLI, ...args],
      { timeout: DEADLINE_MS, env: { ...process.env, ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode ?? -1, stdout, stderr }),
    )
  })
