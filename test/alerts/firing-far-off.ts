import { type Case, OF_EDGE02, alertNamed } from './firing.js'
import { byEdge, byMonitor, clock, edge02 } from './healthy.js'
import { type Change, HOUR, MINUTE, add, during, failedScrapes, set } from './world.js'

const offset = 'edgeclock_clock_offset_seconds'
const steps = 'edgeclock_clock_steps_total'

const farOff = alertNamed({
  alert: 'EdgeclockClockFarOff',
  labels: { severity: 'critical', component: 'clock' },
  summary: "A server's clock is more than a minute off.",
  dashboard: OF_EDGE02,
})

export const farOffText = (off: string): string =>
  `The clock of edge02 in pool edgepool1 is ${off} and nothing is correcting it: on edge02 run \`w32tm /resync /rediscover\` in an administrator's console, then follow the runbook. Calls to voicemail and transfers by way of this server fail, or soon will.`

const edge02Is = (off: string) => [farOff.says({ ...byMonitor, ...edge02 }, farOffText(off))]

/** The clock of edge02 is set to each offset at its second, which counts as a step. */
export const stepped = (...steppedTo: readonly (readonly [number, number])[]): Change[] => {
  const before = (seconds: number) => steppedTo.filter(([from]) => from <= seconds)
  return [
    set(offset, edge02, s => before(s).at(-1)?.[1] ?? 0),
    set(steps, edge02, s => before(s).length),
  ]
}

const T = 30 * MINUTE

const cases: readonly Omit<Case, 'alert'>[] = [
  {
    what: 'a clock that falls behind, by the first reading, until it is repaired',
    changes: stepped([T, -21_600.3], [T + 10 * MINUTE, 0.001]),
    fires: [
      [T, edge02Is('6h behind')],
      [T + 10 * MINUTE - 15, edge02Is('6h behind')],
    ],
    quiet: [T - 15, T + 10 * MINUTE, T + 11 * MINUTE],
  },
  {
    what: 'a clock that is set ahead',
    changes: stepped([T, 3 * 86_400 + 300]),
    fires: [[T, edge02Is('3d 0h 5m ahead')]],
    quiet: [T - 15],
  },
  {
    what: 'a clock one second beyond the limit, behind',
    changes: stepped([T, -61.2]),
    fires: [[T, edge02Is('1m 1s behind')]],
    quiet: [T - 15],
  },
  ...[-1, 1].map(sign => ({
    what: `half a repair of a clock ${sign < 0 ? 'behind' : 'ahead'}, without a pause`,
    changes: stepped([0, sign * 21_600], [T, sign * 65]),
    fires: Array.from({ length: 29 }, (_, i) => i * 15).map(
      after => [T + after, edge02Is(`1m 5s ${sign < 0 ? 'behind' : 'ahead'}`)] as const,
    ),
    quiet: [],
  })),
  {
    what: 'half a repair during which the exporter was restarted, and counted no step',
    changes: [...stepped([0, -21_600], [T, -65]), set(steps, edge02, s => (s < T ? 1 : 0))],
    fires: [30, 60, 120, 180, 240, 270].map(
      after => [T + after, edge02Is('1m 5s behind')] as const,
    ),
    quiet: [],
  },
  ...[-1, 1].map(sign => ({
    what: `a clock ${sign < 0 ? 'behind' : 'ahead'} that is slewed too slowly`,
    changes: [set(offset, edge02, s => sign * (21_600 - s / 2000))],
    fires: [[T, edge02Is(`5h 59m 59s ${sign < 0 ? 'behind' : 'ahead'}`)]] as const,
    quiet: [],
  })),
  ...[-1, 1].map(sign => ({
    what: `a clock that drifts away, ${sign < 0 ? 'behind' : 'ahead'}`,
    changes: [set(offset, edge02, s => (sign * s) / 25)],
    fires: [[T, edge02Is(`1m 12s ${sign < 0 ? 'behind' : 'ahead'}`)]] as const,
    quiet: [25 * MINUTE],
  })),
  {
    what: 'a clock far off while scrapes fail',
    changes: [...stepped([T, -21_600]), failedScrapes(byMonitor.instance, T + 60, T + 150)],
    fires: [60, 90, 120, 150].map(after => [T + after, edge02Is('6h behind')] as const),
    quiet: [T - 15],
  },
  {
    what: 'a clock far off while the exporter is dead: that is no repair',
    changes: [
      ...stepped([T, -21_600], [T + 20 * MINUTE, 0]),
      failedScrapes(byMonitor.instance, T + 60, T + 30 * MINUTE),
    ],
    fires: [1, 2, 3, 5, 15, 29].map(after => [T + after * MINUTE, edge02Is('6h behind')] as const),
    quiet: [T - 15, T + 30 * MINUTE + 15],
  },
  {
    what: 'a clock that two exporters watch, once for each',
    changes: [add(...clock(byEdge, edge02, 0)), during(offset, edge02, [T, HOUR], -7200)],
    fires: [
      [
        T,
        [
          farOff.says({ ...byMonitor, ...edge02 }, farOffText('2h behind')),
          farOff.says({ ...byEdge, ...edge02 }, farOffText('2h behind')),
        ],
      ],
    ],
    quiet: [T - 15],
  },
  {
    what: 'a clock far off while the reference is silent, since the bound holds',
    changes: [
      ...stepped([T, -21_600]),
      during('edgeclock_reference_synchronized', byMonitor, [T, HOUR], 0),
      during('edgeclock_clock_offset_error_seconds', byMonitor, [T, HOUR], 1.5),
    ],
    fires: [[T, edge02Is('6h behind')]],
    quiet: [T - 15],
  },
]

export const farOffCases: readonly Case[] = cases.map(one =>
  Object.assign({ alert: farOff.alert }, one),
)
