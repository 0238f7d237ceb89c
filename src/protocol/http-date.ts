import { SECOND } from '../time/stamp.js'
import { type UnixNs, unixNs } from '../time/units.js'

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const SHORT_WEEKDAYS = WEEKDAYS.map(name => name.slice(0, 3))
const MONTHS = [
  'Jan',
  'Feb',
  'Mar',
  'Apr',
  'May',
  'Jun',
  'Jul',
  'Aug',
  'Sep',
  'Oct',
  'Nov',
  'Dec',
] as const
/** Days of a year before each month, of a year that is no leap year. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]

const CLOCK = '(\\d\\d):(\\d\\d):(\\d\\d)'
const MONTH = MONTHS.join('|')
/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const FIXDATE = new RegExp(
  `^(?:${SHORT_WEEKDAYS.join('|')}), \\d\\d (?:${MONTH}) \\d{4} ${CLOCK} GMT$`,
)
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC850 = new RegExp(`^(${WEEKDAYS.join('|')}), (\\d\\d)-(${MONTH})-(\\d\\d) ${CLOCK} GMT$`)
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = new RegExp(
  `^(${SHORT_WEEKDAYS.join('|')}) (${MONTH}) (\\d\\d| \\d) ${CLOCK} (\\d{4})$`,
)
/** Where the parts of the first form are. */
const AT = { day: 5, month: 8, year: 12, hour: 17, minute: 20, second: 23 } as const

/** A year of two digits from here on is of the century before. */
const PIVOT = 70
const LONGEST = 64
const EPOCH_WEEKDAY = 4

interface Parts {
  readonly weekday: string
  readonly year: number
  readonly month: string
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/**
 * A date of RFC 9110 §5.6.7 in each of its three forms, to the second; before 1970 it is negative. Undefined for anything
 * else: a date that does not exist, one that is not on its day of the week, and the second 60, which
 * no Unix time has.
 *
 * A year of two digits is one from 1970 to 2069, and not, as the RFC has it, at most 50 years from now:
 * nobody here knows what now is, that is why the date is read. A date of another century is not on its day of
 * the week then, and no date at all.
 */
export const parseHttpDate = (text: string): UnixNs | undefined => {
  if (text.length > LONGEST) return undefined
  const parts = fixdate(text) ?? rfc850(text) ?? asctime(text)
  return parts && stampOf(parts)
}

/** The form that every server of today sends: cut at its places, for it is read for every request. */
const fixdate = (text: string): Parts | undefined => {
  if (!FIXDATE.test(text)) return undefined
  return {
    weekday: text.slice(0, 3),
    year: Number(text.slice(AT.year, AT.year + 4)),
    month: text.slice(AT.month, AT.month + 3),
    day: Number(text.slice(AT.day, AT.day + 2)),
    hour: Number(text.slice(AT.hour, AT.hour + 2)),
    minute: Number(text.slice(AT.minute, AT.minute + 2)),
    second: Number(text.slice(AT.second, AT.second + 2)),
  }
}

const rfc850 = (text: string): Parts | undefined => {
  const match = RFC850.exec(text)
  if (!match) return undefined
  const [, weekday = '', day, month = '', yy, hour, minute, second] = match
  const year = Number(yy) + (Number(yy) < PIVOT ? 2000 : 1900)
  return { weekday: weekday.slice(0, 3), year, month, ...numbers({ day, hour, minute, second }) }
}

const asctime = (text: string): Parts | undefined => {
  const match = ASCTIME.exec(text)
  if (!match) return undefined
  const [, weekday = '', month = '', day, hour, minute, second, year] = match
  return { weekday, month, year: Number(year), ...numbers({ day, hour, minute, second }) }
}

type Digits = Readonly<Record<'day' | 'hour' | 'minute' | 'second', string | undefined>>

const numbers = ({ day, hour, minute, second }: Digits) => ({
  day: Number(day),
  hour: Number(hour),
  minute: Number(minute),
  second: Number(second),
})

const stampOf = (parts: Parts): UnixNs | undefined => {
  const { weekday, year, day, hour, minute, second } = parts
  const month = MONTHS.findIndex(name => name === parts.month)
  if (hour > 23 || minute > 59 || second > 59) return undefined
  if (day < 1 || day > daysBefore(year, month + 1) - daysBefore(year, month)) return undefined
  const days = daysBeforeYear(year) - daysBeforeYear(1970) + daysBefore(year, month) + day - 1
  // The remainder has the sign of the days.
  if (SHORT_WEEKDAYS[(((days + EPOCH_WEEKDAY) % 7) + 7) % 7] !== weekday) return undefined
  const seconds = ((days * 24 + hour) * 60 + minute) * 60 + second
  return unixNs(BigInt(seconds) * SECOND)
}

const isLeap = (year: number): boolean => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** Days of a year before its month, from 0; of month 12 all of them. */
const daysBefore = (year: number, month: number): number =>
  (DAYS_BEFORE[month] ?? 0) + (month > 1 && isLeap(year) ? 1 : 0)

/** Days before a year from 1 January of the year 1 on, in the calendar of today. */
const daysBeforeYear = (year: number): number => {
  const past = year - 1
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
}
