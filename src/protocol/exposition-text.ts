import { SECOND } from '../time/stamp.js'
import { type DurationNs, type UnixNs, durationNs, unixNs } from '../time/units.js'

/** One line of a metrics page. */
export interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  /** As it was printed: how many digits there are says how exact it is. */
  readonly value: string
  /** It says when it is from: what stands there was not read for this page. */
  readonly isDated: boolean
}

/** A longer line is none of those that are read here. */
const MAX_LINE_BYTES = 16 * 1024
const MAX_LABELS = 64
const NEWLINE = 0x0a

const NAME_BYTES = /^[A-Za-z_:][\w:]*/
const LABEL = /\s*([A-Za-z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|(?=\}))/y
/** No part can be taken for the one behind it: what fits nowhere is gone through once. */
const REST = /^[ \t]+([^\s#]{1,64})(?:[ \t]+(-?[\d.eE+]{1,64}))?[ \t]*(?:#.*)?\r?$/

const NUMBER = /^[+-]?(?:\d|\.\d|inf|nan)/i

const utf8 = new TextDecoder()

/**
 * The samples with one of these names that `keeps` wants, at most `limit` of them: from a page in the text
 * format of Prometheus (0.0.4) or OpenMetrics 1.0, which has the same lines. The other lines are passed over
 * as bytes and never made into anything: a page may have MiB of them.
 */
export const pickSamples = (
  page: Uint8Array,
  names: readonly string[],
  keeps: (sample: Sample) => boolean = () => true,
  limit = 256,
): readonly Sample[] => {
  const wanted = names.map(name => new TextEncoder().encode(name))
  const picked: Sample[] = []
  for (let at = 0; at < page.length && picked.length < limit;) {
    const end = page.indexOf(NEWLINE, at)
    // The last line ends with one, too: without it, it was cut, and the number in it may be another.
    if (end < 0) break
    if (isWanted(page, at, wanted) && end - at <= MAX_LINE_BYTES) {
      const sample = parseSample(utf8.decode(page.subarray(at, end)))
      if (sample && names.includes(sample.name) && keeps(sample)) picked.push(sample)
    }
    at = end + 1
  }
  return picked
}

const isWanted = (page: Uint8Array, at: number, wanted: readonly Uint8Array[]): boolean =>
  wanted.some(name => {
    let i = 0
    while (i < name.length && page[at + i] === name[i]) i++
    return i === name.length
  })

/** Undefined for what is no sample: a comment, half of a line, another format. */
export const parseSample = (line: string): Sample | undefined => {
  const [name] = NAME_BYTES.exec(line) ?? []
  if (name === undefined) return undefined
  const labels = parseLabels(line, name.length)
  if (!labels) return undefined
  const [, value = '', date] = REST.exec(line.slice(labels.end)) ?? []
  if (!NUMBER.test(value)) return undefined
  return { name, labels: labels.labels, value, isDated: date !== undefined }
}

const parseLabels = (
  line: string,
  from: number,
): { readonly labels: ReadonlyMap<string, string>; readonly end: number } | undefined => {
  const labels = new Map<string, string>()
  const open = from + (/^[ \t]*/.exec(line.slice(from, from + 8))?.[0].length ?? 0)
  if (line[open] !== '{') return { labels, end: from }
  LABEL.lastIndex = open + 1
  for (let at = open + 1; labels.size <= MAX_LABELS; at = LABEL.lastIndex) {
    if (/^\s*\}/.test(line.slice(at, at + 8))) return { labels, end: line.indexOf('}', at) + 1 }
    LABEL.lastIndex = at
    const [, name, value] = LABEL.exec(line) ?? []
    if (name === undefined || value === undefined) return undefined
    labels.set(
      name,
      value.replaceAll(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped)),
    )
  }
  return undefined
}

const HEAD_BYTES = 4096

/** Whether it is such a page: one whose first line that is not empty is a comment or a sample. */
export const isExposition = (page: Uint8Array): boolean => {
  const text = utf8.decode(page.subarray(0, HEAD_BYTES)).trimStart()
  const [line = ''] = text.split('\n', 1)
  return /^#(?: |\r?$)/.test(line) || parseSample(line) !== undefined
}

/** A number on a page, read as a time. */
export interface PrintedTime {
  /** The clock was between `stamp` and `stamp` + `resolution` when it was read. */
  readonly stamp: UnixNs
  readonly resolution: DurationNs
  /** Its digits reach down to the second, or below. */
  readonly tellsSeconds: boolean
}

const DECIMAL = /^\+?(\d{1,20})(?:\.(\d{0,30}))?(?:[eE]([+-]?\d{1,2}))?$/
/**
 * What nanoseconds lose on their way through two roundings to a 64-bit float (2⁻²² s at today's 1.8e9, twice that
 * from 2038 on), generously.
 */
const FLOAT_ERROR = durationNs(1000n)

/**
 * Seconds of Unix time as they were printed; undefined for what is negative, infinite or no number.
 *
 * Go prints as few digits as tell the number (`1.7954087e+09` for 1795408700 s), so a number that lacks
 * its last digits is either exact or was cut. Where it is not known that `seconds` are always printed, it may have been
 * cut, and the last digit that is there counts: rounded, of a clock that may have been cut down to whole
 * seconds before. A whole second is taken for one that was cut down. Of a fraction nobody says whether it was cut
 * or rounded, so both are allowed for.
 */
export const printedTime = (text: string, seconds = false): PrintedTime | undefined => {
  const [, whole, fraction = '', exponent = '0'] = DECIMAL.exec(text) ?? []
  if (whole === undefined) return undefined
  // The power of ten that one of the last digit is worth, in nanoseconds.
  const power = Number(exponent) - fraction.length + 9
  if (power > 40) return undefined
  const digits = BigInt(whole + fraction)
  const ns = power >= 0 ? digits * 10n ** BigInt(power) : digits / 10n ** BigInt(-power)
  const unit = 10n ** BigInt(Math.max(0, power))
  const tellsSeconds = unit <= SECOND
  const isWhole = ns % SECOND === 0n
  if (isWhole && (unit === SECOND || (unit > SECOND && seconds)))
    return { stamp: unixNs(ns), resolution: SECOND, tellsSeconds }
  const half = unit / 2n
  const error = unit > FLOAT_ERROR ? unit : FLOAT_ERROR
  const from = tellsSeconds ? error : half
  const to = tellsSeconds ? (isWhole ? SECOND : error) : half + SECOND
  return { stamp: unixNs(ns - from), resolution: durationNs(from + to), tellsSeconds }
}
