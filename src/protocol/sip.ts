import { MarkFinder } from './sip-marks.js'
import { SipMessage } from './sip-message.js'
import {
  LETTER,
  isAt,
  letterAt,
  methodAt,
  numberAt,
  skipBlanks,
  trimmedEnd,
  valueOf,
  valueOfEither,
} from './sip-scan.js'

/** No real Call-ID is nearly as long; RFC 3261 names no limit. */
const MAX_CALL_ID = 512
const MAX_DIAGNOSTICS = 16
const MAX_DIAGNOSTIC_LENGTH = 4096

const NEWLINE = 10
const RETURN = 13
const EQUALS = 61
const VERSION = 'SIP/2.0'

/**
 * Reads SIP messages (RFC 3261 §7) line by line into one SipMessage: only what counting needs, without
 * cutting a string where a range will do. The lines come from a raw message or from a trace's record.
 */
export class SipReader {
  readonly message = new SipMessage()
  readonly #marks = new MarkFinder()
  #text = ''
  #started = false

  /** A new message, whose lines are ranges of `text`. With '' the last one's text is let go. */
  begin(text: string): void {
    const { message } = this
    this.#text = text
    message.text = text
    message.status = 0
    message.method = 'other'
    message.cseq = -1
    message.callIdFrom = message.callIdTo = 0
    message.branchFrom = message.branchTo = 0
    message.vias = 0
    message.marks = 0
    if (message.diagnostics.length > 0) message.diagnostics.length = 0
    message.trust = ''
    message.direction = ''
    this.#started = false
    this.#marks.begin(text)
  }

  /** Whether a start line was read: from then on there are only headers. */
  get started(): boolean {
    return this.#started
  }

  /** A 1xx or an ACK decides nothing: who only counts need not read its headers. */
  get decidesNothing(): boolean {
    const { status, method } = this.message
    return this.#started && (status === 0 ? method === 'ACK' : status < 200)
  }

  /** `SIP/2.0 429 Provide Referrer Identity` or `INVITE sip:… SIP/2.0`. Only the first counts. */
  startLine(from: number, to: number): void {
    const text = this.#text
    const { message } = this
    if (this.#started) return
    if (text.startsWith(`${VERSION} `, from)) {
      const status = numberAt(text, skipBlanks(text, from + VERSION.length, to), to)
      this.#started = status >= 100 && status <= 699
      message.status = this.#started ? status : 0
      return
    }
    const version = to - VERSION.length - 1
    this.#started = version > from && text.startsWith(` ${VERSION}`, version)
    message.method = methodAt(text, from, to)
    if (message.method === 'INVITE' || message.method === 'REFER') this.#marks.requestUri(from, to)
  }

  /**
   * A raw message, which lies in [from, to): its start line, headers and body. RFC 3261 §7. False where it is
   * none. `brief`: of one that decides nothing no more than the start line is read.
   */
  raw(from: number, to: number, brief = false): boolean {
    let next = from
    while (next < to) {
      const at = next
      const found = this.#text.indexOf('\n', at)
      next = found < 0 || found >= to ? to : found + 1
      const end = this.lineEnd(at, next)
      // Empty lines before the start line are ignored (§7.5).
      if (end === at && !this.#started) continue
      if (end === at) {
        this.body(next, to)
        break
      }
      if (this.#started) this.header(at, end)
      else this.startLine(at, end)
      // Bytes without a start line are no message, however many lines there are.
      if (!this.#started) return false
      if (brief && this.decidesNothing) return true
    }
    return this.finish()
  }

  /** Where the line in [from, next) ends, without its CR and LF. */
  lineEnd(from: number, next: number): number {
    let end = next
    if (end > from && this.#text.charCodeAt(end - 1) === NEWLINE) end--
    while (end > from && this.#text.charCodeAt(end - 1) === RETURN) end--
    return end
  }

  /** One header, in [from, to). Unknown ones cost a look at one letter. */
  header(from: number, to: number): void {
    const text = this.#text
    const at = skipBlanks(text, from, to)
    switch (letterAt(text, at)) {
      case LETTER.v:
        return this.#via(valueOfEither(text, at, to, 'via', 'v'), to)
      case LETTER.i:
        return this.#callId(valueOf(text, at, to, 'i'), to)
      case LETTER.c:
        return this.#c(at, to)
      case LETTER.m:
        return this.#ms(at, to)
      case LETTER.f:
        return this.#from(valueOfEither(text, at, to, 'from', 'f'), to)
      case LETTER.t:
        return this.#to(valueOfEither(text, at, to, 'to', 't'), to)
      case LETTER.r:
        return this.#r(at, to)
      case LETTER.s:
        return this.#s(at, to)
      case LETTER.d:
        if (valueOf(text, at, to, 'diversion') >= 0) this.#marks.diversion()
        return
      case LETTER.k:
        return this.#supported(valueOf(text, at, to, 'k'), to)
    }
  }

  /** `Peer:` of a trace's record; no header of a message is one. */
  peer(from: number, to: number): void {
    this.#marks.peer(from, to)
  }

  /** What is behind the headers, in [from, to). */
  body(from: number, to: number): void {
    const { method, status } = this.message
    if (method === 'INVITE' && status === 0 && from < to) this.#marks.inviteBody(from, to)
  }

  /** Whether what was read is a SIP message that can be told from others. */
  finish(): boolean {
    const { message } = this
    if (!this.#started || message.cseq < 0 || message.callIdTo <= message.callIdFrom) return false
    message.marks = this.#marks.found(message.method)
    return true
  }

  #c(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    const callId = valueOf(text, at, to, 'call-id')
    if (callId >= 0) return this.#callId(callId, to)
    const cseq = valueOf(text, at, to, 'cseq')
    if (cseq >= 0) return this.#cseq(cseq, to)
    if (message.method !== 'INFO' || message.status !== 0) return
    const type = valueOfEither(text, at, to, 'content-type', 'c')
    if (type >= 0) this.#marks.infoType(type)
  }

  #cseq(from: number, to: number): void {
    const text = this.#text
    const { message } = this
    message.cseq = numberAt(text, from, to)
    if (message.status === 0) return
    let at = from
    while (at < to && text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57) at++
    message.method = methodAt(text, skipBlanks(text, at, to), to)
  }

  #callId(from: number, to: number): void {
    const { message } = this
    if (from < 0 || message.callIdTo > 0) return
    const end = trimmedEnd(this.#text, from, to)
    if (end - from > MAX_CALL_ID) return
    message.callIdFrom = from
    message.callIdTo = end
  }

  /** `Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK…, SIP/2.0/…`: several values may share a line. */
  #via(from: number, to: number): void {
    if (from < 0) return
    const { message } = this
    // A cut costs less than to look at each letter, and no search in it runs on into the next lines.
    const value = this.#text.slice(from, to)
    let comma = value.indexOf(',')
    if (message.vias++ === 0) this.#branch(value, from, comma < 0 ? value.length : comma)
    for (; comma >= 0; comma = value.indexOf(',', comma + 1)) message.vias++
  }

  /** The branch of the first value of a Via, which begins at `from` in the text. */
  #branch(value: string, from: number, to: number): void {
    for (let at = value.indexOf(';'); at >= 0 && at < to; at = value.indexOf(';', at + 1)) {
      const name = skipBlanks(value, at + 1, to)
      if (!isAt(value, name, 'branch')) continue
      const equals = skipBlanks(value, name + 6, to)
      if (value.charCodeAt(equals) !== EQUALS) continue
      const start = skipBlanks(value, equals + 1, to)
      const next = value.indexOf(';', start)
      this.message.branchFrom = from + start
      this.message.branchTo = from + trimmedEnd(value, start, next < 0 || next > to ? to : next)
      return
    }
  }

  #from(from: number, to: number): void {
    if (from >= 0) this.#marks.sender(from, to)
  }

  #to(from: number, to: number): void {
    if (from >= 0) this.#marks.to(from, to)
  }

  #ms(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    if (message.status >= 300) return this.#failure(at, to)
    if (message.method !== 'INVITE') return
    if (valueOf(text, at, to, 'ms-mras-address') >= 0) this.#marks.mediaRelay()
    const command = valueOf(text, at, to, 'ms-exchange-command')
    if (command >= 0) this.#marks.command(command, to)
  }

  #failure(at: number, to: number): void {
    const text = this.#text
    const { diagnostics } = this.message
    for (const name of ['ms-diagnostics', 'ms-diagnostics-public', 'ms-client-diagnostics']) {
      const from = valueOf(text, at, to, name)
      if (from < 0) continue
      if (diagnostics.length >= MAX_DIAGNOSTICS) return
      const value = text.slice(from, Math.min(to, from + MAX_DIAGNOSTIC_LENGTH))
      diagnostics.push(value)
      return this.#marks.diagnostic(value)
    }
    const trust = valueOf(text, at, to, 'ms-edge-proxy-message-trust')
    if (trust >= 0) this.message.trust = this.#marks.value(trust, to)
  }

  #r(at: number, to: number): void {
    const text = this.#text
    const { method, status } = this.message
    if (status !== 0 || (method !== 'INVITE' && method !== 'REFER')) return
    const referTo = method === 'REFER' ? valueOfEither(text, at, to, 'refer-to', 'r') : -1
    if (referTo >= 0) return this.#marks.referTo(referTo, to)
    const route = valueOf(text, at, to, 'route')
    if (route >= 0) this.#marks.route(route, to)
  }

  /** A response tells its Server, a request what it supports. */
  #s(at: number, to: number): void {
    const text = this.#text
    if (this.message.status === 0) {
      return this.#supported(valueOf(text, at, to, 'supported'), to)
    }
    const server = this.message.status >= 200 ? valueOf(text, at, to, 'server') : -1
    if (server >= 0) this.#marks.server(server)
  }

  #supported(from: number, to: number): void {
    const { method, status } = this.message
    if (from >= 0 && method === 'INVITE' && status === 0) this.#marks.supported(from, to)
  }
}
