import { type Socket, createSocket } from 'node:dgram'
import { HEADER_BYTES, encodeReply, referenceIdOf } from '../protocol/ntp.js'
import type { Clock } from '../time/clock.js'
import { readWall } from '../time/tick.js'
import { midpoint } from '../time/interval.js'
import { type DurationNs, type UnixNs, durationNs, milliseconds, unixNs } from '../time/units.js'

/** How a simulated server behaves at an instant. */
export interface Behaviour {
  readonly up: boolean
  /** Its clock − true time. */
  readonly offset: DurationNs
  /** Whether it claims to be kept by a time source. */
  readonly synchronized: boolean
}

const LOCALHOST = '127.0.0.1'
/** 2^-20 s: what an ordinary server announces. */
const PRECISION = -20
const ROOT = milliseconds(1)

/** Our wall clock as it is now, carried on by the monotonic one: what is true in the demo. */
export const trueTimeOf = (clock: Clock): (() => UnixNs) => {
  const offset = midpoint(readWall(clock).offset)
  return () => unixNs(clock.mono() + offset)
}

const RIGHT: Behaviour = { up: true, offset: durationNs(0n), synchronized: true }

/** An NTP server on loopback whose clock is what the demo says it is. */
export class SimulatedServer {
  readonly #socket: Socket = createSocket('udp4')
  readonly #now: () => UnixNs
  readonly #behaviourAt: (at: UnixNs) => Behaviour

  /** `now` is true time; a server without a behaviour of its own is right. */
  constructor(now: () => UnixNs, behaviourAt: (at: UnixNs) => Behaviour = () => RIGHT) {
    this.#now = now
    this.#behaviourAt = behaviourAt
    this.#socket.on('message', (request, from) => this.#answer(request, from.port))
  }

  /** Its port, from now on. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once('error', reject).bind(0, LOCALHOST, resolve)
    })
    return this.#socket.address().port
  }

  #answer(request: Uint8Array, port: number): void {
    const { up, offset, synchronized } = this.#behaviourAt(this.#now())
    if (!up || request.length < HEADER_BYTES) return
    const now = (): UnixNs => unixNs(this.#now() + offset)
    const receive = now()
    const reply = encodeReply(request, {
      leap: synchronized ? 0 : 3,
      stratum: synchronized ? 2 : 0,
      precision: PRECISION,
      rootDelay: ROOT,
      rootDispersion: ROOT,
      referenceId: referenceIdOf(synchronized ? 'GPS' : 'INIT'),
      receive,
      transmit: now(),
    })
    this.#socket.send(reply, port, LOCALHOST)
  }
}
