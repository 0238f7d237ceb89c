import { byEdge, byMonitor, edge01, edge02, outcome, source, traces } from './healthy.js'
import { MINUTE, add, one, set } from './world.js'

import type { Scenario } from './scenario.js'

const offset = 'edgeclock_clock_offset_seconds'
const error = 'edgeclock_clock_offset_error_seconds'
const hostOffset = 'edgeclock_host_clock_offset_seconds'
const hostError = 'edgeclock_host_clock_offset_error_seconds'

/** Each limit, almost reached. */
export const boundScenarios: readonly Scenario[] = [
  {
    name: 'offsets lie within their error',
    changes: [
      set(offset, edge01, 90),
      set(offset, edge02, -90),
      set(error, {}, 91),
      set(hostOffset, byMonitor, 90),
      set(hostOffset, byEdge, -90),
      set(hostError, {}, 91),
      set('edgeclock_trace_offset_seconds', traces, -9),
      set('edgeclock_trace_offset_error_seconds', traces, 5),
    ],
  },
  ...[1, -1].map(sign => ({
    name: `the clocks of a pool are ${sign * 5.9} s off, ± 1 s, together`,
    changes: [
      set(offset, {}, sign * 5.9),
      set(error, {}, 1),
      set(hostOffset, {}, sign * 5.9),
      set(hostError, {}, 1),
      set('edgeclock_clock_drift_ratio', {}, sign * 1.2e-4),
    ],
    minutes: [0, 120] as const,
  })),
  {
    name: 'clocks drift by no more than they may within a day',
    changes: [
      set('edgeclock_clock_drift_ratio', edge01, 1e-4),
      set('edgeclock_clock_drift_ratio', edge02, -1e-4),
    ],
    minutes: [0, 120],
  },
  {
    name: 'a clock was set by half a second, and another one long ago',
    changes: [
      set('edgeclock_clock_steps_total', edge01, s => (s < 30 * MINUTE ? 0 : 1)),
      add(
        one('edgeclock_clock_last_step_seconds', { ...byMonitor, ...edge01 }, s =>
          s < 30 * MINUTE ? undefined : 0.5,
        ),
        one('edgeclock_clock_last_step_seconds', { ...byMonitor, ...edge02 }, 21_600),
      ),
    ],
  },
  {
    name: 'one of two modules reads a clock',
    changes: [set('edgeclock_probe_success', { ...edge02, module: 'ntp' }, 0)],
  },
  {
    name: 'at night 4 of 8 calls fail, not by a clock',
    changes: [
      set('edgeclock_um_calls_total', outcome('answered'), s => (s < 20 * MINUTE ? 9000 : 9004)),
      set('edgeclock_um_calls_total', outcome('failed'), s => (s < 20 * MINUTE ? 70 : 74)),
      set('edgeclock_um_call_failures_total', { cause: 'other' }, s => (s < 20 * MINUTE ? 70 : 74)),
    ],
  },
  {
    name: 'a source has much to read and reads, or is idle',
    changes: [
      set('edgeclock_call_source_lag_bytes', source, 5e9),
      add(
        one('edgeclock_call_source_up', { ...source, source: 'idle' }, 1),
        one('edgeclock_call_source_lag_bytes', { ...source, source: 'idle' }, 400),
        one('edgeclock_call_source_read_bytes_total', { ...source, source: 'idle' }, 7),
      ),
    ],
  },
  {
    name: 'a tool fails every other minute',
    changes: [
      set('edgeclock_ntp_source_readable', { tool: 'w32tm' }, s => (s % 120 < 60 ? 1 : undefined)),
      add(
        one(
          'edgeclock_ntp_source_readable',
          { ...byEdge, ...edge02, tool: 'w32tm', reason: 'timeout' },
          s => (s % 120 < 60 ? undefined : 0),
        ),
      ),
    ],
  },
]
