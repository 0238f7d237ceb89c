import { SipReader } from './sip.js'
import type { TextReader } from './text-reader.js'
import type { TraceSink } from './trace-sink.js'

/** `11/22/2026|10:05:07.123 1B3C:1B40 INFO  :: text`: an entry goes on to the next such line. */
const HEAD = /^\d\d\/\d\d\/\d{4}\|\d\d:\d\d:\d\d\.\d{3} [0-9A-F]+:[0-9A-F]+ [A-Z]+ +:: ?/gim
const SIP_START = /(?:SIP\/2\.0 \d{3} |[A-Z]{3,20} \S{1,2048} SIP\/2\.0)/y

/** Where the first head of an entry is; -1 if there is none. */
export const clientLogHead = (text: string): number => {
  HEAD.lastIndex = 0
  return HEAD.exec(text)?.index ?? -1
}

/**
 * Reads a client's own log (UCCAPI). Its stamps are local time, so no clock is told from them; it names no
 * server. Entries that are no SIP message are passed over.
 */
export class ClientLogReader implements TextReader {
  readonly #sink: TraceSink
  readonly #sip = new SipReader()

  constructor(sink: TraceSink) {
    this.#sink = sink
  }

  read(text: string, more: boolean): number {
    const done = this.#read(text, more)
    this.#sip.begin('')
    return done
  }

  #read(text: string, more: boolean): number {
    HEAD.lastIndex = 0
    let head = HEAD.exec(text)
    if (!head) return afterLastLine(text, more)
    for (;;) {
      const from = head.index + head[0].length
      const next = HEAD.exec(text)
      if (next) {
        this.#entry(text, from, next.index)
        head = next
        continue
      }
      if (!more || head.index > 0) return head.index
      this.#sink.malformed()
      return text.length
    }
  }

  /** The last entry has no head behind it. */
  finish(rest: string): void {
    HEAD.lastIndex = 0
    const head = HEAD.exec(rest)
    if (head) this.#entry(rest, head.index + head[0].length, rest.length)
    this.#sip.begin('')
  }

  save(): undefined {
    return undefined
  }

  #entry(text: string, from: number, to: number): void {
    this.#sink.record()
    SIP_START.lastIndex = from
    if (!SIP_START.test(text)) return
    const sip = this.#sip
    sip.begin(text)
    if (!sip.raw(from, to, true)) return this.#sink.malformed()
    if (sip.decidesNothing) return
    sip.message.server = ''
    sip.message.stamp = Number.NaN
    this.#sink.message(sip.message)
  }
}

const afterLastLine = (text: string, more: boolean): number => {
  const start = text.lastIndexOf('\n') + 1
  return more && start === 0 ? text.length : start
}
