import type { Clock } from '../time/clock.js'
import type { DurationNs, MonoNs, UnixNs } from '../time/units.js'
import type { Failure } from './failure.js'

/** Stops what was scheduled; harmless when it has run. */
export type Cancel = () => void

export interface Timers {
  /** Runs once, not before `delay` has passed. */
  after(delay: DurationNs, run: () => void): Cancel
}

/** An IP address, never a name. */
export interface Address {
  readonly address: string
  readonly family: 4 | 6
}

/** One request and its reply over UDP. */
export interface DatagramCall<T> {
  readonly to: Address
  readonly port: number
  readonly request: Uint8Array
  /** Judges each datagram; undefined throws it away, and the true reply is still awaited. */
  readonly accept: (reply: Uint8Array, received: MonoNs) => T | undefined
  readonly signal: AbortSignal
}

export type DatagramResult<T> =
  { readonly ok: true; readonly sent: MonoNs; readonly value: T } | Failure

/** Two stamps of a server, cut down to a whole millisecond, as the witness gives them. */
export interface WitnessStamps {
  readonly receive: UnixNs
  readonly transmit: UnixNs
}

/**
 * All of the outside world that the clock side touches. The simulation tier has one of its own, with
 * a virtual clock and a virtual network; nothing on the clock side may go around it.
 */
export interface Platform {
  readonly clock: Clock
  readonly timers: Timers
  /** Cryptographically strong: a reply is told from a forgery by it. */
  randomBytes(count: number): Uint8Array
  /** A name's address. An IP address resolves to itself. Ends when `signal` does, with its reason. */
  resolve(host: string, signal: AbortSignal): Promise<({ readonly ok: true } & Address) | Failure>
  /** Ends when `signal` does: `timeout` where its reason says so, else `aborted`. */
  exchangeDatagram<T>(call: DatagramCall<T>): Promise<DatagramResult<T>>
  /** True while no exchange is under way, so that spinning for a tick delays no stamp. */
  isQuiet(): boolean
  /** The same server asked by a client that others wrote; IPv4 only. Undefined where it fails. */
  askWitness(to: Address, port: number, timeout: DurationNs): Promise<WitnessStamps | undefined>
}
