import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Scope } from '../test/peers/scope.js'
import { type Spent, pause } from './probes-load.js'

/** The clock side in a process of its own, which reads many servers on schedule. */
const CHILD = fileURLToPath(new URL('probes-schedule.js', import.meta.url))

const told = z.object({
  exchanges: z.number(),
  readings: z.number(),
  cpuSeconds: z.number(),
  good: z.number(),
  errors: z.array(z.number()),
  failures: z.record(z.string(), z.number()),
})
export type Told = z.output<typeof told>

export interface Scheduled {
  readonly pid: number
  /** What it did so far. */
  tell(): Promise<Told>
  /** What it did and took in some seconds, less what it takes with nothing to do. */
  spent(seconds: number, idle?: number): Promise<Spent>
  /** Stops it where it is, and lets it go on. */
  stand(isStill: boolean): void
  stop(): Promise<void>
}

const answer = async (child: ChildProcess, question: string): Promise<unknown> => {
  const answered = once(child, 'message')
  child.send(question)
  const [message] = (await answered) as unknown[]
  return message
}

export const startSchedule = async (scope: Scope, config: object): Promise<Scheduled> => {
  const child = fork(CHILD, { execArgv: [] })
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }
  scope.teardown(stop)
  process.once('exit', () => child.kill('SIGKILL'))
  await once(child, 'spawn')
  await answer(child, JSON.stringify(config))
  const tell = async (): Promise<Told> => told.parse(await answer(child, 'tell'))
  const spent = async (seconds: number, idle = 0): Promise<Spent> => {
    const before = await tell()
    const began = performance.now()
    await pause(seconds)
    const after = await tell()
    const passed = (performance.now() - began) / 1000
    return {
      exchanges: after.exchanges - before.exchanges,
      readings: after.readings - before.readings,
      cpuSeconds: after.cpuSeconds - before.cpuSeconds - idle * passed,
    }
  }
  const stand = (isStill: boolean): void => void child.kill(isStill ? 'SIGSTOP' : 'SIGCONT')
  return { pid: child.pid ?? 0, tell, spent, stand, stop }
}
