import { FAR_OFF, OFF, error, offset } from './clock-queries.js'
import { TO_SERVER } from './links.js'
import type { Placeable, Size } from './panel.js'
import { graph } from './panels/graph.js'
import { over } from './query.js'
import type { Steps, Words } from './style.js'

/** A server's name on all dashboards: those of two pools may be the same. */
export const NAME = '{{pool}} {{server}}'

/** Offsets of both signs. */
export const BOTH_SIGNS: Steps = {
  base: 'red',
  steps: [
    [-FAR_OFF, 'orange'],
    [-OFF, 'green'],
    [OFF, 'orange'],
    [FAR_OFF, 'red'],
  ],
}

/** Of `state` in the queries. */
export const STATES: Words = {
  2: [`off > ${FAR_OFF} s`, 'red'],
  1: [`off > ${OFF} s`, 'orange'],
  0: ['right', 'green'],
  '-1': ['not comparable', 'purple'],
  '-2': ['not readable', 'text'],
}

/** RFC 5905 §7.3. */
export const LEAPS: Words = {
  0: ['none', 'green'],
  1: ['leap second ahead', 'blue'],
  2: ['leap second ahead (−1)', 'blue'],
  3: ['not synchronised', 'orange'],
}

/** All chosen clocks in one graph. */
export const offsetsOf = (size: Size): Placeable =>
  graph({
    title: 'Offset ± error',
    description: `Each clock minus true time; the dotted lines of a clock are its error bounds. The axis shows milliseconds and hours alike. Normal: flat lines near 0. A vertical jump is a step, as after a reboot; a slope is a clock that nobody keeps. Dashed: ${OFF} s and ${FAR_OFF} s.`,
    unit: 's',
    size,
    queries: [
      over(offset, NAME),
      over(`${offset} - ${error}`, `${NAME} at least`),
      over(`${offset} + ${error}`, `${NAME} at most`),
    ],
    noValue: 'no clock is known',
    symlog: true,
    limits: BOTH_SIGNS,
    bounds: ['B', 'C'],
    link: TO_SERVER,
  })

/** A band needs the name of its lower bound: so it is one graph for each server. */
export const bandOf = (size: Size): Placeable =>
  graph({
    title: 'Offset ± error of $server',
    description:
      'The clock minus true time, and the band that the truth is surely in. Normal: a thin band around 0. It widens while the clock is not read, and narrows with the next reading. A band that leaves 0 is a clock that is surely wrong. Where servers of two pools have the same name, choose one pool above.',
    unit: 's',
    size,
    queries: [
      over(offset, 'offset'),
      over(`${offset} - ${error}`, 'at least'),
      over(`${offset} + ${error}`, 'at most'),
    ],
    noValue: 'this clock is not known',
    symlog: true,
    band: { lower: 'B', upper: 'C', to: 'at least' },
    repeat: 'server',
    link: TO_SERVER,
  })
