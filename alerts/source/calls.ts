import type { Alert } from './alert.js'
import { beyondError, grown, inBrackets, last, perServer, series, serversOff } from './promql.js'
import { CALLS, DURATION, OFFSET_OF_SERVER, ON_SERVER, SERVER, word } from './text.js'

const onCalls = { component: 'calls', dashboard: 'edgeclock-calls' } as const

const skewed = series('edgeclock_um_call_failures_total', { cause: 'clock_skew' })
/** By pool alone: targets may have more labels than job and instance, and a pool's calls are one thing. */
const skewedCalls = `sum by (pool) ${inBrackets(grown(skewed, '10m'))} > 0`

const answered = series('edgeclock_um_calls_total', { outcome: 'answered' })
const failed = series('edgeclock_um_calls_total', { outcome: 'failed' })
const count = (counter: string): string => `sum by (pool) ${inBrackets(grown(counter, '30m'))}`

/** Calls that fail. */
const failures: readonly Alert[] = [
  {
    ...onCalls,
    name: 'EdgeclockSkewBreaksCalls',
    severity: 'critical',
    when: 'voicemail calls fail by clock skew while a server of their pool is surely more than 5 s off',
    expr: `${inBrackets(skewedCalls)}
* on (pool) group_right ()
group by (pool, server) ${inBrackets(serversOff(5))}`,
    summary: "Calls to voicemail fail because a server's clock is off.",
    description: `The clock of ${SERVER} is ${OFFSET_OF_SERVER}, and {{ $value }} ${CALLS} to voicemail failed for clock skew within 10 minutes: ${ON_SERVER} run \`w32tm /resync /rediscover\` in an administrator's console, then follow the runbook.`,
    variables: ['pool', 'server'],
  },
  {
    ...onCalls,
    name: 'EdgeclockUnseenSkewBreaksCalls',
    severity: 'critical',
    when: 'voicemail calls fail by clock skew, and no watched server of their pool was off',
    // Failures outlive a repair in their window, and traces are pushed late: a server that was off meanwhile explains them.
    expr: `${skewedCalls}
unless on (pool)
max_over_time(${inBrackets(perServer(beyondError))}[1h:1m]) > 5`,
    // What a step breaks may be counted before the step itself is read.
    for: '1m',
    summary: "Calls to voicemail fail by a wrong clock, and no watched server's clock is off.",
    description: `{{ $value }} ${CALLS} to voicemail in pool {{ $labels.pool }} failed by clock skew within 10 minutes, but no server that is watched there is known to be off: on each Front End and Edge that is not watched run \`w32tm /stripchart /computer:NTP-SERVER-1 /samples:1 /dataonly\`, and on the one that is off \`w32tm /resync /rediscover\`.`,
    variables: ['pool'],
  },
  {
    ...onCalls,
    name: 'EdgeclockUmFailureRatio',
    severity: 'warning',
    when: 'more than 10 % of the voicemail calls of 30 min, and at least 5, failed',
    expr: `${inBrackets(`${count(failed)} >= 5`)}
/
${inBrackets(`${count(failed)}
+
${count(answered)}`)}
> 0.1`,
    for: '5m',
    summary: 'Many calls to voicemail fail.',
    description: `{{ $value | humanizePercentage }} of the calls to voicemail in pool {{ $labels.pool }} failed within 30 minutes: the dashboard shows by which cause; \`edgeclock explain\` with the traces of that time tells where.`,
    variables: ['pool'],
  },
]

/** Where calls are learnt of. */
const sources: readonly Alert[] = [
  {
    ...onCalls,
    name: 'EdgeclockTraceClocksDisagree',
    severity: 'warning',
    when: "two servers' clocks surely differ by more than 5 s, by their traces",
    expr: `max by (pool, server, peer) ${inBrackets(`round(${last('edgeclock_trace_offset_seconds')})
and
abs(${last('edgeclock_trace_offset_seconds')}) - ${last('edgeclock_trace_offset_error_seconds')} > 5`)}`,
    for: '5m',
    summary: "By their traces, two servers' clocks differ.",
    description: `By their traces the clock of ${SERVER} is ${DURATION} ${word('behind', 'ahead of')} that of {{ $labels.peer }}: on the one whose clock is wrong run \`w32tm /resync /rediscover\` in an administrator's console.`,
    variables: ['pool', 'server'],
  },
  {
    ...onCalls,
    name: 'EdgeclockCallSourceStalled',
    severity: 'warning',
    when: 'a source of calls cannot be read, or nothing of what is there is read any more',
    expr: `${last('edgeclock_call_source_up')} == 0
or
${inBrackets(`min_over_time(edgeclock_call_source_lag_bytes[15m]) > 65536
and
max_over_time(edgeclock_call_source_read_bytes_total[15m])
  == min_over_time(edgeclock_call_source_read_bytes_total[15m])`)}`,
    for: '5m',
    summary: 'A source of calls is not read.',
    description: `The source {{ $labels.source }} of the exporter {{ $labels.instance }} is not read, so failed calls go unseen: look for its name in the log of edgeclock there (\`docker compose logs edgeclock\`, or that of its service), which tells why, and see that the file or port is there and edgeclock may read it.`,
    dashboard: 'edgeclock-calls',
    variables: [],
  },
  {
    ...onCalls,
    name: 'EdgeclockCallStateNotDurable',
    severity: 'warning',
    when: 'what was counted cannot be written',
    expr: `${last('edgeclock_call_state_durable')} == 0`,
    for: '5m',
    summary: 'The counts of calls cannot be written, and stand still.',
    description: `The exporter {{ $labels.instance }} cannot write its state, so its counts of calls stand still: make room in its \`calls.state_directory\` (\`df -h\`, on Windows \`Get-PSDrive\`) and see that edgeclock may write there.`,
    variables: [],
  },
]

export const callAlerts: readonly Alert[] = [...failures, ...sources]
