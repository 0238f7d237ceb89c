import type { TextReader } from './text-reader.js'
import { EventScan } from './windows-event-scan.js'
import { endsName } from './xml-text.js'

/**
 * One event of a Windows log, as its XML says it ([MS-EVEN6] 2.2.13). Texts are cut at 256 characters and
 * '' where missing; in a window of bytes they are still bytes as characters.
 */
export interface WindowsEvent {
  readonly provider: string
  /** 0 to 65535, without the qualifiers. */
  readonly eventId: number
  readonly recordId: string
  readonly channel: string
  readonly computer: string
  /** ISO 8601 with up to seven decimals, by that computer's clock. */
  readonly timeCreated: string
  /** EventData's Binary, in hexadecimal: the only part of an event's data that has no language. */
  readonly binary: string
}

const BEGIN = '<Event'

/**
 * Hands over each event of `<Event>` elements that follow each other, with anything between them: a root's
 * tags, an XML declaration, a BOM. A real XML parser was refused: it ends at the first error, while here
 * the next `<Event` is where reading goes on. Each character is looked at a bounded number of times,
 * whatever the text: reading goes on from where an event broke, never from its begin.
 */
export class WindowsEventReader implements TextReader {
  readonly #onEvent: (event: WindowsEvent) => void
  readonly #onMalformed: () => void
  #malformed = 0

  constructor(onEvent: (event: WindowsEvent) => void, onMalformed = () => {}) {
    this.#onEvent = onEvent
    this.#onMalformed = onMalformed
  }

  /** Events that were skipped: broken, without an id or a provider, or larger than the window. */
  get malformed(): number {
    return this.#malformed
  }

  read(text: string, more: boolean): number {
    let at = 0
    for (;;) {
      const next = findEvent(text, at)
      if (next.kind === 'none') return text.length
      const scan = new EventScan(text, next.at)
      const outcome = next.kind === 'event' ? scan.run() : 'cut'
      if (outcome === 'cut' && (next.at > 0 || !more)) return next.at
      const event = outcome === 'whole' ? scan.event() : undefined
      if (event) this.#onEvent(event)
      else this.#skip()
      at = outcome === 'cut' ? (scan.unclosed ?? tailOf(text)) : scan.at
    }
  }

  save(): null {
    return null
  }

  #skip(): void {
    this.#malformed++
    this.#onMalformed()
  }
}

type Next = { readonly kind: 'event' | 'cut' | 'none'; readonly at: number }

/** Where a `<Event` begins that the window's end cuts; else the end. Never 0. */
const tailOf = (text: string): number => {
  const tail = text.indexOf('<', Math.max(1, text.length - BEGIN.length))
  return tail > 0 && BEGIN.startsWith(text.slice(tail)) ? tail : text.length
}

/** The next event, or what may become one, or the end of a comment, with more text (`cut`). */
const findEvent = (text: string, from: number): Next => {
  let at = text.indexOf('<', from)
  while (at >= 0) {
    const rest = text.slice(at, at + BEGIN.length + 1)
    if (BEGIN.startsWith(rest) || '<!--'.startsWith(rest)) return { kind: 'cut', at }
    const begins = rest.startsWith(BEGIN) && endsName(rest.charCodeAt(BEGIN.length))
    if (begins) return { kind: 'event', at }
    const end = rest.startsWith('<!--') ? text.indexOf('-->', at + 4) : at
    if (end < 0) return { kind: 'cut', at }
    at = text.indexOf('<', end + 1)
  }
  return { kind: 'none', at: text.length }
}
