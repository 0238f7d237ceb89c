import { printable } from '../protocol/printable.js'
import { type MonoNs, elapsed, toSeconds } from '../time/units.js'
import type { Failure } from './failure.js'
import type { Connection, ConnectResult, Platform } from './platform.js'

/** Of each message so many bytes are shown, and so many a line. */
const SHOWN_BYTES = 256
const BYTES_A_LINE = 32
const MAX_EXCHANGES = 64
/** A server that sends single bytes, or datagrams without end, gets no line for each. */
const MAX_PIECES = 16
const MAX_NOTES = 256
const MAX_NOTE = 500

/** One message that comes in pieces. */
interface Incoming {
  seen: number
  pieces: number
}

/**
 * A platform that remembers what goes over it, for people: bytes in hex, and nothing that came is shown as
 * text. All of it is bounded, whatever a server sends.
 */
export class Recording {
  /** To be read over. */
  readonly platform: Platform
  readonly #inner: Platform
  readonly #started: MonoNs
  readonly #lines: string[] = []
  #exchanges = 0
  #notes = 0

  constructor(inner: Platform) {
    this.#inner = inner
    this.#started = inner.clock.mono()
    this.platform = {
      ...inner,
      resolve: async (host, signal) => {
        const result = await inner.resolve(host, signal)
        this.#say(result.ok ? `${host} is ${result.address}` : `${host}: ${told(result)}`)
        return result
      },
      exchangeDatagram: async call => {
        const { to, port, request } = call
        if (this.#isFull()) return inner.exchangeDatagram(call)
        this.#bytes(`out to UDP ${to.address}:${port}`, request)
        let datagrams = 0
        const accept: typeof call.accept = (reply, received) => {
          if (++datagrams <= MAX_PIECES) this.#bytes('in', reply, received)
          return call.accept(reply, received)
        }
        const result = await inner.exchangeDatagram({ ...call, accept })
        const hidden = datagrams - MAX_PIECES
        if (hidden > 0) this.#say(`in ${hidden} more datagrams`)
        return this.#outcome(result)
      },
      connect: async call => {
        this.#say(`connects to TCP ${call.to.address}:${call.port}`)
        return this.#connected(await inner.connect(call))
      },
    }
  }

  /** What was made of the bytes. */
  note(line: string): void {
    if (this.#notes++ < MAX_NOTES) this.#say(line.slice(0, MAX_NOTE))
  }

  /** Each begins with when it was, from the start on. */
  get lines(): readonly string[] {
    const more = this.#exchanges - MAX_EXCHANGES
    return more > 0 ? [...this.#lines, `${more} more exchanges are not shown`] : this.#lines
  }

  #connected(result: ConnectResult): ConnectResult {
    if (!result.ok) return this.#outcome(result)
    this.#say('connected')
    return { ok: true, connection: this.#recorded(result.connection) }
  }

  #recorded(connection: Connection): Connection {
    return {
      get isOpen() {
        return connection.isOpen
      },
      exchange: async call => {
        if (this.#isFull()) return connection.exchange(call)
        this.#bytes('out', call.request)
        const incoming: Incoming = { seen: 0, pieces: 0 }
        const accept: typeof call.accept = (reply, received, ended) => {
          this.#piece(incoming, reply, received)
          if (ended) this.#say('the server closed the connection', received)
          return call.accept(reply, received, ended)
        }
        const result = await connection.exchange({ ...call, accept })
        const hidden = incoming.pieces - MAX_PIECES
        if (hidden > 0) this.#say(`in ${hidden} more pieces, ${incoming.seen} bytes in all`)
        return this.#outcome(result)
      },
      secure: async call => {
        this.#say(`TLS handshake, ${call.serverName ? `SNI ${call.serverName}` : 'no SNI'}`)
        const result = await connection.secure(call)
        if (result.ok) this.#say(`TLS, certificate of ${result.certificate?.length ?? 0} bytes`)
        return this.#outcome(result)
      },
      close: farewell => {
        if (farewell) this.#bytes('out', farewell)
        this.#say('closes the connection')
        connection.close(farewell)
      },
    }
  }

  #isFull(): boolean {
    return ++this.#exchanges > MAX_EXCHANGES
  }

  #piece(incoming: Incoming, reply: Uint8Array, received: MonoNs): void {
    const piece = reply.subarray(incoming.seen)
    if (piece.length === 0) return
    const shown = Math.max(0, SHOWN_BYTES - incoming.seen)
    incoming.seen = reply.length
    if (++incoming.pieces <= MAX_PIECES) this.#bytes('in', piece, received, shown)
  }

  #outcome<R extends { readonly ok: true } | Failure>(result: R): R {
    if (!result.ok) this.#say(told(result))
    return result
  }

  #bytes(
    what: string,
    bytes: Uint8Array,
    at = this.#inner.clock.mono(),
    most: number = SHOWN_BYTES,
  ): void {
    const shown = bytes.subarray(0, Math.min(most, SHOWN_BYTES))
    const cut = bytes.length > shown.length ? `, the first ${shown.length} shown` : ''
    this.#say(`${what}: ${bytes.length} bytes${cut}`, at)
    for (let from = 0; from < shown.length; from += BYTES_A_LINE) {
      this.#lines.push(`    ${hex(shown.subarray(from, from + BYTES_A_LINE))}`)
    }
  }

  #say(what: string, at = this.#inner.clock.mono()): void {
    const since = toSeconds(elapsed(this.#started, at)).toFixed(6)
    this.#lines.push(`+${since} s  ${printable(what)}`)
  }
}

const told = ({ reason, detail }: Failure): string => `${reason}: ${detail}`

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join(' ')
