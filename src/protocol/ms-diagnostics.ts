import { type Cause, causes } from './causes.js'
import { causeOfRange, diagnosticOf } from './diagnostics-catalogue.js'

/** One ms-diagnostics header ([MS-OCER] 2.2.1): `1020;reason="…";HRESULT="0x…(NAME)";source="…"`. */
export interface MsDiagnostics {
  readonly id: number
  /** By name in lower case; the first of a name counts. */
  readonly parameters: ReadonlyMap<string, string>
}

/** What a failure is counted under. */
export interface Verdict {
  /** An id of the catalogue, `other`, or empty where nothing was said. */
  readonly diagnostic: string
  readonly cause: Cause
  /** The smaller, the nearer to the root: of several verdicts on one failure the smallest is told. */
  readonly rank: number
}

const MAX_PARAMETERS = 64

/** The names, not the numbers: SIP_E_CRYPT_REFERRER_DATE_SKEWED, RTC_E_SIP_AUTH_TIME_SKEW, ERROR_TIME_SKEW. */
const SKEW = /(?<=[A-Z]_)(?:DATE_SKEWED|TIME_SKEW)\b/

/** Whether a text names a result that says: two clocks contradict each other. */
export const isClockSkew = (text: string): boolean => SKEW.test(text)

/**
 * Reads a header's value in all the shapes that servers send: any order and case, no quotes, spaces
 * around `;` and `=`, `;` inside quotes, `""`, quotes that a mail program made round, an id with a
 * sub-code (`1020.3`). Undefined where it does not begin with an id.
 */
export const parseMsDiagnostics = (value: string): MsDiagnostics | undefined => {
  const text = straight(value).trimStart()
  const id = /^"?\s*(\d{1,9})(?!\d)/.exec(text)
  if (!id) return undefined
  const parameters = new Map<string, string>()
  let at = text.indexOf(';', id[0].length)
  while (at >= 0 && parameters.size < MAX_PARAMETERS) {
    const end = endOfParameter(text, at + 1)
    const [, name = '', written = ''] =
      /^\s*([^\s=]+)\s*=([^]*)$/.exec(text.slice(at + 1, end)) ?? []
    const key = name.toLowerCase()
    if (key !== '' && !parameters.has(key)) parameters.set(key, unquoted(written.trim()))
    at = end < text.length ? end : -1
  }
  return { id: Number(id[1]), parameters }
}

/** Where the parameter that begins at `from` ends: at the next `;` outside quotes. */
const endOfParameter = (text: string, from: number): number => {
  let inQuotes = false
  for (let i = from; i < text.length; i++) {
    if (text[i] === '"') inQuotes = !inQuotes
    else if (text[i] === '\\' && inQuotes) i++
    else if (text[i] === ';' && !inQuotes) return i
  }
  return text.length
}

const unquoted = (written: string): string =>
  written.startsWith('"') ? written.replace(/^"+|(?<!")"+$/g, '').replace(/\\(.)/g, '$1') : written

/** Round quotes made straight. They come as such, or as the bytes of their UTF-8. */
const straight = (value: string): string =>
  value.replace(/[\u201c-\u201f\u2033]|\u00e2\u0080[\u009c-\u009f\u00b3]/g, '"')

const NONE = { diagnostic: '', cause: 'other', rank: 2 * causes.length + 1 } as const
const SAYS_NOTHING = 2 * causes.length

/** What one header means. An id counts by its catalogue entry, a DATE_SKEWED or TIME_SKEW by its name. */
const verdictOf = (value: string): Verdict => {
  const parsed = parseMsDiagnostics(value)
  if (!parsed) return isClockSkew(value) ? { ...NONE, cause: 'clock_skew', rank: 0 } : NONE
  const entry = diagnosticOf(parsed.id)
  const diagnostic = entry ? String(entry.id) : 'other'
  if (isClockSkew(value)) return { diagnostic, cause: 'clock_skew', rank: 0 }
  const cause = entry?.cause ?? causeOfRange(parsed.id)
  const rank = entry?.says === 'nothing' ? SAYS_NOTHING : causes.indexOf(cause)
  return { diagnostic, cause, rank }
}

/**
 * What a failing response says by its headers, or, where they say nothing, by its status code:
 * RFC 3261 §21.4.2 and §21.4.8 (401, 407), RFC 3892 §5 (429), RFC 8224 §6.2.2 (428, 436, 437, 438).
 */
export const verdict = (status: number, values: readonly string[]): Verdict => {
  let best: Verdict = NONE
  for (const value of values) {
    const one = verdictOf(value)
    if (one.rank < best.rank) best = one
  }
  if (best.rank < SAYS_NOTHING) return best
  return { ...best, cause: causeOfStatus(status) }
}

const causeOfStatus = (status: number): Cause => {
  if (status === 401 || status === 407) return 'authentication'
  return [428, 429, 436, 437, 438].includes(status) ? 'identity' : 'other'
}
