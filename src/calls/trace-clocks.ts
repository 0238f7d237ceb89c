import type { SipMessage } from '../protocol/sip-message.js'
import { methods } from '../protocol/sip-message.js'
import type { Seconds } from '../time/units.js'
import { type Fingerprint, fingerprint, within } from './fingerprint.js'
import { OTHER_SERVERS } from './server-names.js'

/**
 * What a record's stamp may be off its message: it is cut to a millisecond of a clock that moves every
 * 15.625 ms, and taken beside the sending or receiving, not in it.
 */
export const STAMP_SLACK: Seconds = 0.1
/** Hops remembered at once; about 3 MB. */
const MAX_HOPS = 16_384
/** Hops whose other half has not come by then are forgotten. */
const HOP_AGE: Seconds = 3600
/** The narrowest exchange is preferred to a newer one for so long. */
const FRESH: Seconds = 600
/** An offset that no message has confirmed for so long is told no more. */
const OFFSET_AGE: Seconds = 3600
const MAX_PAIRS = 1000
const WHOLE = 2 ** 53

/** One server's clock against another's, from messages that both have logged. */
export interface TraceOffset {
  readonly server: string
  readonly peer: string
  /** server's clock − peer's clock; positive = the server is ahead of the peer. */
  readonly offset: Seconds
  /** Half-width of the interval that holds it. */
  readonly error: Seconds
}

/** Two stamps at one end of a hop: NaN while not seen. */
interface Hop {
  sender: string
  sent: Seconds
  answered: Seconds
  receiver: string
  received: Seconds
  replied: Seconds
  /** A stamp came twice and differs: a retransmission, or forks. Which belongs to which is unknown. */
  doubtful: boolean
  seen: Seconds
}

/** server − peer is within [low, high]. */
interface Pair {
  readonly server: string
  readonly peer: string
  readonly low: Seconds
  readonly high: Seconds
  readonly taken: Seconds
  /** When an exchange last said the same. */
  seen: Seconds
}

/**
 * Compares servers' clocks by what is in their traces. One request and its final response between A and B
 * are an NTP exchange (RFC 5905 §8): A's clock has B's stamps between its own two. Exchanges of one pair
 * are not averaged: the narrowest of the last minutes is told.
 */
export class TraceClocks {
  now: Seconds = 0
  readonly #seed: number
  readonly #hops = new Map<Fingerprint, Hop>()
  readonly #pairs = new Map<string, Pair>()
  /**
   * Only hops whose fingerprint is below are remembered. It is halved when they become too many, so that of
   * two traces of any length the same hops are kept.
   */
  #below = WHOLE
  #pruned: Seconds = 0

  constructor(seed: number) {
    this.#seed = seed
  }

  message(message: SipMessage, server: string): void {
    const { status, method, direction, stamp } = message
    if (server === '' || server === OTHER_SERVERS) return
    if (direction === '' || Number.isNaN(stamp)) return
    if ((status > 0 && status < 200) || method === 'ACK' || method === 'CANCEL') return
    if (message.branchTo <= message.branchFrom) return
    const { text, callIdFrom, callIdTo, branchFrom, branchTo, cseq } = message
    // Not all senders make their branches unique, as RFC 3261 §8.1.1.7 wants it.
    const branch = fingerprint(text, branchFrom, branchTo, this.#seed)
    const call = fingerprint(text, callIdFrom, callIdTo, branch)
    const key = within(call, cseq * methods.length + methods.indexOf(method))
    if (key >= this.#below) return
    const hop = this.#hop(key)
    if (status === 0) {
      if (direction === 'outgoing') this.#send(hop, 'sent', server, stamp)
      else this.#receive(hop, 'received', server, stamp)
    } else if (direction === 'outgoing') this.#receive(hop, 'replied', server, stamp)
    else this.#send(hop, 'answered', server, stamp)
    this.#compare(hop)
  }

  /** Every pair both ways round. */
  offsets(): readonly TraceOffset[] {
    return [...this.#pairs.values()]
      .filter(({ seen }) => this.now - seen <= OFFSET_AGE)
      .flatMap(({ server, peer, low, high }) => {
        const offset = (low + high) / 2
        const error = (high - low) / 2
        return [
          { server, peer, offset, error },
          { server: peer, peer: server, offset: -offset, error },
        ]
      })
  }

  #hop(key: Fingerprint): Hop {
    const known = this.#hops.get(key)
    if (known) return known
    if (this.#hops.size >= MAX_HOPS || this.now - this.#pruned > HOP_AGE) this.#prune()
    const hop: Hop = {
      sender: '',
      sent: Number.NaN,
      answered: Number.NaN,
      receiver: '',
      received: Number.NaN,
      replied: Number.NaN,
      doubtful: false,
      seen: this.now,
    }
    this.#hops.set(key, hop)
    return hop
  }

  #send(hop: Hop, which: 'sent' | 'answered', server: string, stamp: Seconds): void {
    const differs = !Number.isNaN(hop[which]) && hop[which] !== stamp
    if (differs || (hop.sender !== '' && hop.sender !== server)) hop.doubtful = true
    hop.sender = server
    hop[which] = stamp
  }

  #receive(hop: Hop, which: 'received' | 'replied', server: string, stamp: Seconds): void {
    const differs = !Number.isNaN(hop[which]) && hop[which] !== stamp
    if (differs || (hop.receiver !== '' && hop.receiver !== server)) hop.doubtful = true
    hop.receiver = server
    hop[which] = stamp
  }

  /** A's two stamps enclose B's: server − peer (B − A) is at least B's last − A's last, at most first − first. */
  #compare({ sender, receiver, sent, answered, received, replied, doubtful }: Hop): void {
    if (doubtful || sender === '' || receiver === '' || sender === receiver) return
    // One may be missing. Where B's clock was set in between, there is no interval that holds both.
    const stamps = [received, replied].filter(stamp => !Number.isNaN(stamp))
    const first = Math.min(...stamps)
    const last = Math.max(...stamps)
    const low = last - answered - STAMP_SLACK
    const high = first - sent + STAMP_SLACK
    if (!(low <= high)) return
    const now = { taken: this.now, seen: this.now }
    // One order for each pair, whoever sent the request.
    if (sender < receiver) this.#keep({ server: receiver, peer: sender, low, high, ...now })
    else this.#keep({ server: sender, peer: receiver, low: -high, high: -low, ...now })
  }

  #keep(pair: Pair): void {
    const key = JSON.stringify([pair.server, pair.peer])
    const known = this.#pairs.get(key)
    if (!known && this.#pairs.size >= MAX_PAIRS) return
    const isNarrower = !known || pair.high - pair.low <= known.high - known.low
    const contradicts = known && (pair.low > known.high || pair.high < known.low)
    const isOld = known && this.now - known.taken > FRESH
    if (isNarrower || contradicts || isOld) this.#pairs.set(key, pair)
    else known.seen = this.now
  }

  #prune(): void {
    const { now } = this
    if (now - this.#pruned > HOP_AGE) {
      for (const [key, hop] of this.#hops) if (now - hop.seen > HOP_AGE) this.#hops.delete(key)
      this.#below = WHOLE
      this.#pruned = now
    }
    while (this.#hops.size >= MAX_HOPS) {
      this.#below /= 2
      for (const key of this.#hops.keys()) if (key >= this.#below) this.#hops.delete(key)
    }
  }
}
