import type { Clock } from '../time/clock.js'
import { glanceAtWall } from '../time/tick.js'
import { wallJump } from '../time/wall-watch.js'
import { type Failure, failure } from './failure.js'

/**
 * What stamps on the monotonic clock come to, unless our own clocks moved against each other meanwhile: a
 * sleep hides its time from the monotonic clock, and may do so between two of the stamps.
 */
export const steadily = async <T extends { readonly ok: true }>(
  clock: Clock,
  read: () => Promise<T | Failure>,
): Promise<T | Failure> => {
  const before = glanceAtWall(clock)
  const result = await read()
  if (!result.ok || wallJump(before, glanceAtWall(clock)) === undefined) return result
  return failure('aborted', 'our own clock was set, or we were suspended, during the exchange')
}
