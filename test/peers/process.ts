import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import type { Scope } from './scope.js'
import { until } from './wait.js'

const MAX_OUTPUT_CHARACTERS = 64 * 1024
/** A daemon's children may hold its output open after its end: the rest of it is not worth more. */
const LAST_OUTPUT_MS = 1000

export type ProcessOptions = {
  /** For messages; the command when left out. */
  name?: string
  command: string
  args?: string[]
  env?: Record<string, string>
  cwd?: string
  /** Becomes true when the process serves; asked again and again. */
  ready?: (output: string) => unknown
  readyTimeoutMs?: number
  /** From SIGTERM to SIGKILL. */
  stopTimeoutMs?: number
}

export type Exit = { code: number | null; signal: NodeJS.Signals | null }

export type StartedProcess = {
  pid: number
  /** What it wrote to stdout and stderr: the last 64 Ki characters. */
  output: () => string
  exited: Promise<Exit>
  /** SIGTERM, after the deadline SIGKILL; resolves once it is gone. */
  stop: () => Promise<void>
}

/** A test file that is ended early runs no teardown, and its peers must not outlive it. */
const running = new Set<ChildProcess>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

const collect = (child: ChildProcess) => {
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8')
    stream?.on('data', (more: string) => (text = (text + more).slice(-MAX_OUTPUT_CHARACTERS)))
  }
  return () => text
}

const exitOf = async (child: ChildProcess): Promise<Exit> => {
  const closed = new Promise(resolve => child.once('close', resolve))
  await new Promise(resolve => child.once('exit', resolve))
  running.delete(child)
  await Promise.race([closed, pause(LAST_OUTPUT_MS, undefined, { ref: false })])
  child.stdout?.destroy()
  child.stderr?.destroy()
  return { code: child.exitCode, signal: child.signalCode }
}

const stopping = (child: ChildProcess, exited: Promise<Exit>, timeoutMs: number) => async () => {
  if (!isOver(child)) child.kill('SIGTERM')
  const killer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  await exited
  clearTimeout(killer)
}

/**
 * Starts a program and waits until it is ready. Rejects with its output when it ends before that,
 * or is not ready in time. Stopped with the scope, by its process id.
 */
export const startProcess = async (
  scope: Scope,
  { command, args = [], env, cwd, ready, readyTimeoutMs = 30_000, ...rest }: ProcessOptions,
): Promise<StartedProcess> => {
  const { name = command, stopTimeoutMs = 5000 } = rest
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    ...(cwd !== undefined && { cwd }),
  })
  const output = collect(child)
  await once(child, 'spawn')
  running.add(child)
  const exited = exitOf(child)
  const stop = stopping(child, exited, stopTimeoutMs)
  scope.teardown(stop)
  if (ready !== undefined) {
    const probe = async () => isOver(child) || (await ready(output()))
    await until(probe, { what: `${name} ready`, timeoutMs: readyTimeoutMs }).catch(error => {
      throw new Error(`${name} is not ready. It wrote:\n${output()}`, { cause: error })
    })
    if (isOver(child)) {
      const { code, signal } = await exited
      throw new Error(`${name} ended with ${code ?? signal} before it was ready:\n${output()}`)
    }
  }
  return { pid: child.pid ?? 0, output, exited, stop }
}
