import type { Alert } from './alert.js'
import { beyondError, inBrackets, last, perServer } from './promql.js'
import { ADMINISTRATOR, DURATION, ON_LINUX, ON_SERVER, SERVER } from './text.js'

const onServer = {
  component: 'time_service',
  dashboard: 'edgeclock-server',
  variables: ['pool', 'server'],
} as const

/**
 * One limit a server, whoever tells it: the exporter on it, or one that reads it over the network. Not `without (job,
 * instance)`: targets may have more labels, as of a pod, and two values for one server would be an error.
 */
const limit = `min by (pool, server) (${last('edgeclock_ntp_max_correction_seconds')})`
const surelyOff = `max by (pool, server) ${inBrackets(perServer(beyondError))}`

export const timeServiceAlerts: readonly Alert[] = [
  {
    ...onServer,
    name: 'EdgeclockNeverSynchronized',
    severity: 'warning',
    when: 'the time service has not synchronised the clock since the server started',
    expr: `${last('edgeclock_ntp_synchronized_since_boot')} == 0`,
    for: '10m',
    summary: "A server's clock was never synchronised since it started.",
    description: `The time service of ${SERVER} has not synchronised its clock since the server started: ${ON_SERVER} run \`net start w32time\` and \`w32tm /resync /rediscover\` ${ADMINISTRATOR} ${ON_LINUX}. Its clock runs free, and will be off sooner or later.`,
  },
  {
    ...onServer,
    name: 'EdgeclockNotSynchronized',
    severity: 'warning',
    when: 'the time service says that nothing keeps the clock',
    expr: `${last('edgeclock_ntp_synchronized')} == 0
unless on (pool, server)
${last('edgeclock_ntp_synchronized_since_boot')} == 0`,
    for: '30m',
    summary: "A server's time service is not synchronised.",
    description: `The time service of ${SERVER} says that no source keeps its clock: ${ON_SERVER} run \`w32tm /resync /rediscover\` ${ADMINISTRATOR}, and \`w32tm /query /peers\` to see whether its time servers answer ${ON_LINUX}.`,
  },
  {
    ...onServer,
    name: 'EdgeclockTimeServiceStopped',
    severity: 'warning',
    when: 'the time service does not run, or there is none',
    expr: `${last('edgeclock_ntp_service_running')} == 0
or
${last('edgeclock_ntp_service_found')} == 0`,
    for: '5m',
    summary: "A server's time service does not run.",
    description: `The time service of ${SERVER} does not run, so nothing keeps its clock: ${ON_SERVER} run \`net start w32time\` and \`w32tm /resync /rediscover\` ${ADMINISTRATOR} ${ON_LINUX}.`,
  },
  {
    ...onServer,
    name: 'EdgeclockWillNotSurviveReboot',
    severity: 'warning',
    when: 'as it is configured, the time service will not run after the next reboot',
    expr: `${last('edgeclock_ntp_service_survives_reboot')} == 0`,
    for: '15m',
    summary: "A server's time service will not run after the next reboot.",
    description: `The time service of ${SERVER} will not run after the next reboot: ${ON_SERVER} run \`sc.exe triggerinfo w32time start/networkon stop/networkoff\` if it is outside a domain (an Edge is), and in any case \`sc.exe config w32time start= auto\`, ${ADMINISTRATOR} ${ON_LINUX}. Do it before the server is rebooted.`,
  },
  {
    ...onServer,
    name: 'EdgeclockCorrectionImpossible',
    severity: 'warning',
    when: 'a clock is further off than its time service will ever correct',
    // The limits ahead and back may differ, and the lesser is told: whoever knows both has the last word.
    // Grouped by server, not by exporter: the limit may come from the server itself, the offset from elsewhere.
    expr: `${limit}
and on (pool, server)
${inBrackets(`${last('edgeclock_ntp_correction_possible')} == 0
or on (pool, server)
${surelyOff} > on (pool, server) ${limit}
unless on (pool, server)
${last('edgeclock_ntp_correction_possible')} == 1`)}`,
    for: '2m',
    summary: "A server's clock is further off than its time service corrects.",
    description: `The time service of ${SERVER} refuses to correct its clock, since it is off by more than ${DURATION}: ${ON_SERVER} read OFFSET by \`w32tm /stripchart /computer:NTP-SERVER-1 /samples:5 /dataonly\`, and once run \`powershell -Command "Set-Date -Adjust ([TimeSpan]::FromSeconds(OFFSET))"\`, then \`w32tm /resync /rediscover\`, ${ADMINISTRATOR} ${ON_LINUX}.`,
  },
  {
    ...onServer,
    name: 'EdgeclockTimeServiceUnreadable',
    severity: 'info',
    when: 'a tool of the system tells nothing of the time service',
    // Reasons come and go while a tool fails now and then: only one that never answered counts.
    expr: `${last('edgeclock_ntp_source_readable')} == 0
unless ignoring (reason)
${last('edgeclock_ntp_source_readable', { reason: '' })} == 1`,
    for: '30m',
    summary: 'What a time service says cannot be read.',
    description: `On ${SERVER} the tool {{ $labels.tool }} tells nothing of the time service ({{ $labels.reason }}), so some of its alerts are blind: ${ON_SERVER} run \`edgeclock doctor\`.`,
  },
]
