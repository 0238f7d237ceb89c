import { type Method, marks } from './sip-message.js'
import { isAt } from './sip-scan.js'

/** Of a header that is searched for a mark: what is behind it is not looked at. */
const MAX_SEARCHED = 2048

const HOSTED_UM =
  /(?<![\w.-])exap\.um\.(?:outlook\.com|partner\.outlook\.cn|office365\.us)(?![\w-]|\.\w)/i
const VOICEMAIL = /;\s*opaque\s*=\s*"?app:voicemail\b/i
const NOTIFIER = /\bA410AA79-D874-4e56-9B46-709BDD0EB850\b/i
const NOTIFIER_BEGIN = 'a410aa79'
const ANGLE = 60
const UM_ROUTING = /\bappName\s*=\s*"?ExumRouting\b|\bdialplan\s*=\s*"?Hosted__/i
const NOTIFICATION_MEDIA = 'm=application 9 SIP'
const NOTIFICATION_TYPE = 'application/ms-rtc-usernotification+xml'

/** A range of the text; from 0 to 0 while there is none. */
interface Range {
  from: number
  to: number
}

/**
 * Finds what makes an INVITE or REFER, or what answers one, part of a voicemail call, and what makes a
 * message a missed-call notification: [MS-SIPRE], [MS-EUMR]. Each mark counts only where it belongs.
 */
export class MarkFinder {
  #text = ''
  readonly #to: Range = { from: 0, to: 0 }
  readonly #peer: Range = { from: 0, to: 0 }
  #diverted = false
  #expectsUm = false
  #voicemail = false
  #notification = false

  begin(text: string): void {
    this.#text = text
    this.#to.from = this.#to.to = this.#peer.from = this.#peer.to = 0
    this.#diverted = this.#expectsUm = this.#voicemail = this.#notification = false
  }

  requestUri(from: number, to: number): void {
    const uri = this.value(from, to)
    this.#voicemail ||= VOICEMAIL.test(uri) || HOSTED_UM.test(uri)
  }

  /** Looked at in the end: whose To it is, a response says only behind it. */
  to(from: number, to: number): void {
    this.#to.from = from
    this.#to.to = to
  }

  peer(from: number, to: number): void {
    this.#peer.from = from
    this.#peer.to = to
  }

  referTo(from: number, to: number): void {
    this.#voicemail ||= VOICEMAIL.test(this.value(from, to))
  }

  route(from: number, to: number): void {
    this.#voicemail ||= HOSTED_UM.test(this.value(from, to))
  }

  /** `<sip:A410…>`: most begin otherwise, and are not searched. */
  sender(from: number, to: number): void {
    if (this.#text.charCodeAt(from) === ANGLE && !isAt(this.#text, from + 5, NOTIFIER_BEGIN)) return
    this.#notification ||= NOTIFIER.test(this.value(from, to))
  }

  diversion(): void {
    this.#diverted = true
  }

  supported(from: number, to: number): void {
    this.#expectsUm ||= /\bms-fe\b/i.test(this.value(from, to))
  }

  mediaRelay(): void {
    this.#expectsUm = true
  }

  command(from: number, to: number): void {
    this.#voicemail ||= /\bskip-pin\b/i.test(this.value(from, to))
  }

  diagnostic(value: string): void {
    this.#voicemail ||= UM_ROUTING.test(value)
  }

  server(from: number): void {
    this.#voicemail ||= isAt(this.#text, from, 'exumrouting/')
  }

  infoType(from: number): void {
    this.#notification ||= isAt(this.#text, from, NOTIFICATION_TYPE)
  }

  inviteBody(from: number, to: number): void {
    this.#notification ||= this.#text.slice(from, to).includes(NOTIFICATION_MEDIA)
  }

  /** The marks of a message of this method, or of what answers it. */
  found(method: Method): number {
    const notification = this.#notification ? marks.notification : 0
    if (method !== 'INVITE' && method !== 'REFER') return notification
    const voicemail =
      this.#voicemail ||
      (method === 'INVITE' && this.#diverted && this.#expectsUm) ||
      (this.#to.to > 0 && VOICEMAIL.test(this.value(this.#to.from, this.#to.to))) ||
      (this.#peer.to > 0 && HOSTED_UM.test(this.value(this.#peer.from, this.#peer.to)))
    return voicemail ? notification | marks.voicemail : notification
  }

  /** A header's value, as far as it is looked at. */
  value(from: number, to: number): string {
    return this.#text.slice(from, Math.min(to, from + MAX_SEARCHED))
  }
}
