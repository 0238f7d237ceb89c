import { type Case, alertNamed } from './firing.js'
import { byMonitor, clock, edge01, edge02 } from './healthy.js'
import { HOUR, MINUTE, add, during, set } from './world.js'

const T = 30 * MINUTE
const offset = 'edgeclock_clock_offset_seconds'

const disagree = alertNamed({
  alert: 'EdgeclockPoolClocksDisagree',
  labels: { severity: 'warning', component: 'clock' },
  summary: "The clocks of a pool's servers differ.",
  dashboard: 'edgeclock-pools?var-pool=edgepool1',
})

/** A neighbour that is right, and comes nearer by milliseconds. */
const edge03 = { pool: 'edgepool1', server: 'edge03' }
const settling = add(
  ...clock(byMonitor, edge03, 0).map(series =>
    series.metric === offset
      ? Object.assign({}, series, { at: (s: number) => 0.03 - s * 1e-5 })
      : series,
  ),
)

export const poolCases: readonly Case[] = [
  ...(
    [
      [1.55, -1.75, 'edge02 -1.8s, edge01 +1.6s', []],
      [-1.55, 1.75, 'edge01 -1.6s, edge02 +1.8s', []],
      [-1.55, 1.75, 'edge01 -1.6s, edge03 +0.0s, edge02 +1.8s', [settling]],
    ] as const
  ).map(([first, second, each, more]) => ({
    alert: disagree.alert,
    what: `clocks that lie on both sides of true time: ${each}`,
    changes: [
      ...more,
      during(offset, edge01, [T, HOUR], first + 0.01 * Math.sign(first)),
      during(offset, edge02, [T, HOUR], second + 0.01 * Math.sign(second)),
    ],
    fires: [
      [
        T + 5 * MINUTE,
        [
          disagree.says(
            { pool: 'edgepool1' },
            `The clocks of pool edgepool1 differ by 3.3s or more (${each}): on the server that is off run \`w32tm /resync /rediscover\` in an administrator's console.`,
          ),
        ],
      ],
    ] as const,
    quiet: [T + 4 * MINUTE],
  })),
  {
    alert: disagree.alert,
    what: 'no clocks of which an exporter without reference reads one',
    changes: [
      during(offset, edge01, [T, HOUR], 1.6),
      during(offset, edge02, [T, HOUR], -1.8),
      set('edgeclock_reference_synchronized', byMonitor, 0),
    ],
    fires: [],
    quiet: [T + 5 * MINUTE, T + 20 * MINUTE],
  },
]
