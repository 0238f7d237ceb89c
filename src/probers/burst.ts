import { PHI_PPM, WANDER_PPM, newTrack, track } from '../time/tracker.js'
import { min } from '../time/units.js'
import type { ProbeReading, ProbeResult, ProbeSession } from './prober.js'

/**
 * Up to `count` readings one after the other as one: their intervals intersected, the shortest round
 * trip. It ends early with what it has when one of them fails, so a server that wants no more is left
 * alone.
 */
export const readBurst = async (
  session: ProbeSession,
  count: number,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  let state = newTrack(WANDER_PPM + PHI_PPM)
  let best: ProbeReading | undefined
  for (let i = 0; i < count; i++) {
    const reading = await session.read(signal)
    if (!reading.ok) return best ?? reading
    state = track(state, reading)
    const { interval } = state.narrowed ?? reading
    best = { ...reading, interval, rtt: best ? min(best.rtt, reading.rtt) : reading.rtt }
  }
  return best ?? session.read(signal)
}
