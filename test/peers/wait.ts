import { setTimeout as pause } from 'node:timers/promises'

export type Waiting = {
  /** What is waited for, for the message of the error. */
  what: string
  timeoutMs?: number
  intervalMs?: number
}

type Truthy<T> = Exclude<T, false | null | undefined | 0 | ''>

const isTruthy = <T>(value: T): value is Truthy<T> => Boolean(value)

/**
 * Waits for a condition, never for time: resolves with the first truthy value of `probe`. A probe
 * that throws has not come true yet; the last error is the `cause` of the one thrown in the end.
 */
export const until = async <T>(
  probe: () => T | Promise<T>,
  { what, timeoutMs = 15_000, intervalMs = 20 }: Waiting,
): Promise<Truthy<T>> => {
  const deadline = performance.now() + timeoutMs
  let cause: unknown
  for (;;) {
    try {
      const value = await probe()
      if (isTruthy(value)) return value
      cause = undefined
    } catch (error) {
      cause = error
    }
    if (performance.now() >= deadline) {
      throw new Error(`${what}: not within ${timeoutMs} ms`, { cause })
    }
    await pause(intervalMs)
  }
}
