import { isClockSkew } from './ms-diagnostics.js'
import { SipReader } from './sip.js'
import { LETTER, isAt, letterAt, valueOf } from './sip-scan.js'
import type { TextReader } from './text-reader.js'
import { MAX_HEAD_LENGTH, type TraceHead, parseTraceHead } from './trace-head.js'
import type { TraceSink } from './trace-sink.js'

const BEGIN = '$$begin_record'
const END = '$$end_record'
/** Both marks begin so; looking for it passes over all that is between records at memory speed. */
const MARK = '$'
const NEWLINE = 10

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
    const done = this.#read(text, more)
    // The text would be kept for as long as the file is followed, a megabyte each.
    this.#sip.begin('')
    return done
  }

  /** A record that waits for its end is cut. */
  finish(rest: string): void {
    if (rest.includes(BEGIN)) this.#sink.malformed()
  }

  save(): undefined {
    return undefined
  }

  #read(text: string, more: boolean): number {
    let done = 0
    let begin = nextMark(text, 0, false)
    if (begin < 0) return beforeLastLine(text, done, more)
    for (;;) {
      const mark = nextMark(text, begin + BEGIN.length, true)
      if (mark < 0) return this.#waitFor(text, done, begin, more)
      if (text.startsWith(END, mark)) {
        this.#record(text, done, begin, mark)
        done = mark + END.length
        begin = nextMark(text, done, false)
        if (begin < 0) return beforeLastLine(text, done, more)
      } else {
        this.#sink.malformed()
        done = begin + BEGIN.length
        begin = mark
      }
    }
  }

  /** The record at `begin` is not all here: it waits, unless it is longer than any window. */
  #waitFor(text: string, done: number, begin: number, more: boolean): number {
    const start = Math.max(done, lineStart(text, begin))
    if (!more || start > 0) return start
    this.#sink.malformed()
    return beforeLastLine(text, begin + BEGIN.length, more)
  }

  /** The record between the marks at `begin` and `end`; its head is behind what is `done` with. */
  #record(text: string, done: number, begin: number, end: number): void {
    const head = parseTraceHead(text.slice(Math.max(done, lineStart(text, begin)), begin))
    if (!head) return this.#sink.malformed()
    const from = begin + BEGIN.length
    if (head.flag === 'PROTOCOL') return this.#protocol(text, from, end, head)
    if (head.flag === 'DIAG') this.#diagnosis(text.slice(from, end))
    this.#sink.record()
  }

  #protocol(text: string, from: number, to: number, head: TraceHead): void {
    const sip = this.#sip
    const { message } = sip
    sip.begin(text)
    const last = lastNewline(text, from, to)
    // What is left of the line of the mark is no header.
    for (let at = from > last ? to : text.indexOf('\n', from) + 1; at < to;) {
      const next = at > last ? to : text.indexOf('\n', at) + 1
      if (!this.#line(text, at, sip.lineEnd(at, next), to)) break
      at = next
      if (sip.decidesNothing) return this.#sink.record()
    }
    if (!sip.finish()) return this.#sink.malformed()
    message.server = head.server
    message.stamp = head.stamp
    this.#sink.record()
    this.#sink.message(message)
  }

  /**
   * `Direction:`, `Peer:` and `Start-Line:` come first, then SIP headers; `Message-Body:` ends them, and is the
   * only one that may hold lines of its own. False where there are no more.
   */
  #line(text: string, at: number, end: number, to: number): boolean {
    const sip = this.#sip
    const letter = letterAt(text, at)
    if (sip.started) {
      const body = letter === LETTER.m ? valueOf(text, at, end, 'message-body') : -1
      if (body >= 0) sip.body(body, to)
      else sip.header(at, end)
      return body < 0
    }
    if (letter === LETTER.s) {
      const startLine = valueOf(text, at, end, 'start-line')
      if (startLine >= 0) sip.startLine(startLine, end)
    } else if (letter === LETTER.d) {
      const direction = valueOf(text, at, end, 'direction')
      if (direction >= 0 && sip.message.direction === '') {
        sip.message.direction = isAt(text, direction, 'out') ? 'outgoing' : 'incoming'
      }
    } else if (letter === LETTER.p) {
      const peer = valueOf(text, at, end, 'peer')
      if (peer >= 0) sip.peer(peer, end)
    }
    return true
  }

  #diagnosis(record: string): void {
    const callId = /^[ \t]*SIP-Call-ID:[ \t]*(\S+)/im.exec(record)?.[1]
    const [, cseq, method] = /^[ \t]*SIP-CSeq:[ \t]*(\d{1,10})[ \t]+([A-Z]+)/im.exec(record) ?? []
    if (callId === undefined || cseq === undefined || method === undefined) return
    this.#sink.diagnosis({ callId, cseq: Number(cseq), method, clockSkew: isClockSkew(record) })
  }
}

/** Where the next record begins, or ends where that is asked for too; -1 if neither is in the text. */
const nextMark = (text: string, from: number, orEnd: boolean): number => {
  for (let at = text.indexOf(MARK, from); at >= 0; at = text.indexOf(MARK, at + 1)) {
    if (text.startsWith(BEGIN, at) || (orEnd && text.startsWith(END, at))) return at
  }
  return -1
}

/** The last line end in [from, to), else what is before it: to look for one goes on to the end of the text. */
const lastNewline = (text: string, from: number, to: number): number =>
  text.charCodeAt(to - 1) === NEWLINE ? to - 1 : from + text.slice(from, to).lastIndexOf('\n')

const lineStart = (text: string, at: number): number => {
  const least = Math.max(0, at - MAX_HEAD_LENGTH)
  return least + text.slice(least, at).lastIndexOf('\n') + 1
}

/** All but the last line is done with: a head may be beginning there. A line that fills a window is no head. */
const beforeLastLine = (text: string, from: number, more: boolean): number => {
  const start = Math.max(from, lineStart(text, text.length))
  return more && start === 0 ? text.length : start
}
