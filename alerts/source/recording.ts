import type { Recording } from './alert.js'
import { beyondError, grown, hosts, inBrackets, surelyApart, watched } from './promql.js'

const clock = ['job', 'instance', 'pool', 'server'] as const
const calls = ['job', 'pool'] as const

/**
 * For dashboards and other people's rules. Alerts do without them: where rules run outside of the database
 * (vmalert), what one rule writes comes too late for the next one, and a page would wait for it.
 */
export const recordings: readonly Recording[] = [
  {
    record: 'server:edgeclock_clock_offset_seconds:beyond_error',
    labels: clock,
    meaning: '|offset| − error: how far a clock is off at least. Negative while it may be right.',
    expr: beyondError(watched),
  },
  {
    record: 'instance:edgeclock_host_clock_offset_seconds:beyond_error',
    labels: ['job', 'instance'],
    meaning: "The same of the clock of the exporter's host.",
    expr: beyondError(hosts),
  },
  {
    record: 'pool:edgeclock_clock_offset_seconds:disagreement',
    labels: ['pool'],
    meaning: 'By how much the clocks of one pool differ at least. Negative while they may agree.',
    expr: surelyApart,
  },
  {
    record: 'pool_outcome:edgeclock_um_calls:rate5m',
    labels: [...calls, 'outcome'],
    meaning: 'Voicemail calls a second, by outcome.',
    expr: 'sum without (instance) (rate(edgeclock_um_calls_total[5m]))',
  },
  {
    record: 'pool_cause:edgeclock_um_call_failures:rate5m',
    labels: [...calls, 'cause'],
    meaning: 'Voicemail calls that fail a second, by cause.',
    expr: 'sum without (instance, sip_code, diagnostic) (rate(edgeclock_um_call_failures_total[5m]))',
  },
  {
    record: 'pool_cause:edgeclock_um_call_failures:increase10m',
    labels: [...calls, 'cause'],
    meaning: 'Voicemail calls that failed in 10 min, by cause; also the very first of its kind.',
    expr: `sum without (instance, sip_code, diagnostic) ${inBrackets(grown('edgeclock_um_call_failures_total', '10m'))}`,
  },
  {
    record: 'pool:edgeclock_um_call_failures_per_calls:ratio_rate5m',
    labels: calls,
    meaning:
      'Failed voicemail calls for each that was answered or failed. Absent while there are none.',
    expr: `sum without (instance, outcome) (rate(edgeclock_um_calls_total{outcome="failed"}[5m]))
/
(sum without (instance, outcome) (rate(edgeclock_um_calls_total{outcome=~"answered|failed"}[5m])) > 0)`,
  },
]
