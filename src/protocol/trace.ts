import { isClockSkew } from './ms-diagnostics.js'
import { LETTER, LOWER_CASE, SipReader, valueOf } from './sip.js'
import type { TextReader } from './text-reader.js'
import { MAX_HEAD_LENGTH, type TraceHead, parseTraceHead } from './trace-head.js'
import type { TraceSink } from './trace-sink.js'

const BEGIN = '$$begin_record'
const END = '$$end_record'
/** Both marks begin so; looking for it passes over all that is between records at memory speed. */
const MARK = '$'

/**
 * Reads the text of the Centralized Logging Service and of OCSLogger: records between `$$begin_record`
 * and `$$end_record`. What is between records (TF_COMPONENT lines and the like) is passed over. A record
 * without its end, of another product or with something else in it is malformed, and the next one
 * is looked for; a stray `$$end_record` means nothing.
 */
export class TraceReader implements TextReader {
  readonly #sink: TraceSink
  readonly #sip = new SipReader()

  constructor(sink: TraceSink) {
    this.#sink = sink
  }

  read(text: string, more: boolean): number {
    let begin = nextBegin(text, 0)
    if (begin < 0) return beforeLastLine(text, 0, more)
    for (;;) {
      const mark = nextMark(text, begin + BEGIN.length)
      if (mark < 0) return this.#waitFor(text, begin, more)
      if (text.startsWith(END, mark)) {
        this.#record(text, begin, mark)
        const done = mark + END.length
        begin = nextBegin(text, done)
        if (begin < 0) return beforeLastLine(text, done, more)
      } else {
        this.#sink.malformed()
        begin = mark
      }
    }
  }

  save(): undefined {
    return undefined
  }

  /** The record at `begin` is not all here: it waits, unless it is longer than any window. */
  #waitFor(text: string, begin: number, more: boolean): number {
    const start = lineStart(text, begin)
    if (!more || start > 0) return start
    this.#sink.malformed()
    return beforeLastLine(text, begin + BEGIN.length, more)
  }

  #record(text: string, begin: number, end: number): void {
    const head = parseTraceHead(text.slice(lineStart(text, begin), begin))
    if (!head) return this.#sink.malformed()
    if (head.flag === 'PROTOCOL') return this.#protocol(text, begin + BEGIN.length, end, head)
    if (head.flag === 'DIAG') this.#diagnosis(text.slice(begin + BEGIN.length, end))
    this.#sink.record()
  }

  /** `Direction:`, `Start-Line:` and the SIP headers are lines alike; `Message-Body:` ends them. */
  #protocol(text: string, from: number, to: number, head: TraceHead): void {
    const sip = this.#sip
    const { message } = sip
    sip.begin(text)
    let next = text.indexOf('\n', from) + 1
    while (next > 0 && next < to) {
      const at = next
      const newline = text.indexOf('\n', at)
      next = newline < 0 || newline >= to ? to : newline + 1
      const end = sip.lineEnd(at, next)
      const letter = text.charCodeAt(at) | LOWER_CASE
      if (letter === LETTER.m) {
        const body = valueOf(text, at, end, 'message-body')
        if (body >= 0) {
          sip.body(body, to)
          break
        }
      } else if (letter === LETTER.s) {
        const startLine = valueOf(text, at, end, 'start-line')
        if (startLine >= 0) {
          sip.startLine(startLine, end)
          continue
        }
      } else if (letter === LETTER.d) {
        const direction = valueOf(text, at, end, 'direction')
        if (direction >= 0 && message.direction === '') {
          message.direction = text.startsWith('out', direction) ? 'outgoing' : 'incoming'
          continue
        }
      }
      sip.header(at, end)
    }
    if (!sip.finish()) return this.#sink.malformed()
    message.server = head.server
    message.stamp = head.stamp
    this.#sink.record()
    this.#sink.message(message)
  }

  #diagnosis(record: string): void {
    const callId = /^[ \t]*SIP-Call-ID:[ \t]*(\S+)/im.exec(record)?.[1]
    const [, cseq, method] = /^[ \t]*SIP-CSeq:[ \t]*(\d{1,10})[ \t]+([A-Z]+)/im.exec(record) ?? []
    if (callId === undefined || cseq === undefined || method === undefined) return
    this.#sink.diagnosis({ callId, cseq: Number(cseq), method, clockSkew: isClockSkew(record) })
  }
}

/** Where the next mark of either kind is; -1 if there is none in the text. */
const nextMark = (text: string, from: number): number => {
  for (let at = text.indexOf(MARK, from); at >= 0; at = text.indexOf(MARK, at + 1)) {
    if (text.startsWith(BEGIN, at) || text.startsWith(END, at)) return at
  }
  return -1
}

const nextBegin = (text: string, from: number): number => {
  for (let at = text.indexOf(MARK, from); at >= 0; at = text.indexOf(MARK, at + 1)) {
    if (text.startsWith(BEGIN, at)) return at
  }
  return -1
}

const lineStart = (text: string, at: number): number => {
  const least = Math.max(0, at - MAX_HEAD_LENGTH)
  return least + text.slice(least, at).lastIndexOf('\n') + 1
}

/** All but the last line is done with: a head may be beginning there. A line that fills a window is no head. */
const beforeLastLine = (text: string, from: number, more: boolean): number => {
  const start = Math.max(from, lineStart(text, text.length))
  return more && start === 0 ? text.length : start
}
