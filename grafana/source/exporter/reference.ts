import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { stat } from '../panels/now.js'
import { states } from '../panels/states.js'
import { growth, now, over, select } from '../query.js'
import { LEAPS } from '../clock-panels.js'
import { YES_NO, words } from '../style.js'

const EXPORTER = '{{instance}}'
const NAME = '{{instance}} {{server}}'
const SILENT = 'the exporter tells nothing'
const serverOffset = select('edgeclock_reference_server_offset_seconds')
const serverError = select('edgeclock_reference_server_error_seconds')

/** Everything else stands on this: if it is bad, offsets of clocks are doubtful or absent. */
export const trueTime: Section = {
  title: 'Is true time known?',
  panels: [
    stat({
      title: 'True time',
      description:
        'Whether the reference servers agree well enough. Normal: known. If not, no offset can be told, and alerts about clocks are held back.',
      unit: 'none',
      size: [5, 4],
      queries: [now(select('edgeclock_reference_synchronized'), EXPORTER)],
      noValue: SILENT,
      colors: { base: 'red', steps: [[1, 'green']] },
      mappings: words({ 1: ['known', 'green'], 0: ['not known', 'red'] }),
      named: true,
    }),
    stat({
      title: 'Agreeing servers',
      description:
        'Reference servers whose intervals agree. Normal: all that are configured. More than half of them are needed; with fewer than three, one liar is not found out.',
      unit: 'short',
      size: [5, 4],
      queries: [now(select('edgeclock_reference_agreeing_servers'), EXPORTER)],
      noValue: SILENT,
      colors: {
        base: 'red',
        steps: [
          [1, 'orange'],
          [3, 'green'],
        ],
      },
      named: true,
    }),
    stat({
      title: 'Falsetickers',
      description:
        'Reference servers that contradict the majority. Normal: 0. They are outvoted, but replace them: the next one could break the majority.',
      unit: 'short',
      size: [5, 4],
      queries: [
        now(`sum by (instance) (${select('edgeclock_reference_server_falseticker')})`, EXPORTER),
      ],
      noValue: 'no majority',
      colors: { base: 'green', steps: [[1, 'orange']] },
      named: true,
    }),
    stat({
      title: 'Witness',
      description:
        'Whether a second, independent NTP client comes to the same time. Normal: agrees. If not, one of the two clients has a bug, or packets are tampered with.',
      unit: 'none',
      size: [4, 4],
      queries: [now(select('edgeclock_reference_witness_agrees'), EXPORTER)],
      noValue: 'no answer',
      colors: { base: 'text' },
      mappings: words({ 1: ['agrees', 'green'], 0: ['disagrees', 'orange'] }),
      named: true,
    }),
    stat({
      title: 'Age',
      description:
        'Time since the newest reading of true time. Normal: below the reference interval. While it grows, so does the error of every offset.',
      unit: 's',
      size: [5, 4],
      decimals: 0,
      queries: [now(select('edgeclock_reference_age_seconds'), EXPORTER)],
      noValue: 'never read',
      colors: { base: 'green', steps: [[300, 'orange']] },
      named: true,
    }),
    graph({
      title: 'Error of true time',
      description:
        'Half of the interval that holds true time. Normal: some milliseconds, flat. It is in the error of each offset. A slope: the reference servers are silent.',
      unit: 's',
      size: [12, 8],
      queries: [over(select('edgeclock_reference_error_seconds'), EXPORTER)],
      min: 0,
      noValue: 'true time is not known',
    }),
    graph({
      title: 'Reference servers against each other',
      description:
        'Each reference server minus what they agree on; dotted: its error bounds. Normal: all bands hold 0. One that does not is a falseticker.',
      unit: 's',
      size: [12, 8],
      queries: [
        over(serverOffset, NAME),
        over(`${serverOffset} - ${serverError}`, `${NAME} at least`),
        over(`${serverOffset} + ${serverError}`, `${NAME} at most`),
      ],
      noValue: 'true time is not known',
      symlog: true,
      bounds: ['B', 'C'],
    }),
  ],
}

/** Each reference server by itself. */
export const referenceServers: Section = {
  title: 'The reference servers',
  panels: [
    states({
      title: 'Reference servers answer',
      description:
        'Whether each one answered one of the last eight questions. Normal: yes. No: the server is down, or a firewall is in the way.',
      size: [12, 7],
      queries: [over(select('edgeclock_reference_server_reachable'), NAME)],
      noValue: SILENT,
      words: YES_NO,
    }),
    states({
      title: 'Falsetickers',
      description:
        'Which server contradicted the majority, and when. Normal: none. All at once: there was a leap second, or the majority itself is wrong.',
      size: [12, 7],
      queries: [over(select('edgeclock_reference_server_falseticker'), NAME)],
      noValue: 'no majority',
      words: { 0: ['agrees', 'green'], 1: ['contradicts', 'orange'] },
    }),
    graph({
      title: 'Round trip',
      description:
        'How long a question and its answer are on the way. Normal: constant. Half of it is in the error: near servers are better ones.',
      unit: 's',
      size: [8, 7],
      queries: [over(select('edgeclock_reference_server_rtt_seconds'), NAME)],
      min: 0,
      noValue: 'no answer yet',
    }),
    graph({
      title: 'Stratum',
      description:
        'What each server announces. Normal: 1 to 3, and constant. 16 and 0 are not synchronised.',
      unit: 'none',
      size: [8, 7],
      decimals: 0,
      queries: [over(select('edgeclock_reference_server_stratum'), NAME)],
      noValue: 'no answer yet',
      limits: {
        base: 'orange',
        steps: [
          [1, 'green'],
          [16, 'orange'],
        ],
      },
    }),
    states({
      title: 'Leap indicator',
      description: 'What each server announces. Normal: none.',
      size: [8, 7],
      queries: [over(select('edgeclock_reference_server_leap_indicator'), NAME)],
      noValue: 'no answer yet',
      words: LEAPS,
    }),
    graph({
      title: 'Questions without a usable answer, by reason',
      description:
        'Normal: none, or single ones. timeout: a lost packet; kiss_of_death: the server wants to be asked less often; no_time: it is not synchronised itself.',
      unit: 'short',
      size: [12, 7],
      queries: [
        over(
          `sum by (instance, server, reason) (${growth(select('edgeclock_reference_server_failures_total'))})`,
          `${NAME} {{reason}}`,
        ),
      ],
      noValue: 'none',
      bars: true,
      color: 'orange',
    }),
    graph({
      title: 'Packets thrown away, by what was wrong',
      description:
        'Datagrams that were no reply to our question. Normal: none. Many: somebody tries to forge replies.',
      unit: 'short',
      size: [12, 7],
      queries: [
        over(
          `sum by (instance, server, reason) (${growth(select('edgeclock_reference_server_packets_discarded_total'))})`,
          `${NAME} {{reason}}`,
        ),
      ],
      noValue: 'none',
      bars: true,
      color: 'orange',
    }),
  ],
}
