import type { TextReader } from '../../protocol/text-reader.js'
import { beginningOf, decode } from '../follow/encoding.js'
import type { Encoding } from '../follow/position.js'
import { isSystemError } from '../follow/system-error.js'
import { readInSlices } from '../slices.js'
import { type Input, WINDOW_BYTES, describeError } from './input.js'

/** In which an event file shows what it is. */
const SNIFFED_BYTES = 4096
/** Nothing but white space, an XML declaration and comments before the first element. */
const EVENTS = /^\s*(?:(?:<\?xml[^>]*>|<!--[^]*?-->)\s*)*<Events?[\s>]/

/** Which reader suits an input. */
export type Kind = 'trace' | 'events'

/** One input, read window by window. */
export class TraceFile {
  readonly input: Input
  /** Bytes that its reader is done with. */
  done = 0
  /** Bytes that it had. */
  bytes = 0
  ended = false
  readonly #newReader: (kind: Kind) => TextReader
  #reader: TextReader | undefined
  #encoding: Encoding = 'latin1'

  constructor(input: Input, newReader: (kind: Kind) => TextReader) {
    this.input = input
    this.#newReader = newReader
  }

  /** Whether it has its turn before another: the less of it is read; of a pipe only the bytes are known. */
  isBehind(other: TraceFile): boolean {
    const { size } = this.input
    if (size === undefined || other.input.size === undefined) return this.done < other.done
    return this.done * Math.max(1, other.input.size) < other.done * Math.max(1, size)
  }

  /** Reads the next window. Tells why it could not, for people. */
  async turn(): Promise<string | undefined> {
    try {
      const bytes = await this.input.next(this.done)
      this.bytes = this.done + bytes.length
      this.ended = bytes.length <= WINDOW_BYTES
      const begin = this.#reader ? 0 : this.#begin(bytes)
      if (this.#reader) this.done += this.#read(this.#reader, bytes, begin)
      else this.ended = true
      return this.#reader ? undefined : 'it is UTF-16BE, which is not read: save it as UTF-8'
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.ended = true
      return describeError(error)
    }
  }

  #read(reader: TextReader, bytes: Buffer, begin: number): number {
    const end = Math.min(bytes.length, begin + WINDOW_BYTES)
    const at = readInSlices(reader, this.#encoding, bytes, [begin, end], bytes.length > end)
    if (this.ended) reader.finish?.(decode(this.#encoding, bytes, at, bytes.length))
    return at
  }

  /** Chooses a reader by the first bytes, if there is one; how many of them are a mark. */
  #begin(bytes: Buffer): number {
    const found = beginningOf(bytes)
    if (found === 'refused') return 0
    const { encoding, markBytes } =
      found === 'wait' ? { encoding: 'latin1' as const, markBytes: 0 } : found
    this.#encoding = encoding
    const text = decode(encoding, bytes, markBytes, Math.min(bytes.length, SNIFFED_BYTES))
    this.#reader = this.#newReader(EVENTS.test(text) ? 'events' : 'trace')
    return markBytes
  }
}
