import { EDGE, MONITOR, byMonitor, edge02, failures } from './healthy.js'
import {
  type Change,
  HOUR,
  MINUTE,
  add,
  during,
  failedScrapes,
  noScrapes,
  noTarget,
  one,
  set,
} from './world.js'

import type { Scenario } from './scenario.js'

const offset = 'edgeclock_clock_offset_seconds'
const error = 'edgeclock_clock_offset_error_seconds'

/** Failures of last week, on the counters of this one. */
const oldFailures: readonly Change[] = [
  set('edgeclock_um_call_failures_total', { cause: 'clock_skew' }, 57),
  add(failures('429', '1018', 'clock_skew', 8), failures('504', 'other', 'clock_skew', 2)),
  set('edgeclock_um_calls_total', { outcome: 'failed' }, 137),
]

export const scrapeScenarios: readonly Scenario[] = [
  {
    name: 'scrapes fail now and then',
    changes: [
      ...oldFailures,
      ...[10, 11, 12, 30, 55].flatMap(minute => [
        failedScrapes(MONITOR, minute * MINUTE, minute * MINUTE + 30),
        failedScrapes(EDGE, minute * MINUTE + 15, minute * MINUTE + 45),
      ]),
    ],
  },
  {
    name: 'an exporter does not answer for 12 minutes',
    changes: [...oldFailures, failedScrapes(MONITOR, 30 * MINUTE, 42 * MINUTE)],
    mayFire: ['EdgeclockExporterDown'],
  },
  {
    name: 'Prometheus itself is off for 12 minutes',
    changes: [
      ...oldFailures,
      noScrapes(MONITOR, 30 * MINUTE, 42 * MINUTE),
      noScrapes(EDGE, 30 * MINUTE, 42 * MINUTE),
    ],
    // No rules run then; here they do, and find no target.
    mayFire: ['EdgeclockExporterAbsent'],
  },
  {
    name: 'an exporter with old counts is scraped for the first time',
    changes: [
      ...oldFailures,
      set('edgeclock_clock_steps_total', edge02, 7),
      add(one('edgeclock_clock_last_step_seconds', { ...byMonitor, ...edge02 }, -7200)),
      noTarget(MONITOR, 0, 30 * MINUTE),
    ],
  },
  {
    name: 'a first start has read its sources to their end, and tells what was in them',
    changes: [
      ...oldFailures,
      ...(
        [
          'edgeclock_um_call_failures_total',
          'edgeclock_um_calls_total',
          'edgeclock_calls_open',
        ] as const
      ).map(metric => during(metric, {}, [0, 25 * MINUTE], undefined)),
    ],
  },
  {
    name: 'a pool is added to the configuration, and its old calls are found',
    changes: [
      add(
        ...(['answered', 'failed'] as const).map(outcome =>
          one('edgeclock_um_calls_total', { ...byMonitor, pool: 'added', outcome }, s =>
            s < 25 * MINUTE ? undefined : 57,
          ),
        ),
        one('edgeclock_calls_open', { ...byMonitor, pool: 'added' }, s =>
          s < 25 * MINUTE ? undefined : 0,
        ),
        {
          ...failures('429', '1020', 'clock_skew', s => (s < 25 * MINUTE ? undefined : 57)),
          labels: {
            ...byMonitor,
            pool: 'added',
            sip_code: '429',
            diagnostic: '1020',
            cause: 'clock_skew',
          },
        },
      ),
    ],
  },
  {
    name: 'the calls thread tells its old counts again after a silence',
    changes: [
      ...oldFailures,
      set('edgeclock_call_thread_up', byMonitor, s => (s < 25 * MINUTE ? 0 : 1)),
      during('edgeclock_um_call_failures_total', {}, [0, 25 * MINUTE], undefined),
      during('edgeclock_um_calls_total', {}, [0, 25 * MINUTE], undefined),
      during('edgeclock_calls_open', {}, [0, 25 * MINUTE], undefined),
    ],
    mayFire: ['EdgeclockThreadDown'],
  },
  {
    name: 'an exporter was restarted, and its counters of steps begin anew',
    changes: [
      ...oldFailures,
      set('edgeclock_clock_steps_total', edge02, s => (s < 30 * MINUTE ? 3 : 0)),
      add(
        one('edgeclock_clock_last_step_seconds', { ...byMonitor, ...edge02 }, s =>
          s < 30 * MINUTE ? 21_600 : undefined,
        ),
      ),
    ],
  },
  {
    name: 'a server is taken out of the configuration',
    changes: (
      [
        offset,
        error,
        'edgeclock_clock_steps_total',
        'edgeclock_probe_success',
        'edgeclock_clock_consistent',
      ] as const
    ).map(metric => during(metric, edge02, [30 * MINUTE, 9 * HOUR], undefined)),
  },
]
