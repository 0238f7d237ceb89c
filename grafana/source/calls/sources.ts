import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { stat } from '../panels/now.js'
import { states } from '../panels/states.js'
import { now, over, select } from '../query.js'
import { YES_NO } from '../style.js'

const NAME = '{{instance}} {{source}}'
const NO_SOURCE = 'no source is configured'
const rate = (metric: string): string => `rate(${select(metric)}[$__rate_interval])`

/** Whether the numbers above can be trusted. */
export const sources: Section = {
  title: 'Sources: can the numbers be trusted?',
  panels: [
    states({
      title: 'Sources and their state',
      description:
        'Whether each source can be read, what is counted is on the disk, and the thread that counts answers. Normal: all yes. No: the numbers stand still, and the exporter’s log says why. Begun anew: at its start it could not read its old counts.',
      size: [12, 8],
      queries: [
        over(select('edgeclock_call_source_up'), `${NAME} readable`),
        over(select('edgeclock_call_state_durable'), '{{instance}} counts are durable'),
        over(select('edgeclock_call_thread_up'), '{{instance}} calls thread answers'),
        over(select('edgeclock_call_state_set_aside'), '{{instance}} counts begun anew'),
      ],
      noValue: NO_SOURCE,
      words: YES_NO,
      others: { anew$: { 1: ['yes', 'orange'], 0: ['no', 'green'] } },
    }),
    graph({
      title: 'Lag',
      description:
        'Bytes that are there and not read yet. Normal: near 0, or a sawtooth. One that only rises: the exporter cannot keep up, or the source stalled.',
      unit: 'bytes',
      size: [12, 8],
      min: 0,
      queries: [over(select('edgeclock_call_source_lag_bytes'), NAME)],
      noValue: NO_SOURCE,
    }),
    graph({
      title: 'Records read',
      description:
        'Records, events, entries or packets in a second. Normal: with the course of the day. 0 in working hours: tracing is off on the server.',
      unit: 'cps',
      size: [8, 7],
      min: 0,
      queries: [over(rate('edgeclock_call_source_records_total'), NAME)],
      noValue: NO_SOURCE,
    }),
    graph({
      title: 'Bytes read',
      description: 'What the sources are done with in a second. Normal: as much as is traced.',
      unit: 'Bps',
      size: [8, 7],
      min: 0,
      queries: [over(rate('edgeclock_call_source_read_bytes_total'), NAME)],
      noValue: NO_SOURCE,
    }),
    graph({
      title: 'Malformed and dropped',
      description:
        'What could not be understood, or was too much to take, in a second. Normal: 0. Calls in it are not counted.',
      unit: 'cps',
      size: [8, 7],
      min: 0,
      queries: [
        over(rate('edgeclock_call_source_malformed_total'), `${NAME} malformed`),
        over(rate('edgeclock_call_source_dropped_total'), `${NAME} dropped`),
      ],
      noValue: NO_SOURCE,
      color: 'orange',
    }),
    stat({
      title: 'Files',
      description:
        'Files that each source follows. Normal: as many as the server writes. 0: the pattern matches none.',
      unit: 'short',
      size: [24, 4],
      queries: [now(select('edgeclock_call_source_files'), NAME)],
      noValue: 'no source reads files',
      colors: { base: 'orange', steps: [[1, 'text']] },
      named: true,
    }),
  ],
}
