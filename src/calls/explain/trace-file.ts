import type { TextReader } from '../../protocol/text-reader.js'
import { beginningOf, decode, widthOf } from '../follow/encoding.js'
import type { Encoding } from '../follow/position.js'
import { isSystemError } from '../follow/system-error.js'
import { type Input, WINDOW_BYTES, describeError } from './input.js'

/** Decoded at once: short texts die young, which is cheaper than a window at once. */
const SLICE_BYTES = 1 << 16
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
      if (this.#reader) this.done += consume(this.#reader, this.#encoding, bytes, begin)
      else this.ended = true
      return this.#reader ? undefined : 'it is UTF-16BE, which is not read: save it as UTF-8'
    } catch (error) {
      if (!isSystemError(error)) throw error
      this.ended = true
      return describeError(error)
    }
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

/**
 * Has a window read from `begin` on in slices; gives how many bytes are done with. A slice grows while the
 * reader waits for more. Only the whole of a full window is said to have more behind it.
 */
const consume = (reader: TextReader, encoding: Encoding, bytes: Buffer, begin: number): number => {
  const limit = Math.min(bytes.length, begin + WINDOW_BYTES)
  const full = bytes.length > limit
  let at = begin
  let size = SLICE_BYTES
  while (at < limit) {
    const end = Math.min(at + size, limit)
    const more = full && at === begin && end === limit
    const done = reader.read(decode(encoding, bytes, at, end), more)
    at += done * widthOf(encoding)
    if (done > 0) size = SLICE_BYTES
    else if (end === limit) break
    else size *= 2
  }
  return at
}
