import { type Case, DASHBOARDS, OF_EDGE02, OF_EXPORTER, alertNamed } from './firing.js'
import { byEdge, byMonitor, edge02 } from './healthy.js'
import { type Change, HOUR, MINUTE, during, failedScrapes, noTarget } from './world.js'
import type { MetricName } from '../../src/metrics/table.js'

const T = 30 * MINUTE
const UNTIL = T + HOUR
const warning = (component: string) => ({ severity: 'warning', component })
const ntp2 = { ...byMonitor, server: 'ntp2' }

/** A state of one exporter that is wrong for an hour, and what is said of it after some minutes. */
const state = (
  constant: Omit<Parameters<typeof alertNamed>[0], 'dashboard'>,
  metric: MetricName,
  value: number,
  minutes: number,
  labels: Readonly<Record<string, string>>,
  description: string,
  more: Readonly<Record<string, string>> = {},
): Case => {
  const named = alertNamed({ ...constant, dashboard: OF_EXPORTER })
  return {
    alert: named.alert,
    what: `${metric} ${value}`,
    changes: [during(metric, labels, [T, UNTIL], value)],
    fires: [[T + minutes * MINUTE, [named.says({ ...labels, ...more }, description)]]],
    quiet: [T + minutes * MINUTE - 15, UNTIL],
  }
}

const threadDown = (thread: 'clock' | 'calls'): Case =>
  state(
    {
      alert: 'EdgeclockThreadDown',
      labels: warning('exporter'),
      summary: 'A thread of an exporter is silent.',
    },
    thread === 'clock' ? 'edgeclock_clock_thread_up' : 'edgeclock_call_thread_up',
    0,
    2,
    byMonitor,
    `The ${thread} thread of the exporter monitor:10429 is silent, so its series are missing: restart edgeclock there (\`docker compose restart edgeclock\`, or its service), and keep its log.`,
    { thread },
  )

const referenceCases: readonly Case[] = [
  state(
    {
      alert: 'EdgeclockReferenceLost',
      labels: warning('reference'),
      summary: 'An exporter does not know true time.',
    },
    'edgeclock_reference_synchronized',
    0,
    1,
    byMonitor,
    'The exporter monitor:10429 does not know true time, so it cannot judge any clock well: where it runs, run `edgeclock read NTP-SERVER-1` for each server under `reference.servers`, and let UDP port 123 through to them.',
  ),
  state(
    {
      alert: 'EdgeclockReferenceFalseticker',
      labels: warning('reference'),
      summary: 'A reference server tells a wrong time.',
    },
    'edgeclock_reference_server_falseticker',
    1,
    15,
    ntp2,
    'The reference server ntp2 contradicts the majority that the exporter monitor:10429 sees, and is outvoted: run `edgeclock read ntp2` with another server as `--reference`, then have it repaired or take it out of `reference.servers`.',
  ),
  state(
    {
      alert: 'EdgeclockReferenceUnreachable',
      labels: { severity: 'info', component: 'reference' },
      summary: 'A reference server does not answer.',
    },
    'edgeclock_reference_server_reachable',
    0,
    30,
    ntp2,
    'The reference server ntp2 does not answer the exporter monitor:10429: run `edgeclock read ntp2` there, and let UDP port 123 through or name another server under `reference.servers`.',
  ),
  state(
    {
      alert: 'EdgeclockReferenceWitnessDisagrees',
      labels: warning('reference'),
      summary: 'An independent NTP client finds another time than the exporter.',
    },
    'edgeclock_reference_witness_agrees',
    0,
    15,
    byMonitor,
    'On the exporter monitor:10429 a second, independent NTP client disagrees with true time as edgeclock knows it: run `edgeclock read NTP-SERVER-1` there for each server under `reference.servers`, and compare with a clock that you trust.',
  ),
  threadDown('clock'),
  threadDown('calls'),
  state(
    {
      alert: 'EdgeclockConfigNotLoaded',
      labels: warning('exporter'),
      summary: 'A changed configuration was refused.',
    },
    'edgeclock_config_last_reload_successful',
    0,
    5,
    byMonitor,
    'The exporter monitor:10429 refused its configuration file and uses the one before: run `edgeclock --config.check` there, mend each line that it names, then `curl -X POST http://localhost:10429/-/reload`.',
  ),
]

const hostOff = alertNamed({
  alert: 'EdgeclockHostClockOff',
  labels: { ...warning('host'), basis: 'reference' },
  summary: "The clock of an exporter's own host is off.",
  dashboard: OF_EXPORTER,
})
const hostFarOff = alertNamed({
  alert: 'EdgeclockHostClockFarOff',
  labels: { severity: 'critical', component: 'host' },
  summary: 'The clock of a server that edgeclock runs on is more than a minute off.',
  dashboard: OF_EDGE02,
})

const hostIs = (by: { job: string; instance: string }, seconds: number): Change[] => [
  during('edgeclock_host_clock_offset_seconds', by, [T, UNTIL], seconds),
  during('edgeclock_host_clock_steps_total', by, [T, UNTIL], 1),
]

const hostCases: readonly Case[] = (
  [
    [-21_600, '6h behind'],
    [75.4, '1m 15s ahead'],
  ] as const
).flatMap(([seconds, off]) => [
  {
    alert: hostOff.alert,
    what: `the host of an exporter that is ${off}`,
    changes: hostIs(byMonitor, seconds),
    fires: [
      [
        T + 2 * MINUTE,
        [
          hostOff.says(
            byMonitor,
            `The clock of the machine that the exporter monitor:10429 runs on is ${off} (no other server's offset depends on it): run \`edgeclock doctor\` on that machine, and the commands that it tells.`,
          ),
        ],
      ],
    ] as const,
    quiet: [T + MINUTE, UNTIL],
  },
  {
    alert: hostFarOff.alert,
    what: `a server that its own exporter finds ${off}, and not for a host that is no server`,
    changes: [...hostIs(byEdge, seconds), ...hostIs(byMonitor, seconds)],
    fires: [
      [
        T,
        [
          hostFarOff.says(
            { ...byEdge, ...edge02 },
            `The clock of edge02 in pool edgepool1 is ${off}, as edgeclock on that server itself finds, and nothing is correcting it: on edge02 run \`w32tm /resync /rediscover\` in an administrator's console (on Linux: what \`edgeclock doctor\` tells there), then follow the runbook. If calls go by way of this server, those to voicemail fail, or soon will.`,
          ),
        ],
      ],
    ] as const,
    quiet: [T - 15, UNTIL],
  },
])

const RUNBOOK = `${DASHBOARDS}/edgeclock-exporter?viewPanel=900`

const down = alertNamed({
  alert: 'EdgeclockExporterDown',
  labels: warning('exporter'),
  summary: 'An exporter cannot be scraped.',
  dashboard: OF_EXPORTER,
  runbook: RUNBOOK,
})
const absent = alertNamed({
  alert: 'EdgeclockExporterAbsent',
  labels: warning('exporter'),
  summary: 'No exporter is known to Prometheus.',
  dashboard: OF_EXPORTER,
  runbook: RUNBOOK,
})

const scrapeCases: readonly Case[] = [
  {
    alert: down.alert,
    what: 'an exporter that has not answered for three minutes',
    changes: [failedScrapes(byMonitor.instance, T, UNTIL)],
    fires: [
      [
        T + 3 * MINUTE,
        [
          down.says(
            byMonitor,
            'The exporter monitor:10429 does not answer, so nobody watches its clocks and calls: on its machine see with `curl http://localhost:10429/-/healthy` whether it runs, and start it again (`docker compose up -d edgeclock`, or its service).',
          ),
        ],
      ],
    ],
    quiet: [T + 2 * MINUTE, UNTIL],
  },
  {
    alert: absent.alert,
    what: 'a Prometheus that has no exporter for a target',
    changes: [
      noTarget(byMonitor.instance, T, UNTIL),
      noTarget(byEdge.instance, T + 10 * MINUTE, UNTIL),
    ],
    fires: [
      [
        T + 15 * MINUTE,
        [
          absent.says(
            { job: 'edgeclock' },
            'Prometheus scrapes no exporter under the job edgeclock, so nobody watches any clock: look at Status, Targets in Prometheus, and put the job edgeclock into its `scrape_configs` again.',
          ),
        ],
      ],
    ],
    quiet: [T + 14 * MINUTE, UNTIL],
  },
]

export const exporterCases: readonly Case[] = [...referenceCases, ...hostCases, ...scrapeCases]
