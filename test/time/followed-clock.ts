import {
  COOKIE_BYTES,
  decodeReply,
  encodeReply,
  encodeRequest,
  exchangeInterval,
} from '../../src/protocol/ntp.js'
import type { Reading } from '../../src/time/tracker.js'
import { durationNs, monoNs, unixNs } from '../../src/time/units.js'

const PPB = 1_000_000_000n
/** Unix time less our monotonic clock, when a server is right. */
export const EPOCH = 1_700_000_000_000_000_000n

const cookie = new Uint8Array(COOKIE_BYTES).fill(0xa5)

/** One exchange, as the network and the server make it; all in ns. */
export interface Delays {
  readonly forward: bigint
  readonly inside: bigint
  readonly back: bigint
}

/** A server whose clock is known exactly, and which can be asked over NTP without a network. */
export class FollowedClock {
  #offset: bigint
  /** 1000 is one ppm. */
  #ratePpb: bigint
  #since = 0n
  readonly #precision: number

  constructor(offset: bigint, ratePpb: number, precision = -23) {
    this.#offset = offset
    this.#ratePpb = BigInt(ratePpb)
    this.#precision = precision
  }

  /** (Its clock − our monotonic clock) when ours shows `at`, cut to a nanosecond. */
  truth(at: bigint): bigint {
    const drifted = this.#ratePpb * (at - this.#since)
    const cut = drifted < 0n ? (drifted - PPB + 1n) / PPB : drifted / PPB
    return EPOCH + this.#offset + cut
  }

  /** From `at` on it runs off at another rate. */
  slew(at: bigint, ratePpb: number): void {
    this.#offset = this.truth(at) - EPOCH
    this.#since = at
    this.#ratePpb = BigInt(ratePpb)
  }

  step(size: bigint): void {
    this.#offset += size
  }

  /** One reading through the real bytes; undefined where its stamps are impossible. */
  read(sent: bigint, { forward, inside, back }: Delays): Reading | undefined {
    const received = sent + forward + inside + back
    const reply = encodeReply(encodeRequest(cookie), {
      leap: 0,
      stratum: 2,
      precision: this.#precision,
      rootDelay: durationNs(0n),
      rootDispersion: durationNs(0n),
      referenceId: 0,
      receive: unixNs(this.#stamp(sent + forward)),
      transmit: unixNs(this.#stamp(sent + forward + inside)),
    })
    const decoded = decodeReply(reply, cookie)
    if (!decoded.ok) throw new Error(decoded.reason)
    const at = monoNs(received)
    const interval = exchangeInterval({ sent: monoNs(sent), received: at, packet: decoded.packet })
    return interval && { at, interval }
  }

  /** What the server reads of its own clock: cut to its resolution. */
  #stamp(at: bigint): bigint {
    const now = at + this.truth(at)
    const resolution = BigInt(Math.floor(1e9 * 2 ** this.#precision))
    return resolution > 1n ? now - (now % resolution) : now
  }
}
