import { type Case, OF_EDGE02, alertNamed } from './firing.js'
import { stepped } from './firing-far-off.js'
import { byMonitor, edge02 } from './healthy.js'
import { HOUR, MINUTE, add, during, one, set } from './world.js'

const T = 30 * MINUTE
const offset = 'edgeclock_clock_offset_seconds'
const edge02s = { ...byMonitor, ...edge02 }

const warning = { severity: 'warning', component: 'clock' }
const byReference = { basis: 'reference' }
const onEdge02 = { dashboard: OF_EDGE02 }

const off = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockOff',
  labels: { ...warning, ...byReference },
  summary: "A server's clock is off.",
})
const offText = (by: string) =>
  `The clock of edge02 in pool edgepool1 is ${by} and will not be right within an hour: on edge02 run \`w32tm /resync /rediscover\` in an administrator's console, then see that its offset falls.`

const wholeHours = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockOffByWholeHours',
  labels: { severity: 'info', component: 'clock', ...byReference },
  summary: "A server's clock is off by whole hours, as by a wrong time zone.",
})
const wholeHoursText = (by: string) =>
  `The clock of edge02 in pool edgepool1 is ${by}, a whole number of hours: on edge02 run \`tzutil /g\` to see its time zone, and look whether its hardware clock or its host keeps local time.`

const wasSet = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockStepped',
  labels: { severity: 'info', component: 'clock' },
  summary: "A server's clock was set.",
})
const wasSetText = (by: string) =>
  `The clock of edge02 in pool edgepool1 was set ${by}: if nobody did that, on edge02 run \`w32tm /query /status /verbose\` to see what keeps it.`

const willBeOff = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockWillBeOff',
  labels: { ...warning, ...byReference },
  summary: "A server's clock drifts, and will be off within a day.",
})
const willBeOffText = (runs: string, in_: string) =>
  `The clock of edge02 in pool edgepool1 runs ${runs} in ${in_}: on edge02 run \`w32tm /query /status /verbose\` to see whether anything keeps it.`

const unreadable = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockUnreadable',
  labels: warning,
  summary: "A server's clock cannot be read.",
})

const inconsistent = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockClockInconsistent',
  labels: warning,
  summary: "A server's readings contradict each other, and no offset is told.",
})

const several = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockSeveralComputersAnswer',
  labels: warning,
  summary: 'Several computers answer for one server.',
})

const certificate = alertNamed({
  ...onEdge02,
  alert: 'EdgeclockCertificateNotValidAtServerTime',
  labels: { ...warning, ...byReference },
  summary: "A server's certificate is not valid at the server's own time.",
})
const certificateText = (what: string) =>
  `By the clock of edge02 in pool edgepool1 its certificate (module sip_tls) ${what}: run \`edgeclock read SERVER-ADDRESS --module=MODULE --reference=NTP-SERVER-1\` with its address and, if its clock is right, renew the certificate, else on edge02 run \`w32tm /resync /rediscover\` in an administrator's console.`

const lastStep = (seconds: number) =>
  add(one('edgeclock_clock_last_step_seconds', edge02s, s => (s < T ? undefined : seconds)))

const offCases: readonly Case[] = [
  ...(
    [
      [-7.2, '7s behind'],
      [45, '45s ahead'],
      [-21_600, '6h behind'],
    ] as const
  ).map(([seconds, by]) => ({
    alert: off.alert,
    what: `a clock ${by}, after two minutes`,
    changes: [...stepped([T, seconds], [T + 20 * MINUTE, 0])],
    fires: [
      [T + 2 * MINUTE, [off.says(edge02s, offText(by))]],
      [T + 19 * MINUTE, [off.says(edge02s, offText(by))]],
    ] as const,
    quiet: [T + 2 * MINUTE - 15, T + 20 * MINUTE],
  })),
  ...(
    [
      [-21_590, '6h behind'],
      [7205, '2h ahead'],
    ] as const
  ).map(([seconds, by]) => ({
    alert: wholeHours.alert,
    what: `a clock that is ${seconds} s off`,
    changes: stepped([T, seconds], [T + 5 * MINUTE, seconds + 100]),
    fires: [[T + 2 * MINUTE, [wholeHours.says(edge02s, wholeHoursText(by))]]] as const,
    quiet: [T + 2 * MINUTE - 15, T + 5 * MINUTE],
  })),
  ...(
    [
      [-7200, 'back by 2h'],
      [90, 'ahead by 1m 30s'],
    ] as const
  ).map(([seconds, by]) => ({
    alert: wasSet.alert,
    what: `a clock that was set ${by}, for a quarter of an hour`,
    changes: [...stepped([T, 0]), lastStep(seconds)],
    fires: [
      [T, [wasSet.says(edge02s, wasSetText(by))]],
      [T + 14 * MINUTE, [wasSet.says(edge02s, wasSetText(by))]],
    ] as const,
    quiet: [T - 15, T + 16 * MINUTE],
  })),
]

const otherCases: readonly Case[] = [
  {
    alert: wholeHours.alert,
    what: 'no clock that is off by more hours than there are zones',
    changes: stepped([T, -3 * 24 * HOUR]),
    fires: [],
    quiet: [T + 2 * MINUTE, T + 10 * MINUTE],
  },
  ...(
    [
      [-1, 'slow and will be 5s behind'],
      [1, 'fast and will be 5s ahead'],
    ] as const
  ).map(([sign, runs]) => ({
    alert: willBeOff.alert,
    what: `a clock that runs ${runs}`,
    changes: [
      set(offset, edge02, s => sign * (0.5 + 2e-4 * s)),
      set('edgeclock_clock_drift_ratio', edge02, sign * 2e-4),
    ],
    // (5 − 0.5 − 0.0002 · 3900 s) / 0.0002 = 18600 s.
    fires: [[65 * MINUTE, [willBeOff.says(edge02s, willBeOffText(runs, '5h 10m'))]]] as const,
    quiet: [59 * MINUTE],
  })),
  {
    alert: unreadable.alert,
    what: 'a server that no module reads',
    changes: [during('edgeclock_probe_success', edge02, [T, T + 20 * MINUTE], 0)],
    fires: [
      [
        T + 5 * MINUTE,
        [
          unreadable.says(
            edge02s,
            'The clock of edge02 in pool edgepool1 cannot be read by any module, so nobody knows whether it is right: see whether the server runs, then run `edgeclock read SERVER-ADDRESS --module=MODULE --reference=NTP-SERVER-1` with its address where edgeclock runs; it tells the reason.',
          ),
        ],
      ],
    ],
    quiet: [T + 4 * MINUTE, T + 20 * MINUTE],
  },
  {
    alert: inconsistent.alert,
    what: 'a server whose readings contradict each other',
    changes: [during('edgeclock_clock_consistent', edge02, [T, T + 20 * MINUTE], 0)],
    fires: [
      [
        T + 5 * MINUTE,
        [
          inconsistent.says(
            edge02s,
            "The readings of edge02 in pool edgepool1 cannot be of one clock, as where a load balancer answers for several servers: give it its own address in edgeclock's configuration, or see on edge02 with `w32tm /query /status /verbose` what keeps setting its clock.",
          ),
        ],
      ],
    ],
    quiet: [T + 4 * MINUTE, T + 20 * MINUTE],
  },
  {
    alert: several.alert,
    what: 'a load balancer that answers as another computer from one reading to the next',
    changes: [
      set('edgeclock_server_identity_info', edge02, s =>
        s < T || Math.floor(s / 60) % 2 === 0 ? 1 : undefined,
      ),
      add(
        one(
          'edgeclock_server_identity_info',
          { ...edge02s, module: 'rdp', computer: 'EDGE07', dns_name: '', domain: '' },
          s => (s < T || Math.floor(s / 60) % 2 === 0 ? undefined : 1),
        ),
      ),
    ],
    fires: [
      [
        T + 18 * MINUTE,
        [
          several.says(
            edge02s,
            "2 computers answer at the address of edge02 in pool edgepool1, by the names that they give themselves: see with `ipconfig` on edge02 which address is its own, and write that into edgeclock's configuration, since the clock of a load balancer's choice is nobody's.",
          ),
        ],
      ],
    ],
    quiet: [T + 15 * MINUTE],
  },
  ...(
    [
      ['not_before', 1000 - 21_600, -21_600, 'is not valid before another 16m 45s have passed'],
      ['not_after', 21_600, 21_600, 'ran out 31m 55s ago'],
    ] as const
  ).map(([end, seconds, by, what]) => ({
    alert: certificate.alert,
    what: `a certificate that by its server's clock ${what}`,
    changes: [
      ...stepped([T, by]),
      set(
        `edgeclock_server_certificate_${end}_timestamp_seconds`,
        edge02,
        seconds + (end === 'not_before' ? T + 120 : 0),
      ),
    ],
    fires: [
      [
        T + 2 * MINUTE,
        [certificate.says({ ...edge02s, module: 'sip_tls' }, certificateText(what))],
      ],
    ] as const,
    quiet: [T + MINUTE],
  })),
]

export const clockCases: readonly Case[] = [...offCases, ...otherCases]
