import type { Seconds } from '../time/units.js'
import { daysSince1970 } from './calendar.js'
import { DER, type DerElement, derElementAt } from './der.js'

/** From when to when a certificate is valid, RFC 5280 §4.1.2.5. Seconds of Unix time, both included. */
export interface CertificateValidity {
  readonly notBefore: Seconds
  readonly notAfter: Seconds
}

/** `[0]`, explicit; a certificate of version 1 has none. */
const VERSION = DER.context(0)

/** §4.1.2.5.1–2 allow no other form: seconds are there, fractions and zones are not. */
const UTC_TIME = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const GENERALIZED_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/
const LONGEST_TIME = 15
/** A UTCTime's year is of 1950 to 2049 (§4.1.2.5.1). */
const UTC_PIVOT = 50

/**
 * The dates of a certificate in DER. Undefined where it is none, or says its dates in a form that RFC 5280
 * does not allow. A walk over the few elements before the dates: the rest, the key and the signature among it, is
 * not looked at, so that a certificate of an unknown algorithm is read like any other.
 */
export const certificateValidity = (der: Uint8Array): CertificateValidity | undefined => {
  const certificate = elementAt(der, 0, der.length, DER.sequence)
  const body = certificate && elementAt(der, certificate.from, certificate.to, DER.sequence)
  if (!body) return undefined
  const version = elementAt(der, body.from, body.to, VERSION)
  const serial = elementAt(der, version ? version.to : body.from, body.to, DER.integer)
  const algorithm = serial && elementAt(der, serial.to, body.to, DER.sequence)
  const issuer = algorithm && elementAt(der, algorithm.to, body.to, DER.sequence)
  const validity = issuer && elementAt(der, issuer.to, body.to, DER.sequence)
  return validity && datesOf(der, validity)
}

const datesOf = (der: Uint8Array, { from, to }: DerElement): CertificateValidity | undefined => {
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
): DerElement | undefined => {
  const element = derElementAt(der, from, end)
  if (!element || element.to > end) return undefined
  return wanted === undefined || element.tag === wanted ? element : undefined
}

/** A date as its form says it; undefined where it has another form, or names no day there is. */
const timeOf = (der: Uint8Array, { tag, from, to }: DerElement): Seconds | undefined => {
  const form =
    tag === DER.utcTime ? UTC_TIME : tag === DER.generalizedTime ? GENERALIZED_TIME : undefined
  if (!form || to - from > LONGEST_TIME) return undefined
  const found = form.exec(String.fromCharCode(...der.subarray(from, to)))
  if (!found) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map(Number)
  const full = form === GENERALIZED_TIME ? year : year + (year < UTC_PIVOT ? 2000 : 1900)
  const days = daysSince1970(full, month, day)
  const isTime = hour <= 23 && minute <= 59 && second <= 59
  if (days === undefined || !isTime) return undefined
  return days * 86_400 + hour * 3600 + minute * 60 + second
}
