import type { DurationNs } from '../time/units.js'
import { type Failure, failure } from './failure.js'
import type { Timers } from './platform.js'

/** The reason of a signal that ended because its time was up. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded'
  readonly code = 'EDGECLOCK_DEADLINE'
}

/** Runs `work` with a signal that ends after `timeout`, or when `outer` does. */
export const withDeadline = async <T>(
  timers: Timers,
  timeout: DurationNs,
  outer: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const controller = new AbortController()
  const giveUp = (): void => controller.abort(outer?.reason)
  if (outer?.aborted) giveUp()
  outer?.addEventListener('abort', giveUp, { once: true })
  const cancel = timers.after(timeout, () => controller.abort(new DeadlineExceeded('time is up')))
  try {
    return await work(controller.signal)
  } finally {
    cancel()
    outer?.removeEventListener('abort', giveUp)
  }
}

/** What an ended signal means for a reading; `waitingFor` completes "no … in time". */
export const endedBy = (signal: AbortSignal, waitingFor: string): Failure =>
  signal.reason instanceof DeadlineExceeded
    ? failure('timeout', `no ${waitingFor} in time`)
    : failure('aborted', `given up while waiting for ${waitingFor}`)
