import { type Case, OF_EDGE01, OF_EDGE02, alertNamed } from './firing.js'
import { stepped } from './firing-far-off.js'
import { byEdge, byMonitor, edge01, edge02, unreadFromOutside } from './healthy.js'
import { HOUR, MINUTE, add, during, one, set } from './world.js'

const T = 30 * MINUTE
const labels = { severity: 'warning', component: 'time_service' }
const edge02s = { ...byEdge, ...edge02 }
const LATER = T + 2 * HOUR

const named = (alert: string, summary: string) =>
  alertNamed({ alert, labels, summary, dashboard: OF_EDGE02 })

const never = named(
  'EdgeclockNeverSynchronized',
  "A server's clock was never synchronised since it started.",
)
const not = named('EdgeclockNotSynchronized', "A server's time service is not synchronised.")
const stopped = named('EdgeclockTimeServiceStopped', "A server's time service does not run.")
const reboot = named(
  'EdgeclockWillNotSurviveReboot',
  "A server's time service will not run after the next reboot.",
)
const correction = named(
  'EdgeclockCorrectionImpossible',
  "A server's clock is further off than its time service corrects.",
)
const unreadable = alertNamed({
  alert: 'EdgeclockTimeServiceUnreadable',
  labels: { severity: 'info', component: 'time_service' },
  summary: 'What a time service says cannot be read.',
  dashboard: OF_EDGE02,
})

const stoppedAlert = stopped.says(
  edge02s,
  "The time service of edge02 in pool edgepool1 does not run, so nothing keeps its clock: on edge02 run `net start w32time` and `w32tm /resync /rediscover` in an administrator's console (on Linux: what `edgeclock doctor` tells there).",
)

const notText = (server: string) =>
  `The time service of ${server} in pool edgepool1 says that no source keeps its clock: on ${server} run \`w32tm /resync /rediscover\` in an administrator's console, and \`w32tm /query /peers\` to see whether its time servers answer (on Linux: what \`edgeclock doctor\` tells there).`

const states: readonly Case[] = [
  {
    alert: never.alert,
    what: 'a server that was not synchronised since its boot',
    changes: [during('edgeclock_ntp_synchronized_since_boot', edge02, [T, T + HOUR], 0)],
    fires: [
      [
        T + 10 * MINUTE,
        [
          never.says(
            edge02s,
            "The time service of edge02 in pool edgepool1 has not synchronised its clock since the server started: on edge02 run `net start w32time` and `w32tm /resync /rediscover` in an administrator's console (on Linux: what `edgeclock doctor` tells there). Its clock runs free, and will be off sooner or later.",
          ),
        ],
      ],
    ],
    quiet: [T + 9 * MINUTE, T + HOUR],
  },
  {
    alert: not.alert,
    what: 'a server that says so, whoever asks it',
    changes: [during('edgeclock_ntp_synchronized', { ...byMonitor, ...edge01 }, [T, LATER], 0)],
    fires: [
      [
        T + 30 * MINUTE,
        [
          alertNamed({
            alert: not.alert,
            labels,
            summary: "A server's time service is not synchronised.",
            dashboard: OF_EDGE01,
          }).says({ ...byMonitor, ...edge01 }, notText('edge01')),
        ],
      ],
    ],
    quiet: [T + 29 * MINUTE, LATER],
  },
  {
    alert: not.alert,
    what: 'a server that was synchronised once since its boot, and not for one that never was',
    changes: [
      during('edgeclock_ntp_synchronized', edge02, [T, LATER], 0),
      during('edgeclock_ntp_synchronized_since_boot', edge02, [T, T + HOUR], 0),
    ],
    fires: [
      [
        T + 95 * MINUTE,
        [
          not.says(edge02s, notText('edge02')),
          not.says({ ...byMonitor, ...edge02 }, notText('edge02')),
        ],
      ],
    ],
    quiet: [T + 50 * MINUTE],
  },
  ...(['edgeclock_ntp_service_running', 'edgeclock_ntp_service_found'] as const).map(metric => ({
    alert: stopped.alert,
    what: `a server whose ${metric} is 0`,
    changes: [during(metric, edge02, [T, T + HOUR], 0)],
    fires: [[T + 5 * MINUTE, [stoppedAlert]]] as const,
    quiet: [T + 4 * MINUTE, T + HOUR],
  })),
  {
    alert: reboot.alert,
    what: 'a time service that is started by a trigger that never comes',
    changes: [during('edgeclock_ntp_service_survives_reboot', edge02, [T, T + HOUR], 0)],
    fires: [
      [
        T + 15 * MINUTE,
        [
          reboot.says(
            edge02s,
            "The time service of edge02 in pool edgepool1 will not run after the next reboot: on edge02 run `sc.exe triggerinfo w32time start/networkon stop/networkoff` if it is outside a domain (an Edge is), and in any case `sc.exe config w32time start= auto`, in an administrator's console (on Linux: what `edgeclock doctor` tells there). Do it before the server is rebooted.",
          ),
        ],
      ],
    ],
    quiet: [T + 14 * MINUTE, T + HOUR],
  },
  {
    alert: unreadable.alert,
    what: 'a tool that never answers',
    changes: [
      during('edgeclock_ntp_source_readable', { tool: 'w32tm' }, [T, LATER], undefined),
      add(
        one('edgeclock_ntp_source_readable', { ...edge02s, tool: 'w32tm', reason: 'timeout' }, s =>
          s < T || s >= LATER ? undefined : 0,
        ),
      ),
    ],
    fires: [
      [
        T + 32 * MINUTE,
        [
          unreadable.says(
            { ...edge02s, tool: 'w32tm', reason: 'timeout' },
            'On edge02 in pool edgepool1 the tool w32tm tells nothing of the time service (timeout), so some of its alerts are blind: on edge02 run `edgeclock doctor`.',
          ),
        ],
      ],
    ],
    quiet: [T + 29 * MINUTE, LATER],
  },
]

const correctionAlert = correction.says(
  edge02,
  `The time service of edge02 in pool edgepool1 refuses to correct its clock, since it is off by more than 15h: on edge02 read OFFSET by \`w32tm /stripchart /computer:NTP-SERVER-1 /samples:5 /dataonly\`, and once run \`powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(OFFSET))"\`, then \`w32tm /resync /rediscover\`, in an administrator's console (on Linux: what \`edgeclock doctor\` tells there).`,
)

const corrections: readonly Case[] = [
  {
    alert: correction.alert,
    what: 'a time service that says so itself',
    changes: [during('edgeclock_ntp_correction_possible', edge02, [T, T + HOUR], 0)],
    fires: [[T + 2 * MINUTE, [correctionAlert]]],
    quiet: [T + MINUTE, T + HOUR],
  },
  ...[-54_002, 54_002].map(seconds => ({
    alert: correction.alert,
    what: `a clock that another exporter finds ${seconds} s off`,
    changes: [
      ...stepped([T, seconds], [T + 20 * MINUTE, Math.sign(seconds) * 53_000]),
      set('edgeclock_ntp_correction_possible', edge02, undefined),
      // Without a limit nothing is too far, whatever edge01 is off.
      set('edgeclock_clock_offset_seconds', edge01, seconds * 1000),
    ],
    fires: [[T + 2 * MINUTE, [correctionAlert]]] as const,
    quiet: [T + MINUTE, T + 20 * MINUTE],
  })),
  {
    alert: correction.alert,
    what: 'no clock beyond the lesser of two limits, if the service says that it corrects it',
    changes: stepped([T, -60_000]),
    fires: [],
    quiet: [T + 2 * MINUTE, T + 20 * MINUTE],
  },
  ...[-54_002, 54_002].map(seconds => ({
    alert: correction.alert,
    what: `a clock that only edgeclock on its own server finds, ${seconds} s off`,
    changes: [
      unreadFromOutside,
      set('edgeclock_ntp_correction_possible', edge02, undefined),
      during('edgeclock_host_clock_offset_seconds', byEdge, [T, T + HOUR], seconds),
    ],
    fires: [[T + 2 * MINUTE, [correctionAlert]]] as const,
    quiet: [T + MINUTE, T + HOUR],
  })),
]

export const timeServiceCases: readonly Case[] = [...states, ...corrections]
