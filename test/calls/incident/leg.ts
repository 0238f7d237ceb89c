import type { Random } from '../../../src/demo/trace-text.js'
import type { DiagText, Journal } from './journal.js'
import type { Header, Reply, Request } from './message.js'
import { reasonOf, replyText, requestText } from './message.js'
import { type Party, isServer } from './parties.js'

/** What carries a call's messages. */
export interface Carrier {
  readonly journal: Journal
  readonly random: Random
  /** Servers that were not tracing. */
  readonly silent: ReadonlySet<Party>
  /** What a Front End does to a request on its way out to an Edge. */
  readonly outward: (request: Request) => Request
}

export interface ReplyOptions {
  readonly headers?: readonly Header[]
  readonly reason?: string
  readonly contentType?: string
  readonly body?: string
  /** Has the server that replies write a TF_DIAG record with it. */
  readonly diag?: Pick<DiagText, 'text' | 'resultCode'>
}

/** What one hop carried: its request, with the Vias that replies have on it. */
interface Hop {
  readonly from: Party
  readonly to: Party
  readonly request: Request
}

const randomHex = (random: Random, digits: number): string =>
  Math.floor(random() * 16 ** digits)
    .toString(16)
    .toUpperCase()
    .padStart(digits, '0')

/**
 * A request on its way through some parties, the first of which sends it and the last of which
 * replies. `at` is when the last thing so far arrived, true milliseconds.
 */
export class Leg {
  at: number
  readonly #carrier: Carrier
  readonly #hops: Hop[] = []

  /** `received`: the request as the path's first party has it, whose Via comes on top. */
  constructor(carrier: Carrier, path: readonly Party[], received: Request, at: number) {
    this.#carrier = carrier
    this.at = at
    let request = received
    for (let i = 0; i + 1 < path.length; i++)
      request = this.#forward(request, path[i]!, path[i + 1]!)
  }

  /** The request as the last party got it. */
  get request(): Request {
    return this.#hops.at(-1)!.request
  }

  /** When the request or the last reply got here, the last party carries it on. */
  onward(path: readonly Party[], at = this.at): Leg {
    return new Leg(this.#carrier, [this.#hops.at(-1)!.to, ...path], this.request, at + 1)
  }

  /** The same request with something changed by the last party, carried on. */
  changed(change: (request: Request) => Request, path: readonly Party[], at = this.at): Leg {
    const from = this.#hops.at(-1)!.to
    return new Leg(this.#carrier, [from, ...path], change(this.request), at + 1)
  }

  /** From the last party back to the first. */
  reply(code: number, options: ReplyOptions = {}): this {
    const { journal, random, silent } = this.#carrier
    const { headers = [], reason = reasonOf(code), contentType, body, diag } = options
    const reply: Reply = {
      code,
      reason,
      headers,
      ...(body === undefined ? {} : { contentType: contentType ?? '', body }),
    }
    const replier = this.#hops.at(-1)!.to
    if (diag && isServer(replier) && !silent.has(replier)) {
      journal.diag(replier, this.at, { ...this.#diagText(code, reason), ...diag })
    }
    for (const { from, to, request } of this.#hops.toReversed()) {
      const text = replyText(request, reply, request.vias, random)
      this.at = journal.carry(to, from, text, this.at + random() * 2, silent)
    }
    return this
  }

  /** Each hop says that it has the request: 100 goes no further. */
  trying(): this {
    const { journal, random, silent } = this.#carrier
    for (const { from, to, request } of this.#hops) {
      if (!isServer(to)) continue
      const reply: Reply = { code: 100, reason: reasonOf(100), headers: [] }
      const text = replyText(request, reply, request.vias, random)
      journal.carry(to, from, text, this.at, silent)
    }
    return this
  }

  /** RFC 3261 §17.1.1.3: a refusal is acknowledged hop by hop, with that hop's Via alone. */
  acknowledge(): this {
    this.#hopByHop('ACK', [])
    return this
  }

  /** RFC 3261 §9: hop by hop too, and each hop answers it at once. */
  cancel(headers: readonly Header[] = []): this {
    this.#hopByHop('CANCEL', headers)
    return this
  }

  #hopByHop(method: string, headers: readonly Header[]): void {
    const { journal, random, silent } = this.#carrier
    for (const { from, to, request } of this.#hops) {
      const vias = request.vias.slice(0, 1)
      const own: Request = { ...request, method, vias, headers, contentType: '', body: '' }
      this.at = journal.carry(from, to, requestText(own, random), this.at + 1, silent)
      if (method === 'ACK') continue
      const reply: Reply = { code: 200, reason: reasonOf(200), headers: [] }
      journal.carry(to, from, replyText(own, reply, vias, random), this.at + 1, silent)
    }
  }

  #forward(received: Request, from: Party, to: Party): Request {
    const { journal, random, silent, outward } = this.#carrier
    const outgoing = from.kind === 'front-end' && to.kind === 'edge' ? outward(received) : received
    const branch = `z9hG4bK${randomHex(random, 8)}.${randomHex(random, 8)}${randomHex(random, 8)}`
    const flags = isServer(from) ? ';branched=FALSE;ms-internal-info="acHwJ"' : ''
    const via = `SIP/2.0/TLS ${from.address};branch=${branch}${flags}`
    const sent = { ...outgoing, vias: [via, ...outgoing.vias], hops: outgoing.hops + 1 }
    this.at = journal.carry(from, to, requestText(sent, random), this.at + random() * 2, silent)
    const port = 49_152 + Math.floor(random() * 16_000)
    const noted = `${via};ms-received-port=${port};ms-received-cid=${randomHex(random, 5)}`
    const request = { ...sent, vias: [noted, ...outgoing.vias] }
    this.#hops.push({ from, to, request })
    return request
  }

  #diagText(code: number, reason: string): DiagText {
    const { callId, cseq, method } = this.request
    const startLine = `SIP/2.0 ${code} ${reason}`
    return { text: 'Response was generated here', startLine, callId, cseq: `${cseq} ${method}` }
  }
}
