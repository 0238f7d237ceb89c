import { ClientLogReader, clientLogHead } from './client-log.js'
import type { TextReader } from './text-reader.js'
import { TraceReader } from './trace.js'
import { MAX_HEAD_LENGTH } from './trace-head.js'
import type { TraceSink } from './trace-sink.js'

type Format = 'trace' | 'client'

/**
 * Reads any trace text: it looks which of the two kinds it is, and stays with it. Text before the first
 * head is passed over.
 */
export class TraceTextReader implements TextReader {
  readonly #sink: TraceSink
  #format: Format | undefined
  #reader: TextReader | undefined

  /** `saved` is what `save` gave of the same file earlier. */
  constructor(sink: TraceSink, saved?: unknown) {
    this.#sink = sink
    if (saved === 'trace' || saved === 'client') this.#choose(saved)
  }

  read(text: string, more: boolean): number {
    if (!this.#reader) {
      const format = formatOf(text)
      if (format === undefined) return passedOver(text, more)
      this.#choose(format)
    }
    return this.#reader?.read(text, more) ?? 0
  }

  finish(rest: string): void {
    this.#reader?.finish?.(rest)
  }

  save(): Format | undefined {
    return this.#format
  }

  #choose(format: Format): void {
    this.#format = format
    this.#reader =
      format === 'trace' ? new TraceReader(this.#sink) : new ClientLogReader(this.#sink)
  }
}

/** By the first head of either kind; undefined while there is none. */
const formatOf = (text: string): Format | undefined => {
  const record = text.indexOf('$$begin_record')
  const entry = clientLogHead(text)
  if (record < 0 && entry < 0) return undefined
  return entry < 0 || (record >= 0 && record < entry) ? 'trace' : 'client'
}

/** A head may be beginning in the last line, so it waits; a line longer than any head does not. */
const passedOver = (text: string, more: boolean): number => {
  const done = Math.max(text.lastIndexOf('\n') + 1, text.length - MAX_HEAD_LENGTH)
  return more && done <= 0 ? text.length : Math.max(done, 0)
}
