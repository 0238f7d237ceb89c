import { BOTH_SIGNS, NAME, STATES, bandOf, offsetsOf } from '../clock-panels.js'
import { FAR_OFF, OFF, drift, error, offset, state, surelyOff } from '../clock-queries.js'
import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { stat } from '../panels/now.js'
import { states } from '../panels/states.js'
import { growth, growthInRange, now, ofServers, over, perServer } from '../query.js'
import { YES_NO, words } from '../style.js'

const lastReading = perServer('max', ofServers('edgeclock_clock_last_reading_timestamp_seconds'))
const boot = perServer('max', ofServers('edgeclock_server_boot_timestamp_seconds'))

/** A clock that drifts toward zero has to cross it first. */
const until = `clamp_min(${OFF} - sgn(${drift}) * ${offset}, 0) / (abs(${drift}) > 0)`

export const standing: Section = {
  title: 'This clock now',
  panels: [
    stat({
      title: 'Offset',
      description: `The server's clock minus true time; minus is behind. Normal: milliseconds. From ${OFF} s on servers begin to refuse each other's signatures.`,
      unit: 's',
      size: [5, 4],
      queries: [now(offset, NAME)],
      noValue: 'not known',
      colors: BOTH_SIGNS,
      named: true,
    }),
    stat({
      title: 'Error',
      description:
        'The truth is within offset ± error, guaranteed. Normal: some milliseconds; it grows while the clock is not read.',
      unit: 's',
      size: [4, 4],
      queries: [now(error, NAME)],
      noValue: 'not known',
      colors: { base: 'text', steps: [[1, 'orange']] },
      named: true,
    }),
    stat({
      title: 'State',
      description:
        'By what is surely known, |offset| − error. Not comparable: it was read, but true time is not known, or its readings contradict each other.',
      unit: 'none',
      size: [4, 4],
      queries: [now(state, NAME)],
      noValue: 'not watched',
      colors: { base: 'text' },
      mappings: words(STATES),
      named: true,
    }),
    stat({
      title: 'Last reading',
      description: 'How long ago the clock was read. Normal: less than the interval of its pool.',
      unit: 's',
      size: [4, 4],
      decimals: 0,
      queries: [now(`time() - ${lastReading}`, NAME)],
      noValue: 'never read',
      colors: { base: 'text', steps: [[300, 'orange']] },
      named: true,
    }),
    stat({
      title: 'Running since',
      description:
        'How long ago the server started. Where its clock went wrong just then, the clock did not survive the reboot.',
      unit: 'dtdurations',
      size: [4, 4],
      decimals: 0,
      queries: [now(`time() - ${boot}`, NAME)],
      noValue: 'not told',
      colors: { base: 'text' },
      named: true,
    }),
    stat({
      title: 'Steps',
      description:
        'Jumps of the clock by 128 ms or more in the chosen time range. Normal: 0, or 1 when somebody set it right.',
      unit: 'short',
      size: [3, 4],
      decimals: 0,
      queries: [
        now(perServer('max', growthInRange(ofServers('edgeclock_clock_steps_total'))), NAME),
      ],
      noValue: 'not watched',
      colors: { base: 'green', steps: [[0.5, 'orange']] },
      named: true,
    }),
  ],
}

export const course: Section = {
  title: 'Its course',
  panels: [
    offsetsOf([24, 8]),
    states({
      title: 'State',
      description: `What was surely known at each time: right, off by more than ${OFF} s, by more than ${FAR_OFF} s. Normal: one green bar.`,
      size: [24, 4],
      queries: [over(state, NAME)],
      noValue: 'not watched',
      words: STATES,
    }),
    graph({
      title: 'Surely off by',
      description: `|offset| − error, not below 0: what the alerts are held against. Normal: 0. Dashed: the warning at ${OFF} s and the page at ${FAR_OFF} s.`,
      unit: 's',
      size: [12, 8],
      queries: [over(`clamp_min(${surelyOff}, 0)`, NAME)],
      min: 0,
      noValue: 'not known',
      limits: {
        base: 'green',
        steps: [
          [OFF, 'orange'],
          [FAR_OFF, 'red'],
        ],
      },
      symlog: true,
    }),
    graph({
      title: 'Drift',
      description:
        'How fast the offset changes, in millionths: 1 ppm is 86 ms a day. Normal: within ± 20 ppm where the clock is kept, up to 50 where it is not. 100 ppm and more is a broken clock, or one that is being slewed right.',
      unit: 'ppm',
      size: [12, 8],
      queries: [over(`${drift} * 1e6`, NAME)],
      noValue: 'not yet known to 50 ppm',
      limits: {
        base: 'orange',
        steps: [
          [-100, 'green'],
          [100, 'orange'],
        ],
      },
    }),
    graph({
      title: `Until it is ${OFF} s off at this drift`,
      description: `How long until the offset reaches ${OFF} s, on the side that it drifts to, if nobody does anything. Normal: empty or months; a kept clock's drift changes its sign all the time. Below a day there is an alert, once the drift is known well enough.`,
      unit: 'dtdurations',
      size: [12, 7],
      queries: [over(until, NAME)],
      min: 0,
      noValue: 'no drift is known',
      limits: { base: 'orange', steps: [[86_400, 'green']] },
    }),
    graph({
      title: 'Steps and contradictions',
      description:
        'Jumps of 128 ms or more, and readings that no one clock can have given together with those before. Normal: none. Steps one after the other, there and back, are several machines behind one address.',
      unit: 'short',
      size: [12, 7],
      queries: [
        over(perServer('max', growth(ofServers('edgeclock_clock_steps_total'))), `${NAME} steps`),
        over(
          perServer('max', growth(ofServers('edgeclock_clock_contradictions_total'))),
          `${NAME} contradictions`,
        ),
      ],
      noValue: 'not watched',
      bars: true,
      colors: { ' steps$': 'orange' },
    }),
    graph({
      title: 'Last step',
      description:
        'The size of the last jump; minus is backward. Empty where there was none. Whole hours are a time zone, or the hardware clock after a reboot.',
      unit: 's',
      size: [12, 7],
      queries: [over(perServer('max', ofServers('edgeclock_clock_last_step_seconds')), NAME)],
      noValue: 'it never stepped',
      symlog: true,
    }),
    states({
      title: 'Readings are of one clock',
      description:
        'Whether all readings can be of one clock. Normal: yes. No: the address leads to several machines, or two modules read different clocks; then no offset is told.',
      size: [12, 7],
      queries: [over(perServer('min', ofServers('edgeclock_clock_consistent')), NAME)],
      noValue: 'not watched',
      words: YES_NO,
    }),
  ],
}

/** A graph for each of the chosen servers: folded, so that none is asked for before it is wanted. */
export const bands: Section = {
  title: 'In its band',
  folded: true,
  panels: [bandOf([24, 8])],
}
