import type { Alert } from './alert.js'
import { converging, inBrackets, last, staysOff, wasOff, surelyApart, watched } from './promql.js'
import {
  ADMINISTRATOR,
  DURATION,
  EACH_SERVER,
  OFFSET,
  ON_SERVER,
  READ,
  SERVER,
  word,
} from './text.js'

const RESYNC = `${ON_SERVER} run \`w32tm /resync /rediscover\` ${ADMINISTRATOR}`
const STATUS = `${ON_SERVER} run \`w32tm /query /status /verbose\``

const onServer = {
  component: 'clock',
  dashboard: 'edgeclock-server',
  variables: ['pool', 'server'],
} as const

const offset = last(watched.offset)

/** The server's own time as it was last read, at its latest (+) or at its earliest (-). */
const serverTime = (sign: '+' | '-'): string =>
  `(${last('edgeclock_clock_last_reading_timestamp_seconds')} + ${offset} ${sign} ${last(watched.error)})`

/** Seconds that it is surely past the end (positive), or before the beginning (negative). */
const certificateNotValid = `round(
  ${serverTime('-')}
  - on (job, instance, pool, server) group_right ()
  ${last('edgeclock_server_certificate_not_after_timestamp_seconds')}
) > 0
or
round(
  ${serverTime('+')}
  - on (job, instance, pool, server) group_right ()
  ${last('edgeclock_server_certificate_not_before_timestamp_seconds')}
) < 0`

/** A clock that is off now. */
const off: readonly Alert[] = [
  {
    ...onServer,
    name: 'EdgeclockClockFarOff',
    severity: 'critical',
    when: 'a clock is surely more than 60 s off, and not coming back within 10 min',
    // No `for`: one reading is enough, since its bound is guaranteed. So a clock that is being slewed back pages
    // once where it is the first that Prometheus has: to wait for a slope would delay every other page.
    expr: `${inBrackets(staysOff(watched, 60, 600))}
or
${wasOff(watched, 60)}`,
    summary: "A server's clock is more than a minute off.",
    description: `The clock of ${SERVER} is ${OFFSET} and nothing is correcting it: ${RESYNC}, then follow the runbook. Calls to voicemail and transfers by way of this server fail, or soon will.`,
  },
  {
    ...onServer,
    name: 'EdgeclockClockOff',
    severity: 'warning',
    basis: 'reference',
    when: 'a clock is surely more than 5 s off, and not coming back within an hour',
    expr: staysOff(watched, 5, 3600),
    for: '2m',
    summary: "A server's clock is off.",
    description: `The clock of ${SERVER} is ${OFFSET} and will not be right within an hour: ${RESYNC}, then see that its offset falls.`,
  },
  {
    ...onServer,
    name: 'EdgeclockClockOffByWholeHours',
    severity: 'info',
    basis: 'reference',
    when: 'a clock is off by a multiple of an hour, to the minute',
    // Zones are 26 h apart at most. Beyond, a number of hours is chance.
    expr: `round(${offset} / 3600) * 3600
and
abs(${offset}) > 1800
and
abs(${offset}) < 97200
and
abs(${offset} - round(${offset} / 3600) * 3600) + ${last(watched.error)} <= 60`,
    for: '2m',
    summary: "A server's clock is off by whole hours, as by a wrong time zone.",
    description: `The clock of ${SERVER} is ${OFFSET}, a whole number of hours: ${ON_SERVER} run \`tzutil /g\` to see its time zone, and look whether its hardware clock or its host keeps local time.`,
  },
  {
    ...onServer,
    name: 'EdgeclockClockStepped',
    severity: 'info',
    when: 'a clock jumped by 1 s or more in the last 15 min',
    expr: `round(${last('edgeclock_clock_last_step_seconds')})
and
abs(${last('edgeclock_clock_last_step_seconds')}) >= 1
and
increase(${watched.steps}[15m]) > 0`,
    summary: "A server's clock was set.",
    description: `The clock of ${SERVER} was set ${word('back', 'ahead')} by ${DURATION}: if nobody did that, ${STATUS} to see what keeps it.`,
  },
]

/** A clock that will be off, or that cannot be judged. */
const others: readonly Alert[] = [
  {
    ...onServer,
    name: 'EdgeclockClockWillBeOff',
    severity: 'warning',
    basis: 'reference',
    when: 'at its drift, known to 50 ppm, a clock will surely be more than 5 s off within a day',
    // 4.32 s is what 50 ppm make of a day. A clock that is slewed towards true time drifts too: that is a cure.
    expr: `round((5 - abs(${offset})) / ${last('edgeclock_clock_drift_ratio')}, 60)
and
abs(${offset} + 86400 * ${last('edgeclock_clock_drift_ratio')}) - ${last(watched.error)} - 4.32 > 5
and
${offset} * ${last('edgeclock_clock_drift_ratio')} > 0
and
abs(${offset}) < 5`,
    for: '1h',
    summary: "A server's clock drifts, and will be off within a day.",
    description: `The clock of ${SERVER} runs ${word('slow', 'fast')} and will be 5s ${word('behind', 'ahead')} in ${DURATION}: ${STATUS} to see whether anything keeps it.`,
  },
  {
    ...onServer,
    name: 'EdgeclockPoolClocksDisagree',
    severity: 'warning',
    // No `basis`: its exporters may be several, and only one of them without reference. See surelyApart.
    when: 'the clocks of one pool surely differ by more than 2 s, and none is coming back',
    // Coming back is what was off: milliseconds that come and go must not hold back what a neighbour does.
    expr: `round(${inBrackets(surelyApart)}, 0.1) > 2
unless on (pool)
${inBrackets(`${converging(watched, 5, 3600)}
and
abs(${offset}) > 1`)}`,
    for: '5m',
    summary: "The clocks of a pool's servers differ.",
    description: `The clocks of pool {{ $labels.pool }} differ by ${DURATION} or more (${EACH_SERVER}): on the server that is off run \`w32tm /resync /rediscover\` ${ADMINISTRATOR}.`,
    dashboard: 'edgeclock-pools',
    variables: ['pool'],
  },
  {
    ...onServer,
    name: 'EdgeclockClockUnreadable',
    severity: 'warning',
    when: 'no module reads a clock any more',
    expr: `max without (module) (${last('edgeclock_probe_success')}) == 0`,
    for: '5m',
    summary: "A server's clock cannot be read.",
    description: `The clock of ${SERVER} cannot be read by any module, so nobody knows whether it is right: see whether the server runs, then run ${READ} with its address where edgeclock runs; it tells the reason.`,
  },
  {
    ...onServer,
    name: 'EdgeclockClockInconsistent',
    severity: 'warning',
    when: 'the readings of one server contradict each other',
    expr: `${last('edgeclock_clock_consistent')} == 0`,
    for: '5m',
    summary: "A server's readings contradict each other, and no offset is told.",
    description: `The readings of ${SERVER} cannot be of one clock, as where a load balancer answers for several servers: give it its own address in edgeclock's configuration, or see ${ON_SERVER} with \`w32tm /query /status /verbose\` what keeps setting its clock.`,
  },
  {
    ...onServer,
    name: 'EdgeclockSeveralComputersAnswer',
    severity: 'warning',
    when: 'what answers for one server calls itself by several names',
    // Over ten minutes: a load balancer may stay with one of them for a while. For longer than that: a computer
    // that was renamed has two names until the old one is out of the window.
    expr: `count by (job, instance, pool, server) (
  count by (job, instance, pool, server, computer) (
    last_over_time(edgeclock_server_identity_info{computer!=""}[10m])
  )
) > 1`,
    for: '15m',
    summary: 'Several computers answer for one server.',
    description: `{{ $value }} computers answer at the address of ${SERVER}, by the names that they give themselves: see with \`ipconfig\` ${ON_SERVER} which address is its own, and write that into edgeclock's configuration, since the clock of a load balancer's choice is nobody's.`,
  },
  {
    ...onServer,
    name: 'EdgeclockCertificateNotValidAtServerTime',
    severity: 'warning',
    basis: 'reference',
    when: "a server's certificate is not valid at the server's own time",
    expr: certificateNotValid,
    for: '2m',
    summary: "A server's certificate is not valid at the server's own time.",
    description: `By the clock of ${SERVER} its certificate (module {{ $labels.module }}) {{ if lt $value 0.0 }}is not valid before another ${DURATION} have passed{{ else }}ran out ${DURATION} ago{{ end }}: run ${READ} with its address and, if its clock is right, renew the certificate, else ${RESYNC}.`,
  },
]

export const clockAlerts: readonly Alert[] = [...off, ...others]
