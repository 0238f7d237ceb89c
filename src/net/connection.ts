import { type Socket, connect as connectTcp } from 'node:net'
import { type TLSSocket, connect as connectTls, createSecureContext } from 'node:tls'
import type { Clock } from '../time/clock.js'
import { endedBy } from './deadline.js'
import { type Failure, failure, failureOf } from './failure.js'
import { ReplyBuffer } from './reply-buffer.js'
import type {
  ConnectCall,
  ConnectResult,
  Connection,
  SecureCall,
  SecureResult,
  StreamCall,
  StreamResult,
} from './platform.js'

/** How long a peer has to close its side, and how much it may still say meanwhile. */
const LINGER_MS = 1000
const LINGER_BYTES = 256 * 1024

/** How many exchanges are under way, for whoever would disturb their stamps. */
export interface Load {
  underWay: number
}

/** A TCP connection to read a clock over: what is small is sent at once (RFC 9293 §3.7.4 is off). */
export const connect = (
  clock: Clock,
  { to, port, signal }: ConnectCall,
  load: Load = { underWay: 0 },
): Promise<ConnectResult> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve(endedBy(signal, 'connection'))
    const { address: host, family } = to
    const socket = connectTcp({ host, port, family, noDelay: true, autoSelectFamily: false })
    const finish = (result: ConnectResult): void => {
      signal.removeEventListener('abort', giveUp)
      socket.off('connect', connected).off('error', fail)
      if (!result.ok) abandon(socket)
      resolve(result)
    }
    const giveUp = (): void => finish(endedBy(signal, 'connection'))
    const fail = (error: Error): void => finish(failureOf(error))
    const connected = (): void =>
      finish({ ok: true, connection: new NodeConnection(clock, socket, load) })
    signal.addEventListener('abort', giveUp, { once: true })
    socket.once('error', fail).once('connect', connected)
  })

/** No event of the socket reaches us any more; an error on its way has no meaning. */
const abandon = (socket: Socket): void => {
  socket.removeAllListeners()
  socket.on('error', () => undefined)
  socket.destroy()
}

/** What is under way on a connection. */
interface Waiting {
  readonly onData: (chunk: Uint8Array) => void
  readonly onEnd: (why: Failure) => void
}

const CLOSED = failure('protocol', 'the server closed the connection without an answer')
const UNASKED = failure('protocol', 'the server spoke before it was asked')
const GIVEN_UP = failure('aborted', 'the connection was closed by us')
const CUT_SHORT = failure('protocol', 'the server closed the connection within its answer')

class NodeConnection implements Connection {
  isOpen = true
  readonly #clock: Clock
  readonly #load: Load
  #socket: Socket
  #waiting: Waiting | undefined
  /** Why it is of no more use. */
  #why = CLOSED

  constructor(clock: Clock, socket: Socket, load: Load) {
    this.#clock = clock
    this.#load = load
    this.#socket = socket
    this.#listen(socket)
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#waiting) this.#waiting.onData(chunk)
      else this.#refuseMore()
    })
    socket.on('end', () => this.#ended(CLOSED))
    socket.on('close', () => this.#ended(CLOSED))
    // What breaks a connection that stood is an answer of a kind: no port is closed.
    socket.on('error', (error: Error) => this.#ended(failure('protocol', error.message)))
  }

  #ended(why: Failure): void {
    this.isOpen = false
    this.#waiting?.onEnd(why)
  }

  /** Who talks unasked would answer the next question with it, and may never stop. */
  #refuseMore(): void {
    this.isOpen = false
    this.#why = UNASKED
    this.#socket.pause()
  }

  /**
   * What the peer sent before it was asked may lie in the kernel while we were busy. So the event loop looks for
   * it first: taken for the answer it would be stamped from before the request.
   */
  async exchange<T>(call: StreamCall<T>): Promise<StreamResult<T>> {
    await new Promise<void>(resolve => setImmediate(resolve))
    if (call.signal.aborted) return endedBy(call.signal, 'reply')
    return this.isOpen ? this.#ask(call) : this.#why
  }

  #ask<T>({ request, accept, limit, signal }: StreamCall<T>): Promise<StreamResult<T>> {
    return new Promise(resolve => {
      this.#load.underWay++
      const reply = new ReplyBuffer(limit)
      const finish = (result: StreamResult<T>): void => {
        this.#waiting = undefined
        this.#load.underWay--
        signal.removeEventListener('abort', giveUp)
        if (!result.ok) this.#break()
        resolve(result)
      }
      const giveUp = (): void => finish(endedBy(signal, 'reply'))
      const judge = (ended: boolean): boolean => {
        const value = accept(reply.bytes, this.#clock.mono(), ended)
        if (value !== undefined) finish({ ok: true, sent, value })
        return value !== undefined
      }
      signal.addEventListener('abort', giveUp, { once: true })
      this.#waiting = {
        onData: chunk => {
          const whole = reply.add(chunk)
          if (!judge(false) && !whole) finish(failure('protocol', `an answer above ${limit} bytes`))
        },
        onEnd: why => {
          if (reply.bytes.length === 0 || why === GIVEN_UP) finish(why)
          else if (!judge(true)) finish(CUT_SHORT)
        },
      }
      const sent = this.#clock.mono()
      this.#socket.write(request)
    })
  }

  secure({ serverName, signal }: SecureCall): Promise<SecureResult> {
    return new Promise(resolve => {
      if (signal.aborted) return resolve(endedBy(signal, 'TLS handshake'))
      if (!this.isOpen) return resolve(this.#why)
      const plain = this.#socket
      plain.removeAllListeners()
      const secured = tlsOver(plain, serverName)
      const finish = (result: SecureResult): void => {
        signal.removeEventListener('abort', giveUp)
        secured.removeAllListeners()
        this.#socket = secured
        if (result.ok) this.#listen(secured)
        else this.#break()
        resolve(result)
      }
      const giveUp = (): void => finish(endedBy(signal, 'TLS handshake'))
      const fail = (error?: Error): void =>
        finish(failure('tls', error?.message ?? 'the server closed it during the handshake'))
      signal.addEventListener('abort', giveUp, { once: true })
      secured.once('error', fail).once('close', () => fail())
      secured.once('secureConnect', () => {
        const { raw } = secured.getPeerCertificate(false)
        finish({ ok: true, certificate: raw })
      })
    })
  }

  /** After a failure nobody knows what the peer may still say. */
  #break(): void {
    this.isOpen = false
    abandon(this.#socket)
  }

  close(farewell?: Uint8Array): void {
    this.#waiting?.onEnd(GIVEN_UP)
    const socket = this.#socket
    if (socket.destroyed) return
    this.isOpen = false
    socket.removeAllListeners()
    socket.on('error', () => undefined)
    if (socket.readableEnded) return socket.destroySoon()
    let heard = 0
    const timer = setTimeout(() => socket.destroy(), LINGER_MS)
    timer.unref()
    socket.on('data', ({ length }: Uint8Array) => {
      if ((heard += length) > LINGER_BYTES) socket.destroy()
    })
    socket.once('close', () => clearTimeout(timer))
    // Both sides have then said that they are done, and neither sees a reset.
    socket.once('end', () => socket.destroySoon())
    socket.resume()
    if (farewell) socket.end(farewell)
    else socket.end()
  }
}

/**
 * A wrong clock makes verification fail, and that clock is what we are here to read; nothing that is
 * told over the connection is trusted but for the stamp that it is judged by. Old servers know TLS 1.0 only,
 * which OpenSSL speaks at security level 0.
 */
const tlsOver = (socket: Socket, serverName: string | undefined): TLSSocket =>
  connectTls({
    socket,
    secureContext,
    rejectUnauthorized: false,
    ...(serverName !== undefined && { servername: serverName }),
  })

/** One for all: it is made of what never changes, and takes longer to make than a request. */
const secureContext = createSecureContext({ minVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' })
