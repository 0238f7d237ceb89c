import { BOTH_SIGNS, NAME } from '../clock-panels.js'
import type { Section } from '../layout.js'
import { ROW_TO_SERVER } from '../links.js'
import { graph } from '../panels/graph.js'
import { table } from '../panels/table.js'
import { growth, ofServers, over, select } from '../query.js'
import { YES_NO } from '../style.js'

const EXPORTER = '{{instance}}'
const clock = select('edgeclock_host_clock_offset_seconds')
const error = select('edgeclock_host_clock_offset_error_seconds')

/** The clock of the machine that the exporter runs on. */
export const hostClock: Section = {
  title: 'The clock of the exporter’s machine',
  panels: [
    graph({
      title: 'Offset ± error of the machine',
      description:
        'This machine’s wall clock minus true time; dotted: the error bounds. Normal: milliseconds. No other offset depends on it, but logs and Prometheus’ own times do.',
      unit: 's',
      size: [12, 8],
      queries: [
        over(clock, EXPORTER),
        over(`${clock} - ${error}`, `${EXPORTER} at least`),
        over(`${clock} + ${error}`, `${EXPORTER} at most`),
      ],
      noValue: 'true time is not known',
      symlog: true,
      limits: BOTH_SIGNS,
      bounds: ['B', 'C'],
    }),
    graph({
      title: 'Jumps and sleeps of the machine',
      description:
        'Times that its wall clock was set by 4 ms or more, and that it slept or was paused. Normal: none. After a sleep all clocks are read anew: gaps of some seconds are no failure.',
      unit: 'short',
      size: [6, 8],
      decimals: 0,
      queries: [
        over(growth(select('edgeclock_host_clock_steps_total')), `${EXPORTER} jumps`),
        over(growth(select('edgeclock_host_suspends_total')), `${EXPORTER} sleeps`),
      ],
      bars: true,
      colors: { ' jumps$': 'orange' },
    }),
    graph({
      title: 'Last jump of the machine',
      description:
        'The size of the last jump of its wall clock; minus is backward. Empty where there was none. Single small ones are its time daemon at work.',
      unit: 's',
      size: [6, 8],
      queries: [over(select('edgeclock_host_clock_last_step_seconds'), EXPORTER)],
      noValue: 'it never jumped',
      symlog: true,
    }),
  ],
}

/** The only place where the chosen pools and servers matter on this dashboard. */
export const watching: Section = {
  title: 'What it watches',
  panels: [
    table({
      title: 'Which exporter watches which server',
      description:
        'A server may be watched by several exporters, and with shards each one has its share. Normal: each server is there, and was read lately.',
      size: [12, 8],
      labels: { instance: 'Exporter', pool: 'Pool', server: 'Server' },
      columns: [
        {
          title: 'Last reading',
          expr: `time() - max by (instance, pool, server) (${ofServers('edgeclock_clock_last_reading_timestamp_seconds')})`,
          unit: 's',
          decimals: 0,
          colors: { base: 'text', steps: [[300, 'orange']] },
        },
        {
          title: 'Readable',
          expr: `max by (instance, pool, server) (${ofServers('edgeclock_probe_success')})`,
          unit: 'none',
          words: YES_NO,
        },
      ],
      sortBy: 'Last reading',
      noValue: 'it watches none of these servers',
      links: { Server: ROW_TO_SERVER },
    }),
    graph({
      title: 'Readings that fail',
      description:
        'Of the chosen servers, by exporter. Normal: none. Many servers at once on one exporter: its own network.',
      unit: 'short',
      size: [12, 8],
      decimals: 0,
      queries: [
        over(
          `sum by (instance, pool, server) (${growth(ofServers('edgeclock_probe_failures_total'))})`,
          `${EXPORTER} ${NAME}`,
        ),
      ],
      noValue: 'it watches none of these servers',
      bars: true,
      color: 'orange',
    }),
  ],
}
