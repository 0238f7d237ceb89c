import type { Seconds } from '../time/units.js'

/** From when to when a certificate is valid, RFC 5280 §4.1.2.5. Seconds of Unix time, both included. */
export interface CertificateValidity {
  readonly notBefore: Seconds
  readonly notAfter: Seconds
}

/** Identifier octets, X.690 §8.1.2: what stands between the start of a certificate and its dates. */
const TAG = {
  integer: 0x02,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  /** `[0]`, explicit: the version. */
  version: 0xa0,
} as const

/** Length octets, X.690 §8.1.3: this bit set, the others count the octets that follow. */
const LONG_FORM = 0x80
/** A length of more octets is above any certificate's. */
const MAX_LENGTH_OCTETS = 4

/** §4.1.2.5.1–2 allow no other form: seconds are there, fractions and zones are not. */
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const LONGEST_TIME = 15
/** A UTCTime's year is of 1950 to 2049 (§4.1.2.5.1). */
const UTC_PIVOT = 50
/** From 0000-03-01 on. */
const DAYS_TO_1970 = 719_468

/** One element: where its contents are. */
interface Element {
  readonly tag: number
  readonly from: number
  readonly to: number
}

/**
 * The dates of a certificate in DER. Undefined where it is none, or says its dates in a form that RFC 5280
 * does not allow. A walk over the few elements before the dates: the rest, the key and the signature among it, is
 * not looked at, so that a certificate of an unknown algorithm is read like any other.
 */
export const certificateValidity = (der: Uint8Array): CertificateValidity | undefined => {
  const certificate = elementAt(der, 0, der.length, TAG.sequence)
  const body = certificate && elementAt(der, certificate.from, certificate.to, TAG.sequence)
  if (!body) return undefined
  const version = elementAt(der, body.from, body.to, TAG.version)
  const serial = elementAt(der, version ? version.to : body.from, body.to, TAG.integer)
  const algorithm = serial && elementAt(der, serial.to, body.to, TAG.sequence)
  const issuer = algorithm && elementAt(der, algorithm.to, body.to, TAG.sequence)
  const validity = issuer && elementAt(der, issuer.to, body.to, TAG.sequence)
  return validity && datesOf(der, validity)
}

const datesOf = (der: Uint8Array, { from, to }: Element): CertificateValidity | undefined => {
  const first = elementAt(der, from, to)
  const second = first && elementAt(der, first.to, to)
  if (!second || second.to !== to) return undefined
  const notBefore = timeOf(der, first)
  const notAfter = timeOf(der, second)
  return notBefore === undefined || notAfter === undefined ? undefined : { notBefore, notAfter }
}

/** The element at `from`, if there is one that ends within `end`, and with the tag, if one is wanted. */
const elementAt = (
  der: Uint8Array,
  from: number,
  end: number,
  wanted?: number,
): Element | undefined => {
  const [tag, first] = [der[from], der[from + 1]]
  if (tag === undefined || first === undefined || from + 2 > end) return undefined
  if (wanted !== undefined && tag !== wanted) return undefined
  const octets = first & LONG_FORM ? first & ~LONG_FORM : 0
  const contents = from + 2 + octets
  // Without octets the length is open, which is BER and not DER.
  if (first === LONG_FORM || octets > MAX_LENGTH_OCTETS || contents > end) return undefined
  let length = octets === 0 ? first : 0
  for (let i = from + 2; i < contents; i++) length = length * 256 + (der[i] ?? 0)
  return contents + length <= end ? { tag, from: contents, to: contents + length } : undefined
}

/** A date as its form says it; undefined where it has another form, or names no day there is. */
const timeOf = (der: Uint8Array, { tag, from, to }: Element): Seconds | undefined => {
  const form =
    tag === TAG.utcTime ? UTC_TIME : tag === TAG.generalizedTime ? GENERALIZED_TIME : undefined
  if (!form || to - from > LONGEST_TIME) return undefined
  const found = form.exec(String.fromCharCode(...der.subarray(from, to)))
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map(Number)
  const full = form === GENERALIZED_TIME ? year : year + (year < UTC_PIVOT ? 2000 : 1900)
  const isTime = hour <= 23 && minute <= 59 && second <= 59
  if (!isTime || day < 1 || day > daysIn(full, month)) return undefined
  return daysSince1970(full, month, day) * 86_400 + hour * 3600 + minute * 60 + second
}

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const

const isLeapYear = (year: number): boolean =>
  year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)

/** 0 where there is no such month. */
const daysIn = (year: number, month: number): number =>
  (MONTH_DAYS[month - 1] ?? 0) + (month === 2 && isLeapYear(year) ? 1 : 0)

/** Of a year that begins in March its leap day is the last, and the months before it are of 30.6 days. */
const daysSince1970 = (year: number, month: number, day: number): number => {
  const y = month > 2 ? year : year - 1
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  const beforeMonth = Math.floor((153 * ((month + 9) % 12) + 2) / 5)
  return 365 * y + leapDays + beforeMonth + day - 1 - DAYS_TO_1970
}
