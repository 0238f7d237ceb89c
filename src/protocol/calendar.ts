/** Days of a year before each month, and of all of it, where it is no leap year. */
const DAYS_BEFORE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365] as const
/** Of the years 1 to 1969. */
const LEAP_DAYS_TO_1970 = 477

/**
 * Days from 1970-01-01 to a date of the Gregorian calendar, from the year 0 on (as in ISO 8601, also for the time
 * before there was such a calendar); negative before 1970. Months and days count from 1. Undefined where
 * there is no such date, and of what is no whole number.
 */
export const daysSince1970 = (year: number, month: number, day: number): number | undefined => {
  const before = DAYS_BEFORE[month - 1]
  const next = DAYS_BEFORE[month]
  if (!(year >= 0) || before === undefined || next === undefined || !(day >= 1)) return undefined
  const isLeap = isLeapYear(year)
  if (day > next - before + (isLeap && month === 2 ? 1 : 0)) return undefined
  const past = year - 1
  const leapDays = Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400)
  const inYear = before + (isLeap && month > 2 ? 1 : 0) + day - 1
  const days = 365 * (year - 1970) + leapDays - LEAP_DAYS_TO_1970 + inYear
  return Number.isInteger(days) ? days : undefined
}

const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
