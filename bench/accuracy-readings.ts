import { type Interval, contains, halfWidth, midpoint, minus } from '../src/time/interval.js'
import { nodeClock } from '../src/net/node-platform.js'
import { readWall } from '../src/time/tick.js'
import { seconds, toSeconds } from '../src/time/units.js'

/** One reading of a server whose true offset against this machine's wall clock is known. Seconds. */
export interface Reading {
  readonly error: number
  /** Half-width of the interval that the client itself gives, if it gives one. */
  readonly bound?: number
  /** The truth is not in that interval. */
  readonly missed?: boolean
}

export interface Row {
  readonly client: string
  readonly readings: readonly Reading[]
  /** Requests from nothing until the client's own bound was narrow; `never` where it was not. */
  readonly exchanges?: number | 'never'
}

/**
 * Ours: server − mono against wall − mono, which the tick method reads. What is left of the difference, less
 * the server's shift in seconds (positive: it is ahead), is the error of the reading.
 */
export const judged = (server: Interval, shift = 0): Reading => {
  const difference = minus(server, readWall(nodeClock).offset)
  const truth = seconds(shift)
  return {
    error: toSeconds(midpoint(difference) - truth),
    bound: toSeconds(halfWidth(server)),
    missed: !contains(difference, truth),
  }
}

/** A client that compares with the wall clock, and gives a bound or none. */
export const compared = (offset: number, shift: number, bound?: number): Reading => {
  const error = offset - shift
  return { error, ...(bound !== undefined && { bound, missed: Math.abs(error) > bound }) }
}

export const repeat = async (count: number, read: () => Promise<Reading>): Promise<Reading[]> => {
  const readings: Reading[] = []
  for (let i = 0; i < count; i++) readings.push(await read())
  return readings
}

export const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN

export const ascending = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

const micro = (value: number): string => (value * 1e6).toFixed(1)

/** One line of the table under {@link HEAD}. */
export const printed = ({ client, readings, exchanges }: Row): string => {
  const errors = ascending(readings.map(({ error }) => Math.abs(error)))
  const bounds = ascending(readings.flatMap(({ bound }) => bound ?? []))
  const missed = readings.filter(reading => reading.missed).length
  return [
    client.padEnd(32),
    String(readings.length).padStart(8),
    micro(quantile(errors, 0.5)).padStart(12),
    micro(errors.at(-1) ?? Number.NaN).padStart(12),
    (bounds.length > 0 ? micro(quantile(bounds, 0.5)) : '–').padStart(14),
    (bounds.length > 0 ? String(missed) : '–').padStart(8),
    ...(exchanges === undefined ? [] : [String(exchanges).padStart(13)]),
  ].join('')
}

export const HEAD = `${'client'.padEnd(32)}readings   median µs    worst µs  own bound µs  missed`
export const HEAD_EXCHANGES = `${HEAD}  below 20 ms`
