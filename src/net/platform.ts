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

/** Where to connect to over TCP. */
export interface ConnectCall {
  readonly to: Address
  readonly port: number
  readonly signal: AbortSignal
}

export type ConnectResult = { readonly ok: true; readonly connection: Connection } | Failure

/** One request and its reply on a connection. */
export interface StreamCall<T> {
  readonly request: Uint8Array
  /**
   * Judges all that came since the request, again at each piece; undefined waits for more. `received`
   * is when the newest piece was in hand. `ended`: the peer closed, and no more will come.
   */
  readonly accept: (reply: Uint8Array, received: MonoNs, ended: boolean) => T | undefined
  /** The most bytes of a reply that are kept; a longer one is no answer (`protocol`). */
  readonly limit: number
  readonly signal: AbortSignal
}

/** `sent` is when the request was about to be handed over. */
export type StreamResult<T> = DatagramResult<T>

export interface SecureCall {
  /** For SNI; none is sent where it is undefined. */
  readonly serverName?: string | undefined
  readonly signal: AbortSignal
}

/** `certificate` is the server's own, in DER; it was not verified. */
export type SecureResult =
  { readonly ok: true; readonly certificate: Uint8Array | undefined } | Failure

/** A TCP connection, with TLS inside it once `secure` was called. It does one thing at a time. */
export interface Connection {
  /** False once the peer has closed it, or it broke. */
  readonly isOpen: boolean
  /** What came unasked before is thrown away. After a failure the connection is of no more use. */
  exchange<T>(call: StreamCall<T>): Promise<StreamResult<T>>
  /** TLS from here on, of any version from 1.0, and no certificate is verified: see the README. */
  secure(call: SecureCall): Promise<SecureResult>
  /** Sends what is left to say, and closes in an orderly way. Harmless when it is closed. */
  close(farewell?: Uint8Array): void
}

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
  /** Ends when `signal` does, as an exchange does. */
  connect(call: ConnectCall): Promise<ConnectResult>
  /** True while no exchange is under way, so that spinning for a tick delays no stamp. */
  isQuiet(): boolean
  /** The same server asked by a client that others wrote; IPv4 only. Undefined where it fails. */
  askWitness(to: Address, port: number, timeout: DurationNs): Promise<WitnessStamps | undefined>
}
