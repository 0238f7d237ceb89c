import { type Case, alertNamed } from './firing.js'
import { stepped } from './firing-far-off.js'
import { POOL, byEdge, byMonitor, edge02, failures } from './healthy.js'
import { MINUTE, add, failedScrapes, one, set } from './world.js'

export const T = 30 * MINUTE
const OF_POOL = 'edgeclock-calls?var-pool=edgepool1'
const critical = { severity: 'critical', component: 'calls' }

export const skew = alertNamed({
  alert: 'EdgeclockSkewBreaksCalls',
  labels: critical,
  summary: "Calls to voicemail fail because a server's clock is off.",
  dashboard: `${OF_POOL}&var-server=edge02`,
})
export const skewAlert = (off: string, calls: string) =>
  skew.says(
    edge02,
    `The clock of edge02 in pool edgepool1 is ${off}, and ${calls} to voicemail failed for clock skew within 10 minutes: on edge02 run \`w32tm /resync /rediscover\` in an administrator's console, then follow the runbook.`,
  )

export const unseen = alertNamed({
  alert: 'EdgeclockUnseenSkewBreaksCalls',
  labels: critical,
  summary: "Calls to voicemail fail by a wrong clock, and no watched server's clock is off.",
  dashboard: OF_POOL,
})
export const unseenAlert = (calls: string) =>
  unseen.says(
    { pool: POOL },
    `${calls} to voicemail in pool edgepool1 failed by clock skew within 10 minutes, but no server that is watched there is known to be off: on each Front End and Edge that is not watched run \`w32tm /stripchart /computer:NTP-SERVER-1 /samples:1 /dataonly\`, and on the one that is off \`w32tm /resync /rediscover\`.`,
  )

const skewed = 'edgeclock_um_call_failures_total'
/** One call a minute fails, from T on for a quarter of an hour. */
export const failing = (before: number) => (s: number) =>
  before + Math.floor(Math.max(0, Math.min(s - T, 15 * MINUTE)) / MINUTE)

const skewCases: readonly Case[] = [
  ...(
    [
      [-21_600, '6h behind'],
      [301.4, '5m 1s ahead'],
      [-5.9, '6s behind'],
    ] as const
  ).map(([seconds, off]) => ({
    alert: skew.alert,
    what: `failing calls while a server is ${off}, until it is repaired`,
    changes: [
      ...stepped([T - 5 * MINUTE, seconds], [T + 14 * MINUTE, 0.001]),
      set(skewed, { cause: 'clock_skew' }, failing(200)),
    ],
    fires: [
      [T + MINUTE, [skewAlert(off, '1 call')]],
      [T + 5 * MINUTE, [skewAlert(off, '5 calls')]],
      [T + 13 * MINUTE + 30, [skewAlert(off, '10 calls')]],
    ] as const,
    quiet: [T - 15, T + 45, T + 14 * MINUTE, T + 20 * MINUTE],
  })),
  {
    alert: skew.alert,
    what: 'the first failure of its kind, which makes its series',
    changes: [
      ...stepped([T, -21_600]),
      add(failures('429', '1018', 'clock_skew', s => (s < T ? undefined : 7))),
    ],
    fires: [
      [T, [skewAlert('6h behind', '7 calls')]],
      [T + 9 * MINUTE, [skewAlert('6h behind', '7 calls')]],
    ],
    quiet: [T - 15, T + 11 * MINUTE],
  },
  {
    alert: skew.alert,
    what: 'failures that are counted while scrapes fail',
    changes: [
      ...stepped([T - MINUTE, -21_600]),
      set(skewed, { cause: 'clock_skew' }, s => (s < T + 30 ? 200 : 212)),
      failedScrapes(byMonitor.instance, T, T + 90),
    ],
    fires: [[T + 90, [skewAlert('6h behind', '12 calls')]]],
    quiet: [T - 15, T + 75],
  },
  {
    alert: skew.alert,
    what: 'calls that two exporters count, of a server that two watch, once',
    changes: [
      ...stepped([T, -21_600]),
      add(
        one('edgeclock_clock_offset_seconds', { ...byEdge, ...edge02 }, -21_600),
        one('edgeclock_clock_offset_error_seconds', { ...byEdge, ...edge02 }, 0.001),
        one('edgeclock_call_thread_up', byEdge, 1),
        {
          ...failures('429', '1020', 'clock_skew', failing(0)),
          labels: {
            ...byEdge,
            pool: POOL,
            sip_code: '429',
            diagnostic: '1020',
            cause: 'clock_skew',
          },
        },
      ),
      set(skewed, { ...byMonitor, cause: 'clock_skew' }, failing(200)),
    ],
    fires: [[T + 4 * MINUTE, [skewAlert('6h behind', '8 calls')]]],
    quiet: [T],
  },
]

const unseenCases: readonly Case[] = [
  {
    alert: unseen.alert,
    what: 'failing calls where every watched clock is right',
    changes: [set(skewed, { cause: 'clock_skew' }, failing(200))],
    fires: [
      [T + 2 * MINUTE, [unseenAlert('2 calls')]],
      [T + 5 * MINUTE, [unseenAlert('5 calls')]],
    ],
    quiet: [T + MINUTE + 45, T + 26 * MINUTE],
  },
  {
    alert: unseen.alert,
    what: 'one call that fails, if no offset is known',
    changes: [
      set('edgeclock_clock_offset_seconds', {}, undefined),
      set(skewed, { cause: 'clock_skew' }, s => (s < T ? 0 : 1)),
    ],
    fires: [[T + MINUTE, [unseenAlert('1 call')]]],
    quiet: [T],
  },
  {
    alert: unseen.alert,
    what: 'no server that was repaired 40 minutes before traces of its failures came',
    changes: [
      ...stepped([MINUTE, -21_600], [5 * MINUTE, 0]),
      set(skewed, { cause: 'clock_skew' }, s => (s < T + 15 * MINUTE ? 0 : 9)),
    ],
    fires: [],
    quiet: [T + 17 * MINUTE, T + 20 * MINUTE],
  },
  ...[-21_600, 21_600].map(seconds => ({
    alert: unseen.alert,
    what: `no server that was ${seconds} s off and is repaired while its failures are still counted`,
    changes: [
      ...stepped([T - 5 * MINUTE, seconds], [T + 14 * MINUTE, 0.001]),
      set(skewed, { cause: 'clock_skew' }, failing(200)),
    ],
    fires: [],
    quiet: Array.from({ length: 40 }, (_, i) => T + i * MINUTE),
  })),
]

export const skewBreaksCases: readonly Case[] = [...skewCases, ...unseenCases]
