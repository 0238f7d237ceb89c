import type { Case } from './firing.js'
import { T, failing, skew, skewAlert, unseen, unseenAlert } from './firing-skew.js'
import { byEdge, byMonitor, edge02, unreadFromOutside } from './healthy.js'
import { type Change, HOUR, MINUTE, add, during, one, set } from './world.js'

const hostOffset = 'edgeclock_host_clock_offset_seconds'
const failingCalls = set('edgeclock_um_call_failures_total', { cause: 'clock_skew' }, failing(200))

/** What names the server that an exporter runs on, by two tools of which one fails. */
const names = (by: typeof byMonitor, server: typeof edge02): Change =>
  add(
    one('edgeclock_ntp_source_readable', { ...by, ...server, tool: 'sc', reason: '' }, 1),
    one('edgeclock_ntp_source_readable', { ...by, ...server, tool: 'w32tm', reason: 'timeout' }, 0),
  )

const each = [
  [-21_600, '6h behind'],
  [301.4, '5m 1s ahead'],
  [-5.9, '6s behind'],
] as const

/** A server that nobody reads over the network, but edgeclock on itself. */
export const hostSkewCases: readonly Case[] = [
  ...each.map(([seconds, off]) => ({
    alert: skew.alert,
    what: `failing calls while a server that only its own exporter reads is ${off}`,
    changes: [
      unreadFromOutside,
      during(hostOffset, byEdge, [T - 5 * MINUTE, T + 14 * MINUTE], seconds),
      failingCalls,
    ],
    fires: [
      [T + MINUTE, [skewAlert(off, '1 call')]],
      [T + 13 * MINUTE + 30, [skewAlert(off, '10 calls')]],
    ] as const,
    quiet: [T - 15, T + 45, T + 14 * MINUTE, T + 20 * MINUTE],
  })),
  ...each.map(([seconds, off]) => ({
    alert: unseen.alert,
    what: `no server that its own exporter finds ${off}, now or while failures were counted`,
    changes: [
      unreadFromOutside,
      during(hostOffset, byEdge, [T - 5 * MINUTE, T + 14 * MINUTE], seconds),
      failingCalls,
    ],
    fires: [],
    quiet: Array.from({ length: 30 }, (_, i) => T + i * MINUTE),
  })),
  {
    alert: skew.alert,
    what: 'a server that two exporters on it name, once',
    changes: [
      unreadFromOutside,
      names(byMonitor, edge02),
      during(hostOffset, {}, [T, HOUR], -21_600),
      failingCalls,
    ],
    fires: [[T + 4 * MINUTE, [skewAlert('6h behind', '4 calls')]]],
    quiet: [T],
  },
  {
    alert: skew.alert,
    what: 'a server that was right when it was read from outside, and is off by its own exporter',
    changes: [during(hostOffset, byEdge, [T, HOUR], 21_600), failingCalls],
    fires: [[T + MINUTE, [skewAlert('6h ahead', '1 call')]]],
    quiet: [T],
  },
  ...(
    [
      [skew.alert, []],
      [unseen.alert, [unseenAlert('2 calls')]],
    ] as const
  ).map(([alert, alerts]) => ({
    alert,
    what: `calls while the host of an exporter is off that is named in another pool: ${alerts.length}`,
    changes: [
      names(byMonitor, { pool: 'monitoring', server: 'monitor' }),
      during(hostOffset, byMonitor, [T, HOUR], -21_600),
      failingCalls,
    ],
    fires: [[T + 2 * MINUTE, alerts]] as const,
    quiet: [T],
  })),
]
