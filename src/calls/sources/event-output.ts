import { type WindowsEvent, WindowsEventReader } from '../../protocol/windows-event.js'

/** What is held of a child's output at a time. */
const WINDOW_BYTES = 1 << 20
const BEGIN_LIMIT = 200
const UTF16_BOM = [0xff, 0xfe] as const

/** What a child printed, as events; nothing but them and a window is held. */
export class EventOutput {
  readonly events: WindowsEvent[] = []
  bytes = 0
  readonly #reader = new WindowsEventReader(event => this.events.push(event))
  #encoding: 'utf16le' | 'latin1' | undefined
  #chunks: Buffer[] = []
  #held = 0
  #begin = ''

  /** @param limits the most events and bytes that a query can give. */
  constructor(private readonly limits: { readonly events: number; readonly bytes: number }) {}

  get malformed(): number {
    return this.#reader.malformed
  }

  /** False from the first chunk on that makes it larger than any answer. */
  push(chunk: Buffer): boolean {
    this.bytes += chunk.length
    this.#chunks.push(chunk)
    this.#held += chunk.length
    while (this.#held >= WINDOW_BYTES) this.#read(true)
    return !this.#tooLarge()
  }

  /** Why this is not the whole output of a query; undefined where it is. */
  end(): string | undefined {
    this.#read(false)
    if (this.#held > 0) return 'its output ends within an event'
    if (this.#tooLarge()) return 'it printed more than was asked for'
    if (this.events.length > 0 || this.#begin === '') return undefined
    return 'its output is no event'
  }

  #tooLarge(): boolean {
    return this.bytes > this.limits.bytes || this.events.length > this.limits.events
  }

  #read(full: boolean): void {
    const bytes = Buffer.concat(this.#chunks)
    this.#encoding ??= encodingOf(bytes)
    const wide = this.#encoding === 'utf16le'
    const end = full ? WINDOW_BYTES : bytes.length
    const text = bytes.toString(this.#encoding, 0, end)
    // A BOM, in either encoding, and a mere line break are no output.
    if (this.#begin === '')
      this.#begin = text.replace(/^[\s\uFEFF\xEF\xBB\xBF]+/, '').slice(0, BEGIN_LIMIT)
    const done = this.#reader.read(text, full) * (wide ? 2 : 1)
    const rest = bytes.subarray(done)
    this.#chunks = rest.length > 0 ? [rest] : []
    this.#held = rest.length
  }
}

/** With /uni:true UTF-16, with or without a BOM; else a code page whose ASCII is all that is needed. */
const encodingOf = (bytes: Buffer): 'utf16le' | 'latin1' => {
  const marked = UTF16_BOM.every((byte, at) => bytes[at] === byte)
  return marked || bytes[1] === 0 ? 'utf16le' : 'latin1'
}
