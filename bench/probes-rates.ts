import type { Spent } from './probes-load.js'

/** A processor second. */
export interface Rates {
  readonly exchanges: number
  readonly readings: number
}

export const ratesOf = ({ exchanges, readings, cpuSeconds }: Spent): Rates => ({
  exchanges: exchanges / cpuSeconds,
  readings: readings / cpuSeconds,
})

const middle = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

export const median = (rounds: readonly Rates[]): Rates => ({
  exchanges: middle(rounds.map(({ exchanges }) => exchanges)),
  readings: middle(rounds.map(({ readings }) => readings)),
})

export const HEAD = `${'probing'.padEnd(28)}exchanges  readings  × blackbox: exchanges  readings`

/** One line of the table; without `blackbox` it is blackbox's own. */
export const printed = (who: string, rates: Rates, blackbox?: Rates): string => {
  const absolute = [rates.exchanges, rates.readings].map(rate => rate.toFixed(0).padStart(10))
  const relative = blackbox
    ? [
        (rates.exchanges / blackbox.exchanges).toFixed(2).padStart(21),
        (rates.readings / blackbox.readings).toFixed(2).padStart(10),
      ]
    : []
  return [who.padEnd(27), ...absolute, ...relative].join('')
}

const isReached = (ratio: number, aim: number): string =>
  `${ratio.toFixed(2)} ${ratio >= aim ? 'reached' : 'NOT REACHED'}`

/** An aimed reading is two exchanges or more, a probe of blackbox one: both are told. */
export const verdict = (what: string, ours: Rates, blackbox: Rates, aim: number): string =>
  `aim: ${what} at least ${aim} × blackbox: in exchanges ${isReached(
    ours.exchanges / blackbox.exchanges,
    aim,
  )}, in readings ${isReached(ours.readings / blackbox.readings, aim)}`
