import { withDeadline } from '../net/deadline.js'
import type { Platform } from '../net/platform.js'
import { steadily } from '../net/steadily.js'
import type { DurationNs } from '../time/units.js'
import type { ProbeResult, ProbeSession } from './prober.js'

/** A session that keeps nothing between its readings; `timeout` is for all of one. */
export const eachTime = (
  platform: Platform,
  timeout: DurationNs,
  read: (signal: AbortSignal) => Promise<ProbeResult>,
): ProbeSession => ({
  read: signal =>
    withDeadline(platform.timers, timeout, signal, inner =>
      steadily(platform.clock, () => read(inner)),
    ),
  close: () => undefined,
})
