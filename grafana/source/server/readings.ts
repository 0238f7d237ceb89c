import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { verdicts } from '../panels/states.js'
import { growth, ofServers, over } from '../query.js'

const NAME = '{{pool}} {{server}} {{module}}'
const perModule = (metric: string): string => `avg by (pool, server, module) (${ofServers(metric)})`

/** What each way to read the clock gave. */
export const readings: Section = {
  title: 'How it is read',
  panels: [
    verdicts({
      title: 'Verdict of each reading',
      description:
        'Green: the module read the clock; orange: it failed. A square stands for many readings in a long time range, and is orange where one of them failed. Normal: green. Single orange ones are lost packets.',
      size: [12, 7],
      queries: [
        over(
          `min by (pool, server, module) (min_over_time(${ofServers('edgeclock_probe_success')}[$__rate_interval]))`,
          NAME,
        ),
      ],
      noValue: 'not watched',
      words: { 1: ['read', 'green'], 0: ['failed', 'orange'] },
    }),
    graph({
      title: 'Failures, by reason',
      description:
        'Readings that failed. Normal: none. timeout and unreachable: a firewall, or the machine is down; refused: nothing listens on that port; no_time: the server does not put its time there, so use another module; protocol: something else answers there.',
      unit: 'short',
      size: [12, 7],
      queries: [
        over(
          `sum by (pool, server, module, reason) (${growth(ofServers('edgeclock_probe_failures_total'))})`,
          `${NAME} {{reason}}`,
        ),
      ],
      noValue: 'no failures',
      bars: true,
      color: 'orange',
    }),
    graph({
      title: 'Offset by each module',
      description:
        'What each module reads by itself; the dotted lines are its error. Normal: all bands overlap. Where two do not, one of them reads another clock.',
      unit: 's',
      size: [12, 8],
      queries: [
        over(perModule('edgeclock_probe_offset_seconds'), NAME),
        over(
          `${perModule('edgeclock_probe_offset_seconds')} - ${perModule('edgeclock_probe_offset_error_seconds')}`,
          `${NAME} at least`,
        ),
        over(
          `${perModule('edgeclock_probe_offset_seconds')} + ${perModule('edgeclock_probe_offset_error_seconds')}`,
          `${NAME} at most`,
        ),
      ],
      noValue: 'not read',
      symlog: true,
      bounds: ['B', 'C'],
    }),
    graph({
      title: 'Round trip and duration',
      description:
        'How long a reading is on the way, and how long it takes with its failures. Normal: below the distance of the networks, some milliseconds. The error is half of the round trip or more: a slow way makes a wide band, never a wrong offset.',
      unit: 's',
      size: [12, 8],
      queries: [
        over(perModule('edgeclock_probe_rtt_seconds'), `${NAME} round trip`),
        over(perModule('edgeclock_probe_duration_seconds'), `${NAME} duration`),
      ],
      min: 0,
      noValue: 'not read',
      colors: { ' duration$': 'purple' },
    }),
    graph({
      title: 'Packets thrown away, by what was wrong',
      description:
        'Datagrams that came and were not the reply to our request. Normal: none. Many are a broken server, or somebody who tries to forge replies.',
      unit: 'short',
      size: [24, 6],
      queries: [
        over(
          `sum by (pool, server, module, reason) (${growth(ofServers('edgeclock_probe_packets_discarded_total'))})`,
          `${NAME} {{reason}}`,
        ),
      ],
      noValue: 'none',
      bars: true,
      color: 'orange',
    }),
  ],
}
