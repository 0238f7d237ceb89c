import { type Interval, overlaps, widen, width } from '../time/interval.js'
import { PHI_PPM, type Track, WANDER_PPM, newTrack, track } from '../time/tracker.js'
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
    const { contradictions } = state
    const rtt = best ? min(best.rtt, reading.rtt) : reading.rtt
    best = { ...joined(best, reading, state), rtt, contradictions }
    if (reading.acquiring === false || signal.aborted) break
  }
  return best ?? session.read(signal)
}

/** Of readings that stand alone the narrowest of those that agree; of others what all of them come to. */
const joined = (
  best: ProbeReading | undefined,
  reading: ProbeReading,
  state: Track,
): ProbeReading => {
  if (!reading.standsAlone)
    return { ...reading, interval: state.narrowed?.interval ?? reading.interval }
  if (!best || !overlaps(agedReading(best, reading.at), reading.interval)) return reading
  return width(best.interval) < width(reading.interval) ? best : reading
}
