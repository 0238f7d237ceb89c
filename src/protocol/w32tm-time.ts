import { daysSince1970 } from './calendar.js'

/** A moment as a calendar and a clock on the wall show it. */
export interface LocalTime {
  readonly year: number
  /** 1 to 12. */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
}

/** Local time → Unix time in seconds, by the server's time zone. */
export type ToUnix = (local: LocalTime) => number

export interface W32TimeClock {
  readonly toUnix: ToUnix
  /** What the server's clock says now, in seconds of Unix time. */
  readonly nowUnix: number
}

/** A step of the clock since then is allowed, as long as no other reading of the stamp comes in question. */
const STEP_LIMIT_SECONDS = 14 * 86_400
/** Zones differ by quarters of an hour, and by 26 h at most: UTC−12 and UTC+14. */
const ZONE_STEP_SECONDS = 900
const ZONE_LIMIT_SECONDS = 26 * 3600
/** As near as the stamp and the age agree while the clock is not set: whole seconds, and slewing. */
const AGREEMENT_SECONDS = 120
/** Longer than any. */
const STAMP_LIMIT = 100
/** No file of Windows Time is older; 1601 is a FILETIME of zero. */
const FIRST_YEAR = 2000

/**
 * Three numbers of a date, two or three of a time, and what languages put between and behind:
 * `5/23/2017 5:58:04 PM`, `2022/01/10 午後 1:45:54`, `15. 9. 2025 13.12.56`.
 */
const STAMP =
  /^(\d{1,4}) ?[-./] ?(\d{1,2}) ?[-./] ?(\d{1,4})([^\d:]{1,16})(\d{1,2})([:.])(\d{2})(?:\6(\d{2}))?([^\d:]{0,16})$/

const isValid = ({ year, month, day, hour, minute, second }: LocalTime): boolean =>
  year >= FIRST_YEAR &&
  daysSince1970(year, month, day) !== undefined &&
  hour <= 23 &&
  minute <= 59 &&
  second <= 59

/** The year has four digits or two; it is the first or the last of the three. */
const dates = (
  a: string,
  b: string,
  c: string,
): readonly (readonly [year: string, month: string, day: string])[] => {
  if (a.length > 2) return c.length > 2 ? [] : [[a, b, c]]
  const yearLast = [[c, b, a] as const, [c, a, b] as const]
  return c.length > 2 ? yearLast : [...yearLast, [a, b, c]]
}

const fullYear = (digits: string): number =>
  digits.length === 2 ? 2000 + Number(digits) : digits.length === 4 ? Number(digits) : NaN

/** What the hour can be. A mark that is not known, 午後 for one, is either half of the day, or no mark of it. */
const hours = (hour: number, marks: string): readonly number[] => {
  const mark = marks.replaceAll(/[\s.,]/g, '').toUpperCase()
  if (mark === '' || hour > 12) return [hour]
  if (mark === 'AM') return [hour % 12]
  if (mark === 'PM') return [(hour % 12) + 12]
  return [hour % 12, (hour % 12) + 12]
}

/** In the hour that comes twice as summer time ends, the second one is meant as well. */
const bothHours = (local: LocalTime, toUnix: ToUnix): readonly number[] => {
  const first = toUnix(local)
  const twice = local.hour < 23 && toUnix({ ...local, hour: local.hour + 1 }) - first === 7200
  return twice ? [first, first + 3600] : [first]
}

/** All moments that a localised stamp can mean, in seconds of Unix time; none where it is no stamp. */
export const stampCandidates = (text: string, toUnix: ToUnix): readonly number[] => {
  if (text.length > STAMP_LIMIT) return []
  const found = STAMP.exec(text.replaceAll(/\s+/g, ' ').trim())
  if (!found) return []
  const [, a = '', b = '', c = '', between = '', h = '', , m = '', s = '0', behind = ''] = found
  const unix = new Set<number>()
  for (const [year, month, day] of dates(a, b, c)) {
    for (const hour of hours(Number(h), between + behind)) {
      const local = {
        year: fullYear(year),
        month: Number(month),
        day: Number(day),
        hour,
        minute: Number(m),
        second: Number(s),
      }
      if (isValid(local)) for (const one of bothHours(local, toUnix)) unix.add(one)
    }
  }
  return [...unix].filter(Number.isFinite)
}

/**
 * The moment that a localised stamp means: the one that agrees with its age in seconds, or the only one
 * that comes in question. Undefined in doubt, and where it is still to come. That another one is still to
 * come does not rule that out: the clock may have been set back.
 */
export const lastSyncTime = (
  text: string,
  { toUnix, nowUnix, sinceSeconds }: W32TimeClock & { readonly sinceSeconds?: number | undefined },
): number | undefined => {
  const candidates = stampCandidates(text, toUnix)
  const found =
    sinceSeconds === undefined ? only(candidates) : byAge(candidates, nowUnix - sinceSeconds)
  return found !== undefined && found <= nowUnix + AGREEMENT_SECONDS ? found : undefined
}

const byAge = (candidates: readonly number[], expected: number): number | undefined => {
  const within = (limit: number): readonly number[] =>
    candidates.filter(t => Math.abs(expected - t) <= limit)
  const agreeing = only(within(AGREEMENT_SECONDS))
  if (agreeing !== undefined) return agreeing
  const stepped = only(within(STEP_LIMIT_SECONDS))
  return stepped === undefined || mayBeZone(stepped - expected) ? undefined : stepped
}

/** Such a step cannot be told from another time zone, of which our process (it keeps the first) may not know. */
const mayBeZone = (differenceSeconds: number): boolean => {
  const size = Math.abs(differenceSeconds)
  const off = size % ZONE_STEP_SECONDS
  return (
    size <= ZONE_LIMIT_SECONDS + AGREEMENT_SECONDS &&
    Math.min(off, ZONE_STEP_SECONDS - off) <= AGREEMENT_SECONDS
  )
}

const only = (times: readonly number[]): number | undefined =>
  times.length === 1 ? times[0] : undefined
