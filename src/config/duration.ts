import { durationNs, type DurationNs } from '../time/units.js'

// Prometheus' durations without the year: whole numbers, largest unit first.
const DURATION = /^(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/
const MAX_LENGTH = 32
const NS_PER_MS = 1_000_000n
const SECOND = 1000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR
const WEEK = 7n * DAY
/** In the order of the expression's groups; milliseconds each. */
const UNITS = [WEEK, DAY, HOUR, MINUTE, SECOND, 1n]

const WRITTEN: readonly (readonly [string, bigint])[] = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1n],
]

/** `250ms`, `15s`, `1m30s`, `2h`, `1d`, `1w` → its length; undefined for anything else. */
export const parseDuration = (text: string): DurationNs | undefined => {
  if (text === '' || text.length > MAX_LENGTH) return undefined
  const match = DURATION.exec(text)
  if (match === null) return undefined
  const ms = UNITS.reduce((sum, unit, index) => sum + unit * BigInt(match[index + 1] ?? '0'), 0n)
  return durationNs(ms * NS_PER_MS)
}

/** The shortest text that `parseDuration` reads back. What is less than a millisecond is dropped. */
export const formatDuration = (duration: DurationNs): string => {
  let rest = duration / NS_PER_MS
  let text = ''
  for (const [name, unit] of WRITTEN) {
    const count = rest / unit
    if (count > 0n) text += `${count}${name}`
    rest %= unit
  }
  return text === '' ? '0s' : text
}
