import type { WindowsEvent } from './windows-event.js'
import { decodedXml, endsName, isNamePart, isSpace } from './xml-text.js'

type Field = keyof WindowsEvent

/** What is read of System's and EventData's direct children: their text, or one attribute. */
const TEXTS: { readonly [parent: string]: ReadonlyMap<string, Field> | undefined } = {
  System: new Map([
    ['EventID', 'eventId'],
    ['EventRecordID', 'recordId'],
    ['Channel', 'channel'],
    ['Computer', 'computer'],
  ]),
  EventData: new Map([['Binary', 'binary']]),
}
const ATTRIBUTES: ReadonlyMap<string, { readonly name: string; readonly field: Field }> = new Map([
  ['Provider', { name: 'Name', field: 'provider' }],
  ['TimeCreated', { name: 'SystemTime', field: 'timeCreated' }],
])

const VALUE_LIMIT = 256
/** A character is written in ten at most, as &#x10ffff;. */
const RAW_LIMIT = 10 * VALUE_LIMIT
/** An event has four levels. */
const DEPTH_LIMIT = 32
const LARGEST_ID = 65_535

/** A copy: a part of a window keeps the whole window in memory. */
const compact = (text: string): string => text.slice(0, VALUE_LIMIT).split('').join('')

/** `whole`: read to its end. `cut`: the text ends within. `broken`: no XML from {@link EventScan.at} on. */
export type Outcome = 'whole' | 'cut' | 'broken'

/** Reads one event from its `<Event` on. */
export class EventScan {
  /** The first character that is not read; after `broken`, where to look for the next event. */
  at: number
  readonly #values = new Map<Field, string>()
  /** Names of the open elements; the first is Event. */
  readonly #path: string[] = []
  /** What the text of the innermost open element is. */
  #field: Field | undefined
  #unclosed: number | undefined

  constructor(
    private readonly text: string,
    begin: number,
  ) {
    this.at = begin
  }

  run(): Outcome {
    do {
      const outcome = this.#next()
      if (outcome !== 'whole') return outcome
    } while (this.#path.length > 0)
    return 'whole'
  }

  /** After `cut`: where to look for the next event, where a quote was opened and never closed. */
  get unclosed(): number | undefined {
    return this.#unclosed
  }

  /** What was read; undefined without a provider or a possible id. */
  event(): WindowsEvent | undefined {
    const of = (field: Field): string => this.#values.get(field)?.trim() ?? ''
    const id = of('eventId')
    const provider = of('provider')
    if (!/^\d{1,5}$/.test(id) || Number(id) > LARGEST_ID || provider === '') return undefined
    return {
      provider,
      eventId: Number(id),
      recordId: of('recordId'),
      channel: of('channel'),
      computer: of('computer'),
      timeCreated: of('timeCreated'),
      binary: of('binary'),
    }
  }

  /** The text before the next `<`, and what begins there. */
  #next(): Outcome {
    const { text } = this
    const at = text.indexOf('<', this.at)
    if (at < 0) return 'cut'
    this.#capture(decodedXml(text.slice(this.at, Math.min(at, this.at + RAW_LIMIT))))
    this.at = at
    if (text.startsWith('<!--', at)) return this.#skipTo('-->', at + 4)
    if (text.startsWith('<![CDATA[', at)) return this.#cdata(at + 9)
    if (text.startsWith('<?', at)) return this.#skipTo('?>', at + 2)
    const rest = text.slice(at, at + 9)
    if ('<![CDATA['.startsWith(rest) || '<!--'.startsWith(rest)) return 'cut'
    return text.startsWith('</', at) ? this.#endTag(at + 2) : this.#startTag(at)
  }

  #skipTo(end: string, from: number): Outcome {
    const found = this.text.indexOf(end, from)
    if (found < 0) return 'cut'
    this.at = found + end.length
    return 'whole'
  }

  #cdata(from: number): Outcome {
    const outcome = this.#skipTo(']]>', from)
    const to = Math.min(this.at - 3, from + RAW_LIMIT)
    if (outcome === 'whole') this.#capture(this.text.slice(from, to))
    return outcome
  }

  #endTag(from: number): Outcome {
    const nameEnd = this.#nameEnd(from)
    const end = this.#spaceEnd(nameEnd)
    if (end >= this.text.length) return 'cut'
    const name = this.text.slice(from, nameEnd)
    if (this.text[end] !== '>' || name !== this.#path.at(-1)) return this.#broken(end)
    this.#path.pop()
    this.#field = undefined
    this.at = end + 1
    return 'whole'
  }

  #startTag(begin: number): Outcome {
    const nameEnd = this.#nameEnd(begin + 1)
    if (nameEnd >= this.text.length) return 'cut'
    const name = this.text.slice(begin + 1, nameEnd)
    // Events are never nested: the one before was cut off, by a crash or a full disk.
    if (name === 'Event' && this.#path.length > 0) return this.#broken(begin)
    if (name === '' || this.#path.length >= DEPTH_LIMIT) return this.#broken(nameEnd)
    const parent = this.#path.length === 2 ? this.#path[1] : undefined
    const wanted = parent === 'System' ? ATTRIBUTES.get(name) : undefined
    this.at = nameEnd
    for (;;) {
      this.at = this.#spaceEnd(this.at)
      const char = this.text[this.at]
      if (char === undefined) return 'cut'
      if (char === '>' || char === '/') return this.#opened(name, parent, char === '/')
      const outcome = this.#attribute(wanted)
      if (outcome !== 'whole') return outcome
    }
  }

  #opened(name: string, parent: string | undefined, closed: boolean): Outcome {
    const end = closed ? this.at + 1 : this.at
    if (end >= this.text.length) return 'cut'
    if (this.text[end] !== '>') return this.#broken(end)
    this.at = end + 1
    this.#field = undefined
    if (closed) return 'whole'
    this.#path.push(name)
    const field = parent === undefined ? undefined : TEXTS[parent]?.get(name)
    if (field === undefined || this.#values.has(field)) return 'whole'
    this.#field = field
    this.#values.set(field, '')
    return 'whole'
  }

  /**
   * A `<` in a value is not XML, but taken where the value ends well. Where it does not, the quote was
   * never closed, and what begins at that `<` is looked at again. Two values in the same quotes never
   * overlap, so that costs no more than a second look.
   */
  #attribute(wanted: { readonly name: string; readonly field: Field } | undefined): Outcome {
    const { text } = this
    const nameEnd = this.#nameEnd(this.at)
    const equals = this.#spaceEnd(nameEnd)
    const open = this.#spaceEnd(equals + 1)
    if (open >= text.length) return 'cut'
    const quote = text[open]
    if (nameEnd === this.at || text[equals] !== '=' || (quote !== '"' && quote !== "'")) {
      return this.#broken(Math.min(nameEnd, equals))
    }
    const close = text.indexOf(quote, open + 1)
    if (close < 0) this.#unclosed = this.#tagWithin(open, text.length)
    if (close < 0 || close + 1 >= text.length) return 'cut'
    if (!endsName(text.charCodeAt(close + 1)) && text[close + 1] !== '?') {
      return this.#broken(this.#tagWithin(open, close))
    }
    if (wanted && text.slice(this.at, nameEnd) === wanted.name && !this.#values.has(wanted.field)) {
      const raw = text.slice(open + 1, Math.min(close, open + 1 + RAW_LIMIT))
      this.#values.set(wanted.field, compact(decodedXml(raw)))
    }
    this.at = close + 1
    return 'whole'
  }

  #tagWithin(open: number, close: number): number {
    const tag = this.text.slice(open, close).indexOf('<')
    return tag < 0 ? close : open + tag
  }

  #broken(resume: number): Outcome {
    this.at = resume
    return 'broken'
  }

  #capture(piece: string): void {
    if (this.#field === undefined) return
    this.#values.set(this.#field, compact((this.#values.get(this.#field) ?? '') + piece))
  }

  #nameEnd(from: number): number {
    let at = from
    while (at < this.text.length && isNamePart(this.text.charCodeAt(at))) at++
    return at
  }

  #spaceEnd(from: number): number {
    let at = from
    while (at < this.text.length && isSpace(this.text.charCodeAt(at))) at++
    return at
  }
}
