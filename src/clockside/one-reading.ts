import { failure } from '../net/failure.js'
import { serviceFacts } from '../pools/server.js'
import { agedReading } from '../probers/burst.js'
import type { ProbeResult } from '../probers/prober.js'
import type { Interval } from '../time/interval.js'
import { SEVERAL_CLOCKS } from '../time/tracker.js'
import { type MonoNs, type Seconds, toSeconds } from '../time/units.js'
import { moduleFacts } from './module-facts.js'
import { offsetOf } from './report.js'
import type { OneReading } from './snapshot.js'

const UNKNOWN = failure('aborted', 'read, but true time is not known: see the reference servers')

/** What a reading on demand comes to at `now`, against true time − our monotonic clock. */
export const judged = (
  result: ProbeResult,
  trueTime: Interval | undefined,
  now: MonoNs,
  duration: Seconds,
): OneReading => {
  if (!result.ok) return { ...result, duration }
  const { rtt, facts, contradictions = 0 } = result
  if (contradictions >= SEVERAL_CLOCKS) {
    const detail = `several clocks answer: ${contradictions} contradictions in one reading`
    return { ...failure('implausible', detail), duration }
  }
  if (!trueTime) return { ...UNKNOWN, duration }
  const clock = agedReading(result, now)
  return {
    ok: true,
    duration,
    rtt: toSeconds(rtt),
    service: serviceFacts(facts),
    ...moduleFacts(facts, clock, now),
    ...offsetOf(clock, trueTime),
  }
}
