import type { Section } from '../layout.js'
import { TO_POOL } from '../links.js'
import { graph } from '../panels/graph.js'
import { stat } from '../panels/now.js'
import { table } from '../panels/table.js'
import {
  growth,
  growthInRange,
  growthWithFirst,
  growthWithFirstInRange,
  now,
  ofPools,
  over,
} from '../query.js'
import type { Steps } from '../style.js'

const CALLS = 'edgeclock_um_calls_total'
const FAILURES = 'edgeclock_um_call_failures_total'
const ENDED = 'outcome=~"answered|failed"'
const NO_CALLS = 'no calls are read'

const counted = (title: string, outcome: string, description: string, colors: Steps) =>
  stat({
    title,
    description,
    unit: 'short',
    size: [4, 4],
    decimals: 0,
    queries: [now(`sum(${growthInRange(ofPools(CALLS, `outcome="${outcome}"`))})`)],
    noValue: NO_CALLS,
    colors,
  })

export const inRange: Section = {
  title: 'Voicemail calls in the chosen time range',
  panels: [
    stat({
      title: 'Success ratio',
      description:
        'Answered calls of those that were answered or failed. Callers who hung up first count for neither. Normal: above 99 %. The alert fires below 90 % over half an hour.',
      unit: 'percentunit',
      size: [4, 4],
      decimals: 1,
      queries: [
        now(
          `sum(${growthInRange(ofPools(CALLS, 'outcome="answered"'))}) / (sum(${growthInRange(ofPools(CALLS, ENDED))}) > 0)`,
        ),
      ],
      noValue: 'no calls ended',
      colors: {
        base: 'red',
        steps: [
          [0.9, 'orange'],
          [0.99, 'green'],
        ],
      },
    }),
    counted(
      'Failed',
      'failed',
      'Calls to voicemail that ended with 4xx to 6xx. Normal: few. Why is below.',
      {
        base: 'green',
        steps: [[0.5, 'red']],
      },
    ),
    stat({
      title: 'Lost to a clock',
      description:
        'Those of the failed ones that a wrong clock is the cause of. Normal: 0. Click to see which clock of the pool it is.',
      unit: 'short',
      size: [4, 4],
      decimals: 0,
      queries: [
        now(
          `sum by (pool) (${growthWithFirstInRange(ofPools(FAILURES, 'cause="clock_skew"'))})`,
          '{{pool}}',
        ),
      ],
      noValue: 'none',
      colors: { base: 'green', steps: [[0.5, 'red']] },
      named: true,
      link: TO_POOL,
    }),
    counted('Answered', 'answered', 'Calls that voicemail answered. Normal: most of them.', {
      base: 'text',
    }),
    counted(
      'Abandoned',
      'abandoned',
      'Callers who hung up before voicemail answered. Normal: some.',
      {
        base: 'text',
      },
    ),
    stat({
      title: 'Open now',
      description:
        'Calls that are not counted yet: they go on, or the sources may still tell more. Normal: as many as are being made. One that only rises is a trace that misses the ends of calls.',
      unit: 'short',
      size: [4, 4],
      queries: [now(`sum(${ofPools('edgeclock_calls_open')})`)],
      noValue: NO_CALLS,
      colors: { base: 'text' },
    }),
  ],
}

export const course: Section = {
  title: 'When, and why',
  panels: [
    graph({
      title: 'Voicemail calls, by how they ended',
      description:
        'From point to point. Normal: green, with the course of the day. Red that begins at once and stays is a change on a server; red that comes and goes is a network.',
      unit: 'short',
      size: [12, 8],
      decimals: 0,
      queries: [over(`sum by (outcome) (${growth(ofPools(CALLS))})`, '{{outcome}}')],
      noValue: NO_CALLS,
      bars: true,
      colors: { '^answered$': 'green', '^failed$': 'red', '^abandoned$': 'blue' },
    }),
    graph({
      title: 'Success ratio',
      description:
        'Answered of those answered or failed, for each pool. Normal: 100 %. Empty where no call ended. About a half: one of two Edge servers refuses them.',
      unit: 'percentunit',
      size: [12, 8],
      min: 0,
      max: 1,
      queries: [
        over(
          `sum by (pool) (${growth(ofPools(CALLS, 'outcome="answered"'))}) / (sum by (pool) (${growth(ofPools(CALLS, ENDED))}) > 0)`,
          '{{pool}}',
        ),
      ],
      noValue: 'no calls ended',
      limits: {
        base: 'red',
        steps: [
          [0.9, 'orange'],
          [0.99, 'green'],
        ],
      },
      link: TO_POOL,
    }),
    graph({
      title: 'Failed voicemail calls, by cause',
      description:
        'The cause is the evidence nearest to the root, of all hops. Normal: empty. clock_skew is a clock; certificate, dns and network are what they say; other is what no catalogue knows.',
      unit: 'short',
      size: [8, 8],
      decimals: 0,
      queries: [over(`sum by (cause) (${growthWithFirst(ofPools(FAILURES))})`, '{{cause}}')],
      noValue: 'no call failed',
      bars: true,
      color: 'purple',
      colors: { '^clock_skew$': 'red' },
    }),
    graph({
      title: 'Failed voicemail calls, by SIP code',
      description:
        'What the caller’s side was told at last. Normal: empty. 429 is a referrer that was not believed; 480 and 504 are often a server that was not reached.',
      unit: 'short',
      size: [8, 8],
      decimals: 0,
      queries: [over(`sum by (sip_code) (${growthWithFirst(ofPools(FAILURES))})`, '{{sip_code}}')],
      noValue: 'no call failed',
      bars: true,
      color: 'purple',
    }),
    table({
      title: 'Failed voicemail calls, the most on top',
      description:
        'In the chosen time range, by cause, SIP code and ms-diagnostics id (empty: none was sent). The README’s table of causes says what an id means.',
      size: [8, 8],
      labels: { pool: 'Pool', cause: 'Cause', sip_code: 'SIP', diagnostic: 'Diagnostic' },
      columns: [
        {
          title: 'Calls',
          expr: `sum by (pool, cause, sip_code, diagnostic) (${growthWithFirstInRange(ofPools(FAILURES))}) > 0.5`,
          unit: 'short',
          decimals: 0,
        },
      ],
      sortBy: 'Calls',
      noValue: 'no call failed',
    }),
    graph({
      title: 'Calls without an end, and evicted ones',
      description:
        'Calls whose end is in no trace, and calls that were counted as they stood because too many were open. Normal: none. Many: a server’s trace is missing, or traces are read in parts.',
      unit: 'short',
      size: [24, 6],
      decimals: 0,
      queries: [
        over(
          `sum by (pool) (${growth(ofPools('edgeclock_um_calls_unresolved_total'))})`,
          '{{pool}} without an end',
        ),
        over(
          `sum by (pool) (${growth(ofPools('edgeclock_calls_evicted_total'))})`,
          '{{pool}} evicted',
        ),
      ],
      noValue: NO_CALLS,
      bars: true,
      colors: { ' evicted$': 'orange' },
    }),
  ],
}
