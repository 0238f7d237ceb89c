import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { states } from '../panels/states.js'
import { table } from '../panels/table.js'
import { over, select } from '../query.js'
import { YES_NO } from '../style.js'

const EXPORTER = '{{instance}}'
const BUILD = select('edgeclock_build_info')
/** Other programs have such metrics too, and _All_ chooses every job of the database. */
const own = (expr: string): string => `${expr} and on (job, instance) ${BUILD}`
/** The same of what Prometheus says of its targets: that must be seen where no exporter answers. */
const target = (metric: string): string =>
  `${select(metric)} and on (job, instance) last_over_time(${BUILD}[1d])`
const rate = (metric: string): string => own(`rate(${select(metric)}[$__rate_interval])`)

/** A time in ms beside the labels that tell the version. */
const withVersion = (metric: string): string => {
  const version = `max by (instance, version, node_version) (${select('edgeclock_build_info')})`
  return `${version} * on (instance) group_left () max by (instance) (${select(metric)}) * 1000`
}

/** The program itself. */
export const exporter: Section = {
  title: 'The exporter itself',
  panels: [
    states({
      title: 'Health',
      description:
        'Whether Prometheus reaches it, its threads answer, and its configuration file was good when last read. Normal: all yes. An exporter that is gone for a day is no more on it. A configuration that was refused: the one before it is still used.',
      size: [12, 8],
      queries: [
        over(target('up'), `${EXPORTER} is scraped`),
        over(select('edgeclock_clock_thread_up'), `${EXPORTER} clock thread answers`),
        over(select('edgeclock_call_thread_up'), `${EXPORTER} calls thread answers`),
        over(
          select('edgeclock_config_last_reload_successful'),
          `${EXPORTER} configuration is good`,
        ),
      ],
      noValue: 'no exporter is known',
      words: { ...YES_NO, 0: ['no', 'red'] },
    }),
    table({
      title: 'Versions',
      description:
        'What runs where, since when, and when its configuration was last taken. Normal: the same version everywhere.',
      size: [12, 8],
      labels: { instance: 'Exporter', version: 'Version', node_version: 'Node.js' },
      columns: [
        {
          title: 'Configuration of',
          expr: withVersion('edgeclock_config_last_reload_success_timestamp_seconds'),
          unit: 'dateTimeAsIso',
        },
        {
          title: 'Started',
          expr: withVersion('process_start_time_seconds'),
          unit: 'dateTimeAsIso',
        },
      ],
      sortBy: 'Started',
      noValue: 'no exporter is known',
    }),
    graph({
      title: 'Event loop lag of the main thread',
      description:
        'How late the main thread is. Normal: 10 to 20 ms, which is how it is measured. Scrapes are slow when it is high; clocks are not read worse by it, they have a thread of their own.',
      unit: 's',
      size: [8, 7],
      min: 0,
      queries: [
        over(own(select('nodejs_eventloop_lag_p50_seconds')), `${EXPORTER} half`),
        over(own(select('nodejs_eventloop_lag_p99_seconds')), `${EXPORTER} 99 %`),
        over(own(select('nodejs_eventloop_lag_max_seconds')), `${EXPORTER} worst`),
      ],
      colors: { ' worst$': 'purple' },
    }),
    graph({
      title: 'Memory',
      description:
        'All of the process, and what JavaScript’s heap of the main thread uses. Normal: a level that is kept over days; the heap is a sawtooth.',
      unit: 'bytes',
      size: [8, 7],
      min: 0,
      queries: [
        over(own(select('process_resident_memory_bytes')), `${EXPORTER} resident`),
        over(own(select('nodejs_heap_size_used_bytes')), `${EXPORTER} heap`),
        over(own(select('nodejs_external_memory_bytes')), `${EXPORTER} external`),
      ],
      colors: { ' heap$': 'purple', ' external$': 'text' },
    }),
    graph({
      title: 'Processor',
      description:
        'Seconds of a processor in a second, and what garbage takes of it. Normal: a few percent; more while much is read of traces.',
      unit: 'percentunit',
      size: [8, 7],
      min: 0,
      queries: [
        over(rate('process_cpu_seconds_total'), EXPORTER),
        over(
          `sum by (instance) (${rate('nodejs_gc_duration_seconds_sum')})`,
          `${EXPORTER} garbage`,
        ),
      ],
      colors: { ' garbage$': 'purple' },
    }),
    graph({
      title: 'Open files',
      description:
        'Files and sockets, as a share of what it may open. Normal: some percent, level. Near 100 % it can read no more clocks. Linux only.',
      unit: 'percentunit',
      size: [12, 6],
      min: 0,
      queries: [
        over(own(`${select('process_open_fds')} / ${select('process_max_fds')}`), EXPORTER),
      ],
      noValue: 'not told on this system',
      limits: { base: 'green', steps: [[0.8, 'orange']] },
    }),
    graph({
      title: 'Scrapes',
      description:
        'How long a scrape takes. Normal: well below 1 s. From the scrape timeout on, the exporter is as good as down.',
      unit: 's',
      size: [12, 6],
      min: 0,
      queries: [over(target('scrape_duration_seconds'), EXPORTER)],
    }),
  ],
}
