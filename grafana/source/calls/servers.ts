import { FAR_OFF, OFF } from '../clock-queries.js'
import { BOTH_SIGNS } from '../clock-panels.js'
import type { Section } from '../layout.js'
import { ROW_TO_SERVER, TO_SERVER } from '../links.js'
import { graph } from '../panels/graph.js'
import { table } from '../panels/table.js'
import {
  SERVER_OR_NONE,
  growthWithFirst,
  growthWithFirstInRange,
  ofPools,
  ofServers,
  over,
} from '../query.js'

const SIP = ofPools('edgeclock_sip_failures_total', SERVER_OR_NONE)
const TRACE = 'avg by (pool, server, peer)'
const traceOffset = `${TRACE} (${ofServers('edgeclock_trace_offset_seconds')})`
const traceError = `${TRACE} (${ofServers('edgeclock_trace_offset_error_seconds')})`

/** Where failures begin, voicemail or not, and what traces say of clocks. */
export const servers: Section = {
  title: 'Servers: where it fails, and what traces say of their clocks',
  panels: [
    graph({
      title: 'Failed SIP requests, by server',
      description:
        'Every failed request, voicemail or not, once: at the server where the failure began, as far as the traces show. Normal: some (busy, wrong numbers). One server alone is the place to look at. No name: no trace shows where.',
      unit: 'short',
      size: [12, 8],
      decimals: 0,
      queries: [over(`sum by (pool, server) (${growthWithFirst(SIP)})`, '{{pool}} {{server}}')],
      noValue: 'no traces are read',
      bars: true,
      color: 'purple',
      link: TO_SERVER,
    }),
    table({
      title: 'Failed SIP requests, the most on top',
      description:
        'In the chosen time range. clock_skew at one server: its clock is wrong, or that of who signed. At all servers: the signer’s.',
      size: [12, 8],
      labels: {
        pool: 'Pool',
        server: 'Server',
        cause: 'Cause',
        sip_code: 'SIP',
        diagnostic: 'Diagnostic',
      },
      columns: [
        {
          title: 'Requests',
          expr: `sum by (pool, server, cause, sip_code, diagnostic) (${growthWithFirstInRange(SIP)}) > 0.5`,
          unit: 'short',
          decimals: 0,
        },
      ],
      sortBy: 'Requests',
      noValue: 'no request failed',
    }),
    graph({
      title: 'Clocks from traces',
      description: `The clock of a server minus its peer’s, from messages that both have traced. Normal: all lines at 0. Each pair is there twice, from both sides. It needs no access to a server, and tells only differences: who is wrong is who differs from all others. Dashed: ${OFF} s and ${FAR_OFF} s.`,
      unit: 's',
      size: [12, 8],
      queries: [over(traceOffset, '{{pool}} {{server}} against {{peer}}')],
      noValue: 'no two servers have the same messages in their traces',
      symlog: true,
      limits: BOTH_SIGNS,
    }),
    table({
      title: 'Clocks from traces now, the worst on top',
      description:
        'The same with its error: the truth is within difference ± error. Surely off is |difference| − error; below 0 both clocks may agree. Normal: none above 0.',
      size: [12, 8],
      labels: { pool: 'Pool', server: 'Server', peer: 'Peer' },
      columns: [
        {
          title: 'Surely off',
          expr: `abs(${traceOffset}) - ${traceError}`,
          unit: 's',
          colors: {
            base: 'green',
            steps: [
              [OFF, 'orange'],
              [FAR_OFF, 'red'],
            ],
          },
        },
        { title: 'Difference', expr: traceOffset, unit: 's' },
        { title: 'Error', expr: traceError, unit: 's' },
      ],
      sortBy: 'Surely off',
      noValue: 'no two servers have the same messages in their traces',
      links: { Server: ROW_TO_SERVER },
    }),
    graph({
      title: 'Windows events of the catalogue',
      description:
        'Events that go with wrong clocks and failed calls, by server and id. Normal: few. 1: the clock was changed; 7036: the time service was stopped; 44009: a call was not routed to voicemail. README.md has the others.',
      unit: 'short',
      size: [24, 7],
      decimals: 0,
      queries: [
        over(
          `sum by (pool, server, event_id) (${growthWithFirst(ofPools('edgeclock_windows_events_total', SERVER_OR_NONE))})`,
          '{{pool}} {{server}} {{event_id}}',
        ),
      ],
      noValue: 'no events are read',
      bars: true,
    }),
  ],
}
