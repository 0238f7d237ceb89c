import {
  POOL,
  byEdge,
  byMonitor,
  edge01,
  edge02,
  inTwoShards,
  unreadFromOutside,
} from './healthy.js'
import { type Change, HOUR, MINUTE, add, during, one, set } from './world.js'

import type { Scenario } from './scenario.js'
import { boundScenarios } from './scenarios-bounds.js'
import { scrapeScenarios } from './scenarios-scrapes.js'

const offset = 'edgeclock_clock_offset_seconds'
const error = 'edgeclock_clock_offset_error_seconds'
const hostOffset = 'edgeclock_host_clock_offset_seconds'
const hostError = 'edgeclock_host_clock_offset_error_seconds'

/** From `from` seconds on towards 0 at a rate, where it stays. */
const slewed = (from: number, rate: number) => (seconds: number) =>
  Math.sign(from) * Math.max(0, Math.abs(from) - rate * seconds)

const others: readonly Scenario[] = [
  { name: 'nothing is wrong', changes: [], minutes: [0, 120] },
  { name: 'nothing is wrong in two shards', changes: [inTwoShards] },
  { name: 'a server is read by its own exporter alone', changes: [unreadFromOutside] },
  {
    name: 'clocks far off are slewed back in time',
    changes: [
      set(offset, edge01, slewed(80, 0.04)),
      set(offset, edge02, slewed(-80, 0.04)),
      set(hostOffset, byMonitor, slewed(80, 0.04)),
      set(hostOffset, byEdge, slewed(-80, 0.04)),
      set('edgeclock_clock_drift_ratio', edge01, -0.04),
      set('edgeclock_clock_drift_ratio', edge02, 0.04),
    ],
    // Of the first reading alone nobody knows.
    minutes: [1, 120],
  },
]

/** edge02 answers by another name from then on, to both modules that are told it. */
const renamed: readonly Change[] = [
  during('edgeclock_server_identity_info', edge02, [20 * MINUTE, 9 * HOUR], undefined),
  add(
    ...['rdp', 'winrm'].map(module =>
      one(
        'edgeclock_server_identity_info',
        { ...byMonitor, ...edge02, module, computer: 'EDGE07', dns_name: '', domain: '' },
        s => (s < 20 * MINUTE ? undefined : 1),
      ),
    ),
  ),
]

const modules: readonly Scenario[] = [
  { name: 'a server has another name after a reboot', changes: renamed },
  {
    name: 'one module of a server is given no time, and others read it',
    changes: [add(one('edgeclock_probe_success', { ...byMonitor, ...edge02, module: 'rdp' }, 0))],
  },
]

/** References silent: the consensus ages, and offsets are told on. */
const silence: readonly Change[] = [
  during('edgeclock_reference_synchronized', byMonitor, [30 * MINUTE, 9 * HOUR], 0),
  during('edgeclock_reference_server_reachable', byMonitor, [20 * MINUTE, 9 * HOUR], 0),
  during('edgeclock_reference_server_falseticker', byMonitor, [20 * MINUTE, 9 * HOUR], undefined),
  during('edgeclock_reference_witness_agrees', byMonitor, [20 * MINUTE, 9 * HOUR], undefined),
  ...([error, hostError] as const).map(metric =>
    during(metric, byMonitor, [20 * MINUTE, 9 * HOUR], s => 0.001 + (s - 20 * MINUTE) * 2e-3),
  ),
]

const toldByConsensus = [
  offset,
  error,
  hostOffset,
  hostError,
  'edgeclock_clock_drift_ratio',
  'edgeclock_reference_server_falseticker',
  'edgeclock_reference_witness_agrees',
] as const

const reference: readonly Scenario[] = [
  {
    name: 'the reference is lost by silence',
    changes: silence,
    fires: ['EdgeclockReferenceLost', 'EdgeclockReferenceUnreachable'],
  },
  ...[1, -1].map(sign => ({
    name: `the reference is lost by silence, and consensus and clocks part (${sign > 0 ? 'ahead' : 'behind'})`,
    // What seems to move is our idea of true time, which stays within its error.
    changes: [
      ...silence,
      ...([offset, hostOffset] as const).map(metric =>
        during(metric, byMonitor, [20 * MINUTE, 9 * HOUR], s => sign * (s - 20 * MINUTE) * 1.9e-3),
      ),
    ],
    fires: ['EdgeclockReferenceLost', 'EdgeclockReferenceUnreachable'],
  })),
  {
    name: 'the reference is lost by disagreement',
    changes: [
      during('edgeclock_reference_synchronized', byMonitor, [30 * MINUTE, 9 * HOUR], 0),
      ...toldByConsensus.map(metric =>
        during(metric, byMonitor, [30 * MINUTE, 9 * HOUR], undefined),
      ),
    ],
    fires: ['EdgeclockReferenceLost'],
  },
  ...[21_600, -21_600].map(seconds => ({
    name: `only the clock of the exporter's host is ${seconds} s off`,
    changes: [
      during(hostOffset, byMonitor, [30 * MINUTE, 9 * HOUR], seconds),
      during('edgeclock_host_clock_steps_total', byMonitor, [30 * MINUTE, 9 * HOUR], 1),
    ],
    fires: ['EdgeclockHostClockOff'],
  })),
  {
    name: 'a pool has the name and servers of another job, which is no exporter',
    changes: [
      add(
        one('up', { job: 'windows', instance: 'edge02:9182' }, 0),
        one('up', { job: 'edgeclock-probe', instance: POOL }, 0),
      ),
    ],
  },
]

export const scenarios: readonly Scenario[] = [
  ...others,
  ...modules,
  ...scrapeScenarios,
  ...boundScenarios,
  ...reference,
]
