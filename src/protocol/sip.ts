import { type Method, SipMessage, marks, methods } from './sip-message.js'

/** No real Call-ID is nearly as long; RFC 3261 names no limit. */
const MAX_CALL_ID = 512
const MAX_DIAGNOSTICS = 16
const MAX_DIAGNOSTIC_LENGTH = 4096
/** Of a header that is searched for a mark: what is behind it is not looked at. */
const MAX_SEARCHED = 2048

const TAB = 9
const NEWLINE = 10
const RETURN = 13
const SPACE = 32
const COLON = 58
export const LOWER_CASE = 0x20
export const LETTER = {
  c: 99,
  d: 100,
  f: 102,
  i: 105,
  m: 109,
  p: 112,
  r: 114,
  s: 115,
  t: 116,
  v: 118,
  k: 107,
}

const HOSTED_UM =
  /(?<![\w.-])exap\.um\.(?:outlook\.com|partner\.outlook\.cn|office365\.us)(?![\w-]|\.\w)/i
const VOICEMAIL = /;\s*opaque\s*=\s*"?app:voicemail\b/i
const NOTIFIER = /\bA410AA79-D874-4e56-9B46-709BDD0EB850\b/i
const UM_ROUTING = /\bappName\s*=\s*"?ExumRouting\b|\bdialplan\s*=\s*"?Hosted__/i
const NOTIFICATION_MEDIA = 'm=application 9 SIP'

/** Whether `name` (lower case) stands at `at`, in any case. */
const isAt = (text: string, at: number, name: string): boolean => {
  for (let i = 0; i < name.length; i++) {
    if ((text.charCodeAt(at + i) | LOWER_CASE) !== name.charCodeAt(i)) return false
  }
  return true
}

const skipSpace = (text: string, from: number, to: number): number => {
  let i = from
  while (i < to && (text.charCodeAt(i) === SPACE || text.charCodeAt(i) === TAB)) i++
  return i
}

/** Where the value of the header `name` (lower case) at `at` begins; -1 if it is another header. */
export const valueOf = (text: string, at: number, to: number, name: string): number => {
  let i = at + name.length
  let code = text.charCodeAt(i)
  while (code === SPACE && i < to) code = text.charCodeAt(++i)
  if (code !== COLON || i >= to || !isAt(text, at, name)) return -1
  return skipSpace(text, i + 1, to)
}

/** A number of at most ten digits that begins at `from`; -1 where there is none. */
const numberAt = (text: string, from: number, to: number): number => {
  let value = -1
  for (let i = from; i < to; i++) {
    const digit = text.charCodeAt(i) - 48
    if (digit < 0 || digit > 9) break
    if (i - from === 10) return -1
    value = (value < 0 ? 0 : value * 10) + digit
  }
  return value
}

const methodAt = (text: string, from: number, to: number): Method => {
  for (const method of methods) {
    if (!text.startsWith(method, from)) continue
    const end = from + method.length
    if (end >= to || text.charCodeAt(end) <= SPACE) return end <= to ? method : 'other'
  }
  return 'other'
}

/**
 * Reads SIP messages (RFC 3261 §7) line by line into one SipMessage: only what counting needs, without
 * cutting a string where a range will do. The lines come from a raw message or from a trace's record.
 */
export class SipReader {
  readonly message = new SipMessage()
  #text = ''
  #started = false
  /** Only an INVITE or a REFER, and what answers it, can be marked. */
  #canBeCall = false
  #toFrom = 0
  #toTo = 0
  #peerFrom = 0
  #peerTo = 0
  #diverted = false
  #expectsUm = false
  #routedToUm = false

  /** A new message, whose lines are ranges of `text`. */
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
    this.#started = this.#canBeCall = false
    this.#toFrom = this.#toTo = this.#peerFrom = this.#peerTo = 0
    this.#diverted = this.#expectsUm = this.#routedToUm = false
  }

  /** `SIP/2.0 429 Provide Referrer Identity` or `INVITE sip:… SIP/2.0`. */
  startLine(from: number, to: number): void {
    const text = this.#text
    const { message } = this
    // Only the first: in a record, a header of the message itself may look like another.
    if (this.#started) return
    if (text.startsWith('SIP/2.0 ', from)) {
      const status = numberAt(text, from + 8, to)
      this.#started = status >= 100 && status <= 699
      message.status = this.#started ? status : 0
      return
    }
    this.#started = text.startsWith(' SIP/2.0', to - 8) && to - from > 8
    message.method = methodAt(text, from, to)
    this.#canBeCall = message.method === 'INVITE' || message.method === 'REFER'
    if (this.#canBeCall) this.#lookForUm(from, to)
  }

  /** The end of the message that lies in [from, to): its start line, headers and body. RFC 3261 §7. */
  raw(from: number, to: number): boolean {
    let at = from
    let first = true
    while (at < to) {
      const found = this.#text.indexOf('\n', at)
      const next = found < 0 || found >= to ? to : found + 1
      const end = this.lineEnd(at, next)
      if (first) this.startLine(at, end)
      else if (end === at) {
        this.body(next, to)
        break
      } else this.header(at, end)
      first = false
      at = next
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
    const at = skipSpace(text, from, to)
    switch (text.charCodeAt(at) | LOWER_CASE) {
      case LETTER.v:
        return this.#via(at, to)
      case LETTER.i:
        return this.#callId(valueOf(text, at, to, 'i'), to)
      case LETTER.c:
        return this.#c(at, to)
      case LETTER.m:
        return this.#ms(at, to)
      case LETTER.t:
        return this.#to(at, to)
      case LETTER.p:
        return this.#peer(at, to)
      case LETTER.f:
      case LETTER.r:
      case LETTER.s:
      case LETTER.d:
      case LETTER.k:
        if (this.#canBeCall || this.message.status >= 200) this.#callHeader(at, to)
    }
  }

  /** What is behind the headers, in [from, to). */
  body(from: number, to: number): void {
    if (this.message.method !== 'INVITE' || this.message.status !== 0 || from >= to) return
    if (this.#text.slice(from, to).includes(NOTIFICATION_MEDIA)) {
      this.message.marks |= marks.notification
    }
  }

  /** Whether what was read is a SIP message that can be told from others. */
  finish(): boolean {
    const { message } = this
    if (!this.#started || message.cseq < 0 || message.callIdTo <= message.callIdFrom) return false
    if (message.method !== 'INVITE' && message.method !== 'REFER') return true
    this.#lookForUm(this.#toFrom, this.#toTo)
    this.#lookForUm(this.#peerFrom, this.#peerTo)
    const answeredByUm = message.method === 'INVITE' && this.#diverted && this.#expectsUm
    if (answeredByUm || this.#routedToUm) message.marks |= marks.voicemail
    return true
  }

  #c(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    const callId = valueOf(text, at, to, 'call-id')
    if (callId >= 0) return this.#callId(callId, to)
    const cseq = valueOf(text, at, to, 'cseq')
    if (cseq >= 0) {
      message.cseq = numberAt(text, cseq, to)
      if (message.status === 0) return
      const digitsEnd = text.indexOf(' ', cseq)
      if (digitsEnd < 0 || digitsEnd >= to) return
      message.method = methodAt(text, skipSpace(text, digitsEnd, to), to)
      return
    }
    if (message.method !== 'INFO' || message.status !== 0) return
    const type = Math.max(valueOf(text, at, to, 'content-type'), valueOf(text, at, to, 'c'))
    if (type >= 0 && isAt(text, type, 'application/ms-rtc-usernotification+xml')) {
      message.marks |= marks.notification
    }
  }

  #callId(from: number, to: number): void {
    const { message } = this
    if (from < 0 || message.callIdTo > 0) return
    let end = to
    while (end > from && this.#text.charCodeAt(end - 1) <= SPACE) end--
    if (end - from > MAX_CALL_ID) return
    message.callIdFrom = from
    message.callIdTo = end
  }

  /** `Via: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK…, SIP/2.0/…`: several values may share a line. */
  #via(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    const from = Math.max(valueOf(text, at, to, 'via'), valueOf(text, at, to, 'v'))
    if (from < 0) return
    // A cut costs less than to look at each letter, and no search in it runs on into the next lines.
    const value = text.slice(from, to)
    let comma = value.indexOf(',')
    if (message.vias++ === 0) this.#branch(value, from, comma < 0 ? value.length : comma)
    for (; comma >= 0; comma = value.indexOf(',', comma + 1)) message.vias++
  }

  /** The branch of the first value of a Via, which begins at `from` in the text. */
  #branch(value: string, from: number, to: number): void {
    for (let at = value.indexOf(';'); at >= 0 && at < to; at = value.indexOf(';', at + 1)) {
      const name = skipSpace(value, at + 1, to)
      if (!isAt(value, name, 'branch')) continue
      const start = skipSpace(value, name + 6, to) + 1
      const next = value.indexOf(';', start)
      let end = next < 0 || next > to ? to : next
      while (end > start && value.charCodeAt(end - 1) <= SPACE) end--
      this.message.branchFrom = from + Math.min(start, end)
      this.message.branchTo = from + end
      return
    }
  }

  #to(at: number, to: number): void {
    const from = Math.max(valueOf(this.#text, at, to, 'to'), valueOf(this.#text, at, to, 't'))
    if (from < 0) return
    this.#toFrom = from
    this.#toTo = to
  }

  #peer(at: number, to: number): void {
    const from = valueOf(this.#text, at, to, 'peer')
    if (from < 0) return
    this.#peerFrom = from
    this.#peerTo = to
  }

  #ms(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    if (message.status >= 300) {
      for (const name of ['ms-diagnostics', 'ms-diagnostics-public', 'ms-client-diagnostics']) {
        const from = valueOf(text, at, to, name)
        if (from >= 0) return this.#diagnostic(from, to)
      }
      const trust = valueOf(text, at, to, 'ms-edge-proxy-message-trust')
      if (trust >= 0) message.trust = this.#searched(trust, to)
      return
    }
    if (message.method !== 'INVITE') return
    if (valueOf(text, at, to, 'ms-mras-address') >= 0) this.#expectsUm = true
    const command = valueOf(text, at, to, 'ms-exchange-command')
    if (command >= 0 && /\bskip-pin\b/i.test(this.#searched(command, to))) {
      message.marks |= marks.voicemail
    }
  }

  #diagnostic(from: number, to: number): void {
    const { diagnostics } = this.message
    if (diagnostics.length >= MAX_DIAGNOSTICS) return
    const value = this.#text.slice(from, Math.min(to, from + MAX_DIAGNOSTIC_LENGTH))
    diagnostics.push(value)
    if (UM_ROUTING.test(value)) this.#routedToUm = true
  }

  /** From, Route, Refer-To, Supported and Diversion of a request, Server of a response. */
  #callHeader(at: number, to: number): void {
    const text = this.#text
    const { message } = this
    if (message.status !== 0) {
      const server = valueOf(text, at, to, 'server')
      if (server >= 0 && isAt(text, server, 'exumrouting/')) this.#routedToUm = true
      return
    }
    switch (text.charCodeAt(at) | LOWER_CASE) {
      case LETTER.d:
        this.#diverted ||= valueOf(text, at, to, 'diversion') >= 0
        return
      case LETTER.r: {
        const refers = message.method === 'REFER'
        const referTo = Math.max(valueOf(text, at, to, 'refer-to'), valueOf(text, at, to, 'r'))
        const target = refers && referTo >= 0 ? referTo : valueOf(text, at, to, 'route')
        if (target >= 0) this.#lookForUm(target, to)
        return
      }
      case LETTER.f: {
        const sender = Math.max(valueOf(text, at, to, 'from'), valueOf(text, at, to, 'f'))
        if (sender < 0 || !NOTIFIER.test(this.#searched(sender, to))) return
        message.marks |= marks.notification
        return
      }
      default: {
        const supported = Math.max(valueOf(text, at, to, 'supported'), valueOf(text, at, to, 'k'))
        if (supported < 0 || !/\bms-fe\b/i.test(this.#searched(supported, to))) return
        this.#expectsUm = true
      }
    }
  }

  #lookForUm(from: number, to: number): void {
    if (from >= to) return
    const value = this.#searched(from, to)
    if (VOICEMAIL.test(value) || HOSTED_UM.test(value)) this.message.marks |= marks.voicemail
  }

  #searched(from: number, to: number): string {
    return this.#text.slice(from, Math.min(to, from + MAX_SEARCHED))
  }
}
