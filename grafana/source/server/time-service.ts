import { LEAPS, NAME } from '../clock-panels.js'
import { offset, surelyOff } from '../clock-queries.js'
import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { states } from '../panels/states.js'
import { table } from '../panels/table.js'
import { ofServers, over, perServer } from '../query.js'
import { YES_NO, type Words } from '../style.js'

const LABELS = { pool: 'Pool', server: 'Server' }

/** As W32Time numbers them. */
const SYNC_ERRORS: Words = {
  0: ['succeeded', 'green'],
  1: ['no time data', 'orange'],
  2: ['stale time data', 'orange'],
  3: ['change too big', 'red'],
  4: ['shutting down', 'orange'],
}

/** Of several exporters the one that says it is bad is believed. */
const worst = (metric: string): string => perServer('min', ofServers(metric))
const said = (metric: string): string => perServer('max', ofServers(metric))
const lastSync = said('edgeclock_ntp_last_sync_timestamp_seconds')

/** Why the clock goes wrong, and what goes wrong next. */
export const timeService: Section = {
  title: 'What the time service says',
  panels: [
    states({
      title: 'Time service',
      description:
        'Green is good everywhere. Never since boot: nothing has set the clock since the server started. Not running: nothing keeps it. Survives no reboot: right now, and wrong after the next one. Correction impossible: too far off, it will never be set right by itself. What is not known has no row: without an exporter on the server only NTP’s own word is.',
      size: [24, 9],
      queries: [
        over(worst('edgeclock_ntp_synchronized'), `${NAME} is synchronised`),
        over(worst('edgeclock_ntp_synchronized_since_boot'), `${NAME} was since boot`),
        over(worst('edgeclock_ntp_service_found'), `${NAME} service is there`),
        over(worst('edgeclock_ntp_service_running'), `${NAME} service runs`),
        over(worst('edgeclock_ntp_service_survives_reboot'), `${NAME} survives a reboot`),
        over(worst('edgeclock_ntp_correction_possible'), `${NAME} correction possible`),
        over(said('edgeclock_ntp_source_hypervisor'), `${NAME} set by the hypervisor`),
      ],
      noValue: 'it tells nothing',
      words: YES_NO,
      others: { hypervisor$: { 1: ['yes', 'blue'], 0: ['no', 'text'] } },
    }),
    table({
      title: 'Source',
      description:
        'What the time service follows now, and what it was configured to follow. Normal: both are the same. "Local CMOS Clock" or LOCAL is the server’s own clock: it follows nothing.',
      size: [12, 6],
      labels: { ...LABELS, source: 'Follows', configured: 'Configured' },
      columns: [
        {
          title: 'Known',
          expr: `max by (pool, server, source, configured) (${ofServers('edgeclock_ntp_source_info')})`,
          unit: 'none',
          words: YES_NO,
        },
      ],
      sortBy: 'Server',
      noValue: 'not told',
    }),
    table({
      title: 'Tools',
      description:
        'Which of the system’s own tools told of the time service, and why one did not. Normal: all yes. Only where an exporter runs on the server.',
      size: [12, 6],
      labels: { ...LABELS, tool: 'Tool', reason: 'Reason' },
      columns: [
        {
          title: 'Readable',
          expr: `min by (pool, server, tool, reason) (${ofServers('edgeclock_ntp_source_readable')})`,
          unit: 'none',
          words: YES_NO,
        },
      ],
      sortBy: 'Tool',
      noValue: 'no exporter runs on this server',
    }),
    graph({
      title: 'Since its last synchronisation',
      description:
        'By the server’s own clock: how long ago the time service last set it. Normal: below some of its poll intervals, minutes to hours. A line that only rises has lost its source.',
      unit: 'dtdurations',
      size: [8, 7],
      queries: [over(`time() + ${offset} - ${lastSync}`, NAME)],
      min: 0,
      noValue: 'not told, or never',
      limits: { base: 'green', steps: [[86_400, 'orange']] },
    }),
    states({
      title: 'Last attempt of W32Time',
      description:
        'How Windows last tried to synchronise. Normal: succeeded. Change too big: the source is further off than it may correct; it only logs that.',
      size: [8, 7],
      queries: [over(said('edgeclock_ntp_last_sync_error'), NAME)],
      noValue: 'no W32Time is asked',
      words: SYNC_ERRORS,
    }),
    states({
      title: 'Leap indicator',
      description:
        'What the server announces over NTP. Normal: none. Not synchronised: it says itself not to be trusted.',
      size: [8, 7],
      queries: [over(said('edgeclock_ntp_leap_indicator'), NAME)],
      noValue: 'not told',
      words: LEAPS,
    }),
    graph({
      title: 'Stratum',
      description:
        'How many hops from a reference clock the server says it is. Normal: 2 to 5, and constant. 0 and 16 are not synchronised.',
      unit: 'none',
      size: [12, 7],
      decimals: 0,
      queries: [over(said('edgeclock_ntp_stratum'), NAME)],
      noValue: 'not told',
      limits: {
        base: 'orange',
        steps: [
          [1, 'green'],
          [16, 'orange'],
        ],
      },
    }),
    graph({
      title: 'Offset against what it will correct',
      description:
        'How far off the clock is at least, as a share of the largest correction that the time service makes (W32Time: 15 h outside a domain). Normal: near 0 %. From 100 % on it will never be set right by itself.',
      unit: 'percentunit',
      size: [12, 7],
      queries: [
        over(
          `clamp_min(${surelyOff}, 0) / ${perServer('min', ofServers('edgeclock_ntp_max_correction_seconds'))}`,
          NAME,
        ),
      ],
      min: 0,
      noValue: 'no largest correction is told',
      limits: {
        base: 'green',
        steps: [
          [0.5, 'orange'],
          [1, 'red'],
        ],
      },
    }),
  ],
}
