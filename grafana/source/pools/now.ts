import { FAR_OFF, OFF, error, offset, state, surelyOff } from '../clock-queries.js'
import { BOTH_SIGNS, NAME, STATES } from '../clock-panels.js'
import type { Section } from '../layout.js'
import { ROW_TO_SERVER, TO_SERVER } from '../links.js'
import { bars, stat } from '../panels/now.js'
import { table } from '../panels/table.js'
import {
  JOB,
  POOL_OR_NONE,
  SERVER_OR_NONE,
  alerts,
  growthWithFirstInRange,
  now,
  ofPools,
  ofServers,
  perServer,
  select,
} from '../query.js'
import { type Steps, YES_NO } from '../style.js'

const NONE_IS_GOOD: Steps = { base: 'green', steps: [[1, 'orange']] }
const NONE_OR_FAILURE: Steps = { base: 'green', steps: [[1, 'red']] }

/** Of a query without a result it cannot be known whether nothing fires or no rules are loaded. */
const rulesLoaded = `count({__name__=~"(server|instance|pool_outcome):edgeclock_.+", ${JOB}})`

/** No failure yet is no series yet; only where no source is read, nothing is known. */
const sourcesRead = `count(${select('edgeclock_call_source_up')} == 1)`

const skewFailures = ofPools('edgeclock_um_call_failures_total', 'cause="clock_skew"')

export const answer: Section = {
  title: 'Is a clock wrong, and does it hurt?',
  panels: [
    stat({
      title: `Off by more than ${FAR_OFF} s`,
      description: `Clocks that are surely off by more than ${FAR_OFF} s: |offset| − error. Normal: 0. Each one is paged. Calls to voicemail and transfers that cross such a server fail.`,
      unit: 'short',
      size: [4, 4],
      queries: [now(`sum(${surelyOff} > bool ${FAR_OFF})`)],
      noValue: 'no clock is known',
      colors: NONE_OR_FAILURE,
    }),
    stat({
      title: `Off by more than ${OFF} s`,
      description: `Clocks that are surely off by more than ${OFF} s, the far ones included. Normal: 0. A kept clock is within some milliseconds.`,
      unit: 'short',
      size: [4, 4],
      queries: [now(`sum(${surelyOff} > bool ${OFF})`)],
      noValue: 'no clock is known',
      colors: NONE_IS_GOOD,
    }),
    stat({
      title: 'Not readable',
      description:
        'Watched servers whose clock no module can read now. Normal: 0. Nobody knows whether such a clock is right: see the reasons on the server’s own dashboard.',
      unit: 'short',
      size: [4, 4],
      queries: [now(`sum(${perServer('max', ofServers('edgeclock_probe_success'))} == bool 0)`)],
      noValue: 'no server is watched',
      colors: NONE_IS_GOOD,
    }),
    stat({
      title: 'Clocks that are known',
      description:
        'Servers with an offset now. Normal: all that are watched. Fewer where servers cannot be read, or while true time is not known.',
      unit: 'short',
      size: [4, 4],
      queries: [now(`count(${offset})`)],
      noValue: 'none',
      colors: { base: 'text' },
    }),
    stat({
      title: 'Voicemail calls lost to a clock',
      description:
        'Voicemail calls in the chosen time range that failed because a clock is wrong (429 with ms-diagnostics 1020 and DATE_SKEWED, and its like). Normal: 0. Each is a caller who did not reach voicemail.',
      unit: 'short',
      size: [4, 4],
      decimals: 0,
      queries: [now(`sum(${growthWithFirstInRange(skewFailures)}) or 0 * ${sourcesRead}`)],
      noValue: 'no calls are read',
      colors: { base: 'green', steps: [[0.5, 'red']] },
    }),
    stat({
      title: 'Alerts that fire',
      description:
        'Alerts of these pools and servers that fire now. Normal: 0. In the graphs below the time of an alert is marked.',
      unit: 'short',
      size: [4, 4],
      queries: [now(`count(${alerts(POOL_OR_NONE, SERVER_OR_NONE)}) or 0 * ${rulesLoaded}`)],
      noValue: 'no rules are loaded',
      colors: NONE_IS_GOOD,
    }),
  ],
}

export const who: Section = {
  title: 'Who is off now',
  panels: [
    bars({
      title: 'Offset now',
      description: `Where each clock stands: the middle is true time, to the left it is behind, to the right ahead. Normal: all bars end in the middle. A bar that is empty or full is ${FAR_OFF} s off or more; the number is exact.`,
      unit: 's',
      size: [9, 9],
      queries: [now(`sort(${offset})`, NAME)],
      min: -FAR_OFF,
      max: FAR_OFF,
      noValue: 'no clock is known',
      colors: BOTH_SIGNS,
      link: TO_SERVER,
    }),
    table({
      title: 'Clocks, the worst on top',
      description:
        'Surely off is |offset| − error: below 0 the clock may be right. The truth is within offset ± error. What the time service says is empty where it is not known: then it is read neither over NTP nor on the server itself. A click on a server leads to it.',
      size: [15, 9],
      labels: { pool: 'Pool', server: 'Server' },
      sortBy: 'Surely off',
      noValue: 'no clock is known',
      columns: [
        {
          title: 'Surely off',
          expr: surelyOff,
          unit: 's',
          colors: {
            base: 'green',
            steps: [
              [OFF, 'orange'],
              [FAR_OFF, 'red'],
            ],
          },
        },
        { title: 'Offset', expr: offset, unit: 's' },
        { title: 'Error', expr: error, unit: 's' },
        { title: 'State', expr: state, unit: 'none', words: STATES },
        {
          title: 'Synchronised',
          expr: perServer('max', ofServers('edgeclock_ntp_synchronized')),
          unit: 'none',
          words: YES_NO,
        },
        {
          title: 'Since boot',
          expr: perServer('max', ofServers('edgeclock_ntp_synchronized_since_boot')),
          unit: 'none',
          words: YES_NO,
        },
        {
          title: 'Survives reboot',
          expr: perServer('min', ofServers('edgeclock_ntp_service_survives_reboot')),
          unit: 'none',
          words: YES_NO,
        },
      ],
      links: { Server: ROW_TO_SERVER },
    }),
  ],
}
