/** What `w32tm /query /status /verbose` tells, in whatever language. */
export interface W32tmStatus {
  /** RFC 5905 §7.3. */
  readonly leap: number
  /** 0 to 16. */
  readonly stratum: number
  /** 32 bits: four letters, or the source's IPv4 address. */
  readonly referenceId: number
  /** The stamp as printed (`w32tm-time`); absent where it says in words that there is none. */
  readonly lastSync?: string
  /** As printed, with its flags: `time.windows.com,0x9`, `Local CMOS Clock`. */
  readonly source: string
  /** [MS-W32T]: see `TimeServiceFacts`. Of the verbose half, which is there as a whole or not at all. */
  readonly lastSyncError?: number
  /** Seconds since the last synchronisation, and while there was none, since the service started. */
  readonly sinceLastSync?: number
}

/** Some thousand characters is what there is. */
const TEXT_LIMIT = 8192
const PARENTHESES_LIMIT = 1000

/** Colons end labels; those in parentheses, stamps and addresses are within values. */
const LABEL = /\s*[^:()\d\s][^:()\d]{0,200}:\s*/y
const LEAP = /([0-3])\s*(?=\()/y
const NUMBER = /(-?\d{1,10})\s*(?=\()/y
const ERROR = /(0x[0-9a-f]{1,8}|-?\d{1,10})\s*(?=\()/iy
const NEGATIVE = /(-\d{1,2})\s*(?=\()/y
const SECONDS = /(-?\d{1,12}(?:[.,]\d{1,9})?) ?s(?!\S)/y
const REFERENCE_ID = /(0x[0-9a-f]{8})\s*(?=\()/iy
const END_OF_LINE = / *(?:\n|$)/y
/** The first value behind the two that are free text. */
const POLL_INTERVAL = /:\s*\d{1,2}\s*\(\d{1,9} ?s\) *(?=\n|$)/g

/** Languages put no-break spaces (in the code pages of DOS 0xFF), direction marks and wide punctuation. */
const plain = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replaceAll(/[\u00a0\u00ff\u2007\u202f\u3000\t\r]/g, ' ')
    .replaceAll(/[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replaceAll('\uff1a', ':')
    .replaceAll('\uff08', '(')
    .replaceAll('\uff09', ')')

/** Takes one value after the other; a line may be wrapped wherever it has a space. */
class Cursor {
  #at = 0
  readonly #text: string

  constructor(text: string) {
    this.#text = text
  }

  get rest(): string {
    return this.#text.slice(this.#at)
  }

  /** The value behind the next label; undefined where it is not of that shape, or not alone in its line. */
  value(shape: RegExp): string | undefined {
    this.#take(LABEL)
    const found = this.#take(shape)
    if (this.#text[this.#at] === '(') this.#skipParentheses()
    return this.#take(END_OF_LINE) ? found?.[1] : undefined
  }

  /** All up to the poll interval, which is taken too. */
  freeText(): string | undefined {
    POLL_INTERVAL.lastIndex = this.#at
    const found = POLL_INTERVAL.exec(this.#text)
    if (!found) return undefined
    const text = this.#text.slice(this.#at, found.index)
    this.#at = POLL_INTERVAL.lastIndex
    return text
  }

  #take(shape: RegExp): RegExpExecArray | undefined {
    if (this.#at < 0) return undefined
    shape.lastIndex = this.#at
    const found = shape.exec(this.#text)
    this.#at = found ? shape.lastIndex : -1
    return found ?? undefined
  }

  /** They nest: `(secondary reference - syncd by (S)NTP)`. */
  #skipParentheses(): void {
    const from = this.#at
    let depth = 0
    do {
      const c = this.#text[this.#at++]
      if (c === '(') depth++
      if (c === ')') depth--
    } while (depth > 0 && this.#at < this.#text.length && this.#at - from < PARENTHESES_LIMIT)
    if (depth > 0) this.#at = -1
  }
}

/** Sources that are no peers; the first two are the own clock. */
const KNOWN_SOURCES = [
  'Local CMOS Clock',
  'Free-running System Clock',
  'VM IC Time Synchronization Provider',
]
/** One word that can only be a name with its flags or an address: `DC01`, `time.windows.com,0x9`, `::1`. */
const PEER = /^(?=\S*[\d.:,])[\w.:[\]%-]+(?:,[\dxa-f]*)?$/i

/** `LABEL: VALUE` in the lines of text between the reference id and the poll interval. */
interface FreeText {
  readonly stamp: string
  readonly source: string
}

/** Where a label's value begins. A label has no digits: those are times and addresses. */
const valueStart = (line: string): number => /^\s*[^:\d\s][^:\d]*:/.exec(line)?.[0].length ?? 0

const joined = (lines: readonly string[]): string => lines.join(' ').replaceAll(/\s+/g, ' ').trim()

/**
 * The source's own text, of the lines from its value to the poll interval's label. Where more than two
 * were wrapped together, only what is complete without doubt is told from the words of a label.
 */
const sourceOf = (lines: readonly string[], isCut: boolean): string | undefined => {
  const [first = '', ...rest] = lines
  if (rest.length === 1) return joined([first]) || undefined
  const text = joined(lines)
  const known = KNOWN_SOURCES.find(name => text.startsWith(`${name} `))
  if (known !== undefined) return known
  // The first line's value may have gone to the next one.
  const word = joined([first]) || joined(rest.slice(0, 1))
  const behind = rest.slice(word === joined([first]) ? 0 : 1)
  const goesOn = isCut || behind.some(line => PEER.test(joined([line])))
  return PEER.test(word) && !goesOn ? word : undefined
}

const parseFreeText = (text: string, longestLine: number): FreeText | undefined => {
  const lines = text.split('\n').filter(line => line.trim() !== '')
  const stampAt = lines.findIndex(line => line.includes(':'))
  const stampLine = lines[stampAt] ?? ''
  const sourceAt = lines.findIndex((line, i) => i > stampAt && valueStart(line) > 0)
  const sourceLine = lines[sourceAt]
  if (valueStart(stampLine) === 0 || sourceLine === undefined) return undefined
  // Behind it is the label of the poll interval alone, in a line of its own at least.
  const behind = lines.slice(sourceAt + 1)
  if (behind.length === 0 || behind.some(line => valueStart(line) > 0)) return undefined
  const stamp = joined([
    stampLine.slice(valueStart(stampLine)),
    ...lines.slice(stampAt + 1, sourceAt),
  ])
  const afterLabel = sourceLine.slice(valueStart(sourceLine))
  // A console that cuts words does so at its width.
  const isCut = [sourceLine, ...behind.slice(0, 1)].some(line => line.length >= longestLine)
  const source = sourceOf([afterLabel, ...behind], isCut)
  // What is shorter is rather the rest of a stamp: `PM`.
  return stamp.length < 3 || source === undefined ? undefined : { stamp, source }
}

/** Undefined where one of the values is missing. */
const allNumbers = <K extends string>(
  texts: Readonly<Record<K, string | undefined>>,
): Record<K, number> | undefined => {
  const entries = Object.entries<string | undefined>(texts).map(
    ([name, text]) => [name, Number((text ?? '-').replace(',', '.'))] as const,
  )
  return entries.some(([, number]) => Number.isNaN(number))
    ? undefined
    : (Object.fromEntries(entries) as Record<K, number>)
}

type Verbose = Pick<W32tmStatus, 'lastSyncError' | 'sinceLastSync'>

/** All of its values have to be there: by their shapes alone, one that is missing would be taken for another. */
const parseVerbose = (cursor: Cursor): Verbose | undefined => {
  const all = allNumbers({
    phaseOffset: cursor.value(SECONDS),
    clockRate: cursor.value(SECONDS),
    stateMachine: cursor.value(NUMBER),
    timeSourceFlags: cursor.value(NUMBER),
    serverRole: cursor.value(NUMBER),
    lastSyncError: cursor.value(ERROR),
    sinceLastSync: cursor.value(SECONDS),
  })
  if (!all) return undefined
  const { lastSyncError, sinceLastSync } = all
  return { lastSyncError, sinceLastSync }
}

/**
 * Reads `w32tm /query /status`, with or without `/verbose`, by the order and the shape of its values:
 * its labels and words have a language. Undefined where one of the first half is not what it has to be.
 * That half ends with a value of its own shape, so whatever is behind cannot make it wrong: where the other
 * half is odd (an error's text is free, an age may have separators) it tells less. Only a text that ends
 * within a line is cut for sure, and is refused so that it is told.
 */
export const parseW32tmStatus = (printed: string): W32tmStatus | undefined => {
  if (printed.length > TEXT_LIMIT) return undefined
  const text = plain(printed)
  const cursor = new Cursor(text)
  const head = allNumbers({
    leap: cursor.value(LEAP),
    stratum: cursor.value(NUMBER),
    precision: cursor.value(NEGATIVE),
    rootDelay: cursor.value(SECONDS),
    rootDispersion: cursor.value(SECONDS),
    referenceId: cursor.value(REFERENCE_ID),
  })
  if (!head || head.stratum < 0 || head.stratum > 16) return undefined
  const between = cursor.freeText()
  if (between === undefined) return undefined
  const longestLine = Math.max(...text.split('\n').map(line => line.length))
  const free = parseFreeText(between, longestLine)
  const verbose = cursor.rest.trim() === '' ? {} : parseVerbose(cursor)
  if (!free || (!verbose && !text.endsWith('\n'))) return undefined
  const { leap, stratum, referenceId } = head
  const lastSync = /\p{Nd}/u.test(free.stamp) ? { lastSync: free.stamp } : {}
  return { leap, stratum, referenceId, ...lastSync, source: free.source, ...verbose }
}

/** HRESULT of ERROR_SERVICE_NOT_ACTIVE: what w32tm prints in any language where the service is stopped. */
export const isServiceNotStarted = (text: string): boolean => /\b0x80070426\b/i.test(text)
