import { type Interval, widen } from '../time/interval.js'
import { PHI_PPM, WANDER_PPM, newTrack, track } from '../time/tracker.js'
import { type MonoNs, elapsed, min, ppm } from '../time/units.js'
import type { ProbeReading, ProbeResult, ProbeSession } from './prober.js'

const CLOCKS_PPM = WANDER_PPM + PHI_PPM

/** The reading's interval as it is at `now`: the clocks may have run off since. */
export const agedReading = ({ interval, at }: ProbeReading, now: MonoNs): Interval =>
  widen(interval, ppm(CLOCKS_PPM, elapsed(at, now)))

/**
 * Up to `count` readings one after the other as one: their intervals intersected, the shortest round
 * trip, all contradictions. A prober that aims is done when its aim is found. It ends early with what it
 * has when one of them fails, so a server that wants no more is left alone, and when `signal` does.
 */
export const readBurst = async (
  session: ProbeSession,
  count: number,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  let state = newTrack(CLOCKS_PPM)
  let best: ProbeReading | undefined
  for (let i = 0; i < count; i++) {
    const reading = await session.read(signal)
    if (!reading.ok) return best ?? reading
    state = track(state, reading)
    const { interval } = state.narrowed ?? reading
    const rtt = best ? min(best.rtt, reading.rtt) : reading.rtt
    best = { ...reading, interval, rtt, contradictions: state.contradictions }
    if (reading.acquiring === false || signal.aborted) break
  }
  return best ?? session.read(signal)
}
