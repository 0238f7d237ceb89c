import type { DiagRecord, Random, SipText } from '../../../src/demo/trace-text.js'
import { type Party, type Server, isServer } from './parties.js'

/** What one server traces at one instant of true time. */
export interface Logged {
  readonly server: Server
  /** True time, milliseconds since the incident began. */
  readonly at: number
  readonly record:
    | ({
        readonly kind: 'message'
        readonly direction: string
        readonly peer: string | undefined
      } & {
        readonly message: SipText
      })
    | ({ readonly kind: 'diag' } & DiagText)
}

export type DiagText = Pick<DiagRecord, 'text' | 'startLine' | 'callId' | 'cseq'> & {
  readonly resultCode?: string
}

export interface JournalOptions {
  /** Share of messages that are sent twice. */
  readonly retransmitted: number
}

/** RFC 3261 §17.1.1.1: T1, after which a message is sent again. */
const RETRANSMIT_MS = 500
const WITHOUT_PEER = 0.03
/** A peer that says what the call is for has to be there. */
const TELLING_PEER = /^exap\./

/** Everything that was traced, in no order. */
export class Journal {
  readonly entries: Logged[] = []
  readonly #random: Random
  readonly #retransmitted: number

  constructor(random: Random, { retransmitted }: JournalOptions) {
    this.#random = random
    this.#retransmitted = retransmitted
  }

  /** A network delay, milliseconds. */
  delay(): number {
    return 1 + 39 * this.#random() ** 2
  }

  /** From one party's trace to the other's; `silent` ones trace nothing. Returns when it arrived. */
  carry(from: Party, to: Party, message: SipText, at: number, silent: ReadonlySet<Party>): number {
    const trace = (
      party: Party,
      way: 'incoming' | 'outgoing',
      other: Party,
      when: number,
    ): void => {
      if (isServer(party) && !silent.has(party)) this.#message(party, way, other, message, when)
    }
    trace(from, 'outgoing', to, at)
    const arrived = at + this.delay()
    if (this.#random() >= this.#retransmitted || message.startLine.startsWith('SIP/2.0 1')) {
      trace(to, 'incoming', from, arrived)
      return arrived
    }
    const again = at + RETRANSMIT_MS
    trace(from, 'outgoing', to, again)
    const arrivedAgain = again + this.delay()
    trace(to, 'incoming', from, arrivedAgain)
    // Half of the first ones are lost on the way; a request that was not is answered too late.
    if (this.#random() < 0.5) trace(to, 'incoming', from, arrived)
    return arrivedAgain
  }

  diag(server: Server, at: number, text: DiagText): void {
    this.entries.push({ server, at, record: { kind: 'diag', ...text } })
  }

  #message(
    server: Server,
    way: 'incoming' | 'outgoing',
    other: Party,
    message: SipText,
    at: number,
  ): void {
    const left = this.#random() < WITHOUT_PEER && !TELLING_PEER.test(other.address)
    const peer = left ? undefined : other.address
    const direction = server.kind === 'edge' ? `${way};${edges(way, other)}` : way
    this.entries.push({ server, at, record: { kind: 'message', direction, peer, message } })
  }
}

const edges = (way: 'incoming' | 'outgoing', other: Party): string => {
  const [near, far] =
    other.kind === 'front-end' ? ['internal', 'external'] : ['external', 'internal']
  return way === 'incoming'
    ? `source="${near} edge";destination="${far} edge"`
    : `source="${far} edge";destination="${near} edge"`
}
