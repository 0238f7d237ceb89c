import type { Alert } from './alert.js'
import { hosts, inBrackets, last, staysOff } from './promql.js'
import { ADMINISTRATOR, ON_LINUX, OFFSET, ON_SERVER, SERVER } from './text.js'

/** What the shipped configurations call the job, and what others have to call it. */
export const JOB = 'edgeclock'
const up = `up{job="${JOB}"}`

const onExporter = {
  component: 'exporter',
  dashboard: 'edgeclock-exporter',
  variables: [],
} as const

/** The clock of the machine that an exporter runs on. No server's offset depends on it. */
const host: readonly Alert[] = [
  {
    ...onExporter,
    component: 'host',
    name: 'EdgeclockHostClockOff',
    severity: 'warning',
    basis: 'reference',
    when: "an exporter's own host has a clock that is surely more than 5 s off",
    expr: staysOff(hosts, 5, 3600),
    for: '2m',
    summary: "The clock of an exporter's own host is off.",
    description: `The clock of the machine that the exporter {{ $labels.instance }} runs on is ${OFFSET} (no other server's offset depends on it): run \`edgeclock doctor\` on that machine, and the commands that it tells.`,
  },
  {
    ...onExporter,
    component: 'host',
    name: 'EdgeclockHostClockFarOff',
    severity: 'critical',
    when: 'the same by more than 60 s, where the exporter runs on a server of a pool',
    // Only on a server that was named under `host:` have its tools been asked.
    expr: `max by (job, instance) ${inBrackets(staysOff(hosts, 60, 600))}
* on (job, instance) group_right ()
group without (tool, reason) (${last('edgeclock_ntp_source_readable')})`,
    summary: 'The clock of a server that edgeclock runs on is more than a minute off.',
    description: `The clock of ${SERVER} is ${OFFSET}, as edgeclock on that server itself finds, and nothing is correcting it: ${ON_SERVER} run \`w32tm /resync /rediscover\` ${ADMINISTRATOR} ${ON_LINUX}, then follow the runbook. If calls go by way of this server, those to voicemail fail, or soon will.`,
    dashboard: 'edgeclock-server',
    variables: ['pool', 'server'],
  },
]

const exporter: readonly Alert[] = [
  {
    ...onExporter,
    name: 'EdgeclockExporterDown',
    severity: 'warning',
    when: 'an exporter does not answer Prometheus',
    expr: `max_over_time(${up}[2m]) == 0`,
    for: '1m',
    summary: 'An exporter cannot be scraped.',
    description:
      'The exporter {{ $labels.instance }} does not answer, so nobody watches its clocks and calls: on its machine see with `curl http://localhost:10429/-/healthy` whether it runs, and start it again (`docker compose up -d edgeclock`, or its service).',
    exporterIsDown: true,
  },
  {
    ...onExporter,
    name: 'EdgeclockExporterAbsent',
    severity: 'warning',
    when: `Prometheus knows no exporter (job ${JOB})`,
    expr: `absent(${up})`,
    for: '5m',
    summary: 'No exporter is known to Prometheus.',
    description: `Prometheus scrapes no exporter under the job ${JOB}, so nobody watches any clock: look at Status, Targets in Prometheus, and put the job ${JOB} into its \`scrape_configs\` again.`,
    exporterIsDown: true,
  },
  {
    ...onExporter,
    name: 'EdgeclockThreadDown',
    severity: 'warning',
    when: 'the clock thread or the calls thread of an exporter is silent',
    expr: `label_replace(${last('edgeclock_clock_thread_up')} == 0, "thread", "clock", "", "")
or
label_replace(${last('edgeclock_call_thread_up')} == 0, "thread", "calls", "", "")`,
    for: '2m',
    summary: 'A thread of an exporter is silent.',
    description:
      'The {{ $labels.thread }} thread of the exporter {{ $labels.instance }} is silent, so its series are missing: restart edgeclock there (`docker compose restart edgeclock`, or its service), and keep its log.',
  },
  {
    ...onExporter,
    name: 'EdgeclockConfigNotLoaded',
    severity: 'warning',
    when: 'the configuration file is bad, and the one before it still in use',
    expr: `${last('edgeclock_config_last_reload_successful')} == 0`,
    for: '5m',
    summary: 'A changed configuration was refused.',
    description:
      'The exporter {{ $labels.instance }} refused its configuration file and uses the one before: run `edgeclock --config.check` there, mend each line that it names, then `curl -X POST http://localhost:10429/-/reload`.',
  },
]

export const exporterAlerts: readonly Alert[] = [...host, ...exporter]
