import type { Seconds } from '../time/units.js'
import { nameList } from './name-list.js'
import type { SourceKind, TimeServiceFacts } from './time-service.js'

/** The commands that it is asked for at once, after `-m`. */
export const CHRONYC_COMMANDS = ['tracking', 'activity', 'sources'] as const

/** What `chronyc -c -n -m tracking activity sources` prints: a line of values each, then one for each source. */
export interface ChronycReport {
  /** Eight hexadecimal digits: an address, four letters, or a hash of an IPv6 address. */
  readonly referenceId: string
  /** The address, or a receiver's four letters; empty without a source, and for its own clock. */
  readonly name: string
  readonly stratum: number
  /** When the last measurement was taken over; its own clock has one too, which moves by itself. 0 = none. */
  readonly referenceTime: Seconds
  /** Whether any measurement has ever been taken over since it started. */
  readonly hasUpdated: boolean
  readonly leap: number
  /** Servers whose names have no address yet; a pool counts as several. They are not among the sources. */
  readonly unresolved: number
  readonly sources: readonly ChronySource[]
}

export interface ChronySource {
  /** `*` = followed now; chronyc(1), sources. */
  readonly state: string
  readonly address: string
  /** It has answered one of the last eight questions. */
  readonly isReachable: boolean
}

/** chronyc has no translations. */
const LEAP = ['Normal', 'Insert second', 'Delete second', 'Not synchronised']
const TRACKING_FIELDS = 14
const SOURCE_FIELDS = 10
/** 127.127.1.1, the `local` directive's. */
const OWN_CLOCK = '7F7F0101'
/** A clock on the board, of a network card or of the virtual machine's host: which, it does not tell. */
const BOARD_CLOCK = /^PHC/
const NUMBER = /^-?\d{1,20}(\.\d{1,20})?$/
const NAME = /^[\x21-\x7e]{1,100}$/

/** Undefined for what is not all of such a report. */
export const parseChronyc = (text: string): ChronycReport | undefined => {
  if (!text.endsWith('\n')) return undefined
  const [first = '', activity = '', ...rest] = text.trimEnd().split(/\r?\n/)
  const tracking = parseTracking(first.split(','))
  // On line, off line, both of these in a burst, without an address.
  const [, unresolved] = /^(?:\d{1,9},){4}(\d{1,9})$/.exec(activity) ?? []
  const sources = rest.map(line => parseSource(line.split(',')))
  if (!tracking || unresolved === undefined) return undefined
  return sources.every(source => source !== undefined)
    ? { ...tracking, unresolved: Number(unresolved), sources }
    : undefined
}

const parseTracking = (
  fields: readonly string[],
): Omit<ChronycReport, 'unresolved' | 'sources'> | undefined => {
  const [referenceId = '', name = '', stratum = '', referenceTime = ''] = fields
  const numbers = fields.slice(2, TRACKING_FIELDS - 1)
  const leap = LEAP.indexOf(fields[TRACKING_FIELDS - 1] ?? '')
  const isWhole =
    fields.length === TRACKING_FIELDS &&
    leap >= 0 &&
    /^[0-9A-F]{8}$/.test(referenceId) &&
    (name === '' || NAME.test(name)) &&
    /^(\d|1[0-6])$/.test(stratum) &&
    numbers.every(number => NUMBER.test(number))
  if (!isWhole) return undefined
  return {
    referenceId,
    name,
    stratum: Number(stratum),
    referenceTime: Number(referenceTime),
    // Last offset, RMS offset, update interval: each is exactly 0 until the first measurement is taken
    // over, and none is set back when the source is lost. The frequency comes from a file.
    hasUpdated: [5, 6, 12].some(at => Number(fields[at]) !== 0),
    leap,
  }
}

const parseSource = (fields: readonly string[]): ChronySource | undefined => {
  const [mode = '', state = '', name = '', , , reach = ''] = fields
  const isWhole =
    fields.length === SOURCE_FIELDS &&
    /^[\^=#]$/.test(mode) &&
    /^[*+\-?x~]$/.test(state) &&
    NAME.test(name) &&
    fields.slice(3).every(number => NUMBER.test(number))
  return isWhole ? { state, address: name, isReachable: Number(reach) > 0 } : undefined
}

/**
 * What a running chronyd says of itself. Once synchronised it says so for ever, also when all of its servers
 * are gone: then nothing keeps the clock now.
 */
export const chronyFacts = (report: ChronycReport): TimeServiceFacts => {
  const { referenceId, stratum, referenceTime, hasUpdated, leap } = report
  const isOwn = referenceId === OWN_CLOCK
  const isKept = leap !== 3 && stratum >= 1 && stratum <= 15
  const wasKept = isKept && !isOwn
  return {
    leap,
    stratum,
    synchronized: wasKept && report.sources.some(({ isReachable }) => isReachable),
    synchronizedSinceBoot: wasKept || hasUpdated,
    ...(wasKept && referenceTime > 0 && { lastSyncTimestamp: referenceTime }),
    source: sourceOf(report, isKept, isOwn),
  }
}

const sourceOf = (
  { name, sources, unresolved }: ChronycReport,
  isKept: boolean,
  isOwn: boolean,
): NonNullable<TimeServiceFacts['source']> => {
  const followed = sources.find(({ state }) => state === '*')?.address ?? name
  const actual = isOwn ? 'local clock' : followed
  const configured = nameList(sources.map(({ address }) => address))
  const isKnown = sources.length > 0 || unresolved === 0
  return {
    ...(isKept && actual !== '' && { actual, ...kindOf(actual, isOwn) }),
    ...(isKnown && { configured }),
  }
}

const kindOf = (actual: string, isOwn: boolean): { readonly kind?: SourceKind } => {
  if (isOwn) return { kind: 'own' }
  return BOARD_CLOCK.test(actual) ? {} : { kind: 'external' }
}
