import type { Random } from '../../../src/demo/trace-text.js'
import { NOTIFICATION_TYPE, SDP_TYPE, sdp } from './bodies.js'
import { diagnosticsHeader } from './diagnostics.js'
import type { Diagnostic } from './diagnostics.js'
import type { Journal } from './journal.js'
import { type Carrier, Leg, type ReplyOptions } from './leg.js'
import { type Marker, hostedOf, unmarked } from './markers.js'
import type { Header, Request } from './message.js'
import { type Party, type Server, endpoint, servers } from './parties.js'

/** Who plays a call's parts. Expectations name servers by these roles. */
export interface Cast {
  /** The caller's and the callee's Front Ends; never the same. */
  readonly home: Server
  readonly far: Server
  /** EDGE01 and EDGE02, and one of the two by lot. */
  readonly good: Server
  readonly skewed: Server
  readonly edge: Server
}

export interface Sending {
  readonly uri?: string
  readonly from?: string
  readonly to?: string
  readonly headers?: readonly Header[]
  readonly contentType?: string
  readonly body?: string
  /** By default the next; an ACK and a CANCEL have their INVITE's. */
  readonly cseq?: number
}

const NAMES = ['"Alice" ', '"Jörg Weiß" ', '"Zoë O’Neil, Sales" ', '']
const PROXIES: Header = ['Record-Route', '<sip:fepool1.contoso.com:5061;transport=tls;lr>']

/** One Call-ID: its parties, its numbers, and the ways to send something. */
export class Call {
  readonly id: string
  readonly cast: Cast
  readonly client: Party
  readonly callee: Party
  readonly hosted: Party
  /** True time, milliseconds since the incident began: when the next request goes out. */
  at: number
  readonly #carrier: Carrier
  readonly #marker: Marker
  readonly #random: Random
  readonly #from: string
  #cseq = 0

  constructor(journal: Journal, random: Random, at: number, marker: Marker = unmarked) {
    this.#random = random
    this.#marker = marker
    this.at = at
    this.id = `${this.#hex(16)}${this.#hex(16)}`.toLowerCase()
    this.cast = castBy(random)
    this.client = endpoint('client', `192.0.2.${100 + this.#upTo(40)}:${50_000 + this.#upTo(9000)}`)
    this.callee = endpoint('callee', `192.0.2.${150 + this.#upTo(40)}:${50_000 + this.#upTo(9000)}`)
    this.hosted = hostedOf(marker)
    const name = NAMES[this.#upTo(NAMES.length)] ?? ''
    this.#from = `${name}<sip:user${this.#upTo(900)}@contoso.com>;tag=${this.#hex(10)};epid=${this.#hex(10)}`
    const outward = marker.outward ?? (request => request)
    this.#carrier = {
      journal,
      random,
      silent: new Set(),
      outward: request => (request.method === 'INVITE' ? outward(request) : request),
    }
  }

  /** From here on this server's trace has nothing of the call. */
  untraced(...parties: readonly Party[]): void {
    const silent = this.#carrier.silent as Set<Party>
    for (const party of parties) silent.add(party)
  }

  /** People talk: for some seconds, or so long that the call has long been settled. */
  talk(): void {
    this.at += this.#random() < 0.5 ? 2000 + 2000 * this.#random() : 90_000 * this.#random()
  }

  /** An INVITE with an offer, as the caller sends it, along `path`; its mark is the call's. */
  invite(path: readonly Party[], sending: Sending = {}): Leg {
    const mark = this.#marker.client ?? (request => request)
    const offer = { contentType: SDP_TYPE, body: sdp('192.0.2.101', 20_000 + 2 * this.#upTo(900)) }
    return this.send('INVITE', [this.client, ...path], { ...offer, ...sending }, mark)
  }

  /** Any other request, or one from another party: `path` begins with who sends it. */
  send(
    method: string,
    path: readonly Party[],
    sending: Sending = {},
    mark = (request: Request): Request => request,
  ): Leg {
    const { headers = [], contentType = 'application/xml', body = '' } = sending
    const request = mark({
      method,
      uri: sending.uri ?? 'sip:bob@contoso.com',
      from: sending.from ?? this.#from,
      to: sending.to ?? '<sip:bob@contoso.com>',
      callId: this.id,
      cseq: sending.cseq ?? ++this.#cseq,
      vias: [],
      hops: 0,
      headers: [PROXIES, ['Supported', 'ms-dialog-route-set-update'], ...headers],
      contentType,
      body,
    })
    const leg = new Leg(this.#carrier, path, request, this.at)
    this.at = leg.at + 1
    return leg
  }

  /** A 2xx with an answer is acknowledged end to end. */
  answer(leg: Leg, path: readonly Party[], options: ReplyOptions = {}): void {
    const body = { contentType: SDP_TYPE, body: sdp('192.0.2.60', 30_000) }
    this.at = leg.reply(200, { ...body, ...options }).at + 1
    this.send('ACK', [this.client, ...path], { cseq: leg.request.cseq })
  }

  /** A refusal along the whole of a leg, and its acknowledgement. */
  refuse(leg: Leg, code: number, options: ReplyOptions = {}): void {
    this.at = leg.reply(code, options).at + 1
    if (leg.request.method === 'INVITE') leg.acknowledge()
  }

  /** The caller hangs up after some time. */
  hangUp(path: readonly Party[], headers: readonly Header[] = []): void {
    this.talk()
    const leg = this.send('BYE', [this.client, ...path], { headers })
    this.at = leg.reply(200).at + 1
  }

  /** An INFO as a missed-call notification has it, and its 200. */
  notify(path: readonly Party[], body: string): void {
    const leg = this.send('INFO', [this.client, ...path], { contentType: NOTIFICATION_TYPE, body })
    this.at = leg.reply(200).at + 1
  }

  /** An ms-diagnostics header in one of its shapes. */
  says(diagnostic: Diagnostic): Header {
    return diagnosticsHeader(diagnostic, this.#random)
  }

  get random(): Random {
    return this.#random
  }

  #upTo(limit: number): number {
    return Math.floor(this.#random() * limit)
  }

  #hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += this.#upTo(16).toString(16)
    return text
  }
}

const castBy = (random: Random): Cast => {
  const { FE1, FE2, EDGE01, EDGE02 } = servers
  const [home, far] = random() < 0.5 ? [FE1, FE2] : [FE2, FE1]
  return { home, far, good: EDGE01, skewed: EDGE02, edge: random() < 0.5 ? EDGE01 : EDGE02 }
}
