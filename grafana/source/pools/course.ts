import { FAR_OFF, KERBEROS, OFF, atMostOff, state, surelyApart } from '../clock-queries.js'
import { NAME, STATES, offsetsOf } from '../clock-panels.js'
import type { Section } from '../layout.js'
import { TO_SERVER } from '../links.js'
import { graph } from '../panels/graph.js'
import { states } from '../panels/states.js'
import { growthWithFirst, ofPools, over } from '../query.js'

/** On one time axis: clocks, and calls below them. */
export const course: Section = {
  title: 'When it began, and what it did to calls',
  panels: [
    offsetsOf([24, 10]),
    states({
      title: 'State of each clock',
      description: `By what is sure: off is more than ${OFF} s, far off more than ${FAR_OFF} s. Normal: one green bar. A gap in green before a clock is off is often its reboot.`,
      size: [24, 7],
      queries: [over(state, NAME)],
      noValue: 'no server is watched',
      words: STATES,
      link: TO_SERVER,
    }),
    graph({
      title: 'Voicemail calls that fail, by cause',
      description:
        'From point to point, on the same time axis as the clocks above. Normal: empty, or a few of other causes. Red is clock_skew: if it begins where a clock leaves 0, that clock is why.',
      unit: 'short',
      size: [24, 7],
      decimals: 0,
      queries: [
        over(
          `sum by (cause) (${growthWithFirst(ofPools('edgeclock_um_call_failures_total'))})`,
          '{{cause}}',
        ),
      ],
      noValue: 'no call failed',
      bars: true,
      color: 'purple',
      colors: { '^clock_skew$': 'red' },
    }),
  ],
}

export const room: Section = {
  title: 'How much room is left',
  panels: [
    graph({
      title: `Headroom to the ${KERBEROS} s of Kerberos`,
      description: `${KERBEROS} s − |offset| − error: how much further a clock may run off before Kerberos refuses it, by its default. Normal: almost ${KERBEROS} s. At 0 sign-ins fail too.`,
      unit: 's',
      size: [12, 8],
      queries: [over(`clamp_min(${KERBEROS} - (${atMostOff}), 0)`, NAME)],
      min: 0,
      max: KERBEROS,
      noValue: 'no clock is known',
      limits: {
        base: 'red',
        steps: [
          [1, 'orange'],
          [KERBEROS - FAR_OFF, 'green'],
        ],
      },
      link: TO_SERVER,
    }),
    graph({
      title: 'How far the clocks of a pool surely disagree',
      description:
        'The largest offset − error less the smallest offset + error of each pool, not below 0. Normal: 0. Needs no true time to be bad: servers of one pool sign for each other.',
      unit: 's',
      size: [12, 8],
      queries: [over(`clamp_min(${surelyApart}, 0)`, '{{pool}}')],
      min: 0,
      noValue: 'no clock is known',
      limits: {
        base: 'green',
        steps: [
          [2, 'orange'],
          [FAR_OFF, 'red'],
        ],
      },
    }),
  ],
}
