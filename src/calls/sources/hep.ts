import { type Socket, createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type Server, type Socket as TcpSocket, createServer } from 'node:net'
import type { SourceConfig } from '../../config/sources.js'
import { formatListenAddress } from '../../config/endpoint.js'
import type { Log } from '../../net/log.js'
import { HepStream } from '../../protocol/hep-stream.js'
import type { Inlet, SourceCounts } from '../pool-calls.js'
import { HepCounter } from './hep-counter.js'
import { kernelDrops } from './kernel-drops.js'
import { type SavedSource, type Source, type SourceStatus, noCounts } from './source.js'

/** Asked of the kernel, which gives what it allows: for a second of 20,000 packets. */
const RECEIVE_BUFFER_BYTES = 16 * 1024 * 1024
const MAX_CONNECTIONS = 64
/** A sender that says nothing for so long is gone; it connects again. */
const IDLE_MS = 600_000

type HepConfig = SourceConfig<'hep'>

/**
 * SIP messages that capture agents send (HEP3). UDP packets that the kernel had no room for are counted as
 * dropped where it tells how many: on Linux. What was received and not yet durable when the process is
 * killed is lost, since no sender of HEP keeps it.
 */
export class HepSource implements Source {
  readonly every = 1
  readonly #config: HepConfig
  readonly #log: Log
  readonly #counts: SourceCounts
  readonly #counter: HepCounter
  readonly #connections = new Set<TcpSocket>()
  #listener: { readonly port: number; readonly close: () => void } | undefined
  /** What the kernel had dropped when it was last asked; other sockets' of this port included. */
  #drops: number | undefined
  #detail: string | undefined = 'not listening yet'

  constructor(config: HepConfig, pool: Inlet, log: Log, saved: SavedSource | undefined) {
    const { readBytes, ...counts } = saved?.counts ?? noCounts()
    this.#config = config
    this.#log = log
    this.#counts = counts
    this.#counter = new HepCounter(pool.sink(counts), counts, readBytes)
  }

  /** Packets come by themselves; a round listens where that has failed, and asks what was dropped. */
  async round(): Promise<{ readonly more: boolean }> {
    if (!this.#listener) await this.#listen()
    if (this.#listener && this.#config.transport === 'udp') {
      const drops = await kernelDrops(this.#listener.port)
      const more = (drops ?? 0) - (this.#drops ?? drops ?? 0)
      if (more > 0) this.#counts.dropped += more
      this.#drops = drops
    }
    return { more: false }
  }

  save(): unknown {
    return null
  }

  status(): SourceStatus {
    return {
      ...this.#counts,
      up: this.#listener !== undefined,
      detail: this.#detail,
      readBytes: this.#counter.readBytes,
      lagBytes: undefined,
      files: undefined,
    }
  }

  async close(): Promise<void> {
    this.#listener?.close()
    this.#listener = undefined
    for (const connection of this.#connections) connection.destroy()
  }

  async #listen(): Promise<void> {
    const where = formatListenAddress(this.#config.listen)
    try {
      this.#listener =
        this.#config.transport === 'udp' ? await this.#listenUdp() : await this.#listenTcp()
      this.#drops = await kernelDrops(this.#listener.port)
      this.#detail = undefined
      this.#log('info', 'HEP is received', { listen: where, port: this.#listener.port })
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      if (this.#detail !== detail) {
        this.#log('error', 'HEP cannot be received', { listen: where, detail })
      }
      this.#detail = detail
    }
  }

  async #listenUdp(): Promise<{ port: number; close: () => void }> {
    const { host, port } = this.#config.listen
    const socket = await bound(host, port)
    socket.on('message', bytes => this.#counter.receive(bytes))
    socket.on('error', error => this.#lost(error, () => socket.close()))
    return { port: socket.address().port, close: () => socket.close() }
  }

  async #listenTcp(): Promise<{ port: number; close: () => void }> {
    const { host, port } = this.#config.listen
    const server: Server = createServer(connection => this.#accept(connection))
    server.maxConnections = MAX_CONNECTIONS
    server.on('drop', () => void this.#counts.dropped++)
    server.listen(port, host)
    await once(server, 'listening')
    server.on('error', error => this.#lost(error, () => server.close()))
    const address = server.address()
    const taken = typeof address === 'object' && address ? address.port : port
    return { port: taken, close: () => server.close() }
  }

  #lost(error: Error, close: () => void): void {
    if (!this.#listener) return
    this.#log('error', 'HEP is no longer received', { detail: error.message })
    this.#detail = error.message
    this.#listener = undefined
    close()
  }

  /** Bytes that are no HEP end a connection: where the next packet begins cannot be known. */
  #accept(connection: TcpSocket): void {
    this.#connections.add(connection)
    const stream = new HepStream(packet => this.#counter.receive(packet))
    connection.setTimeout(IDLE_MS, () => connection.destroy())
    connection.on('data', bytes => {
      if (stream.push(bytes).ok) return
      this.#counts.dropped++
      connection.destroy()
    })
    connection.on('end', () => {
      if (!stream.end().ok) this.#counts.dropped++
    })
    // A reset is how some senders leave.
    connection.on('error', () => connection.destroy())
    connection.on('close', () => this.#connections.delete(connection))
  }
}

/** Every address means both families, or IPv4 alone where the machine has no IPv6. */
const bound = async (host: string | undefined, port: number): Promise<Socket> => {
  const type = host === undefined || host.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket(type)
  try {
    socket.bind(port, host)
    await once(socket, 'listening')
    widen(socket)
    return socket
  } catch (error) {
    socket.close()
    const noIpv6 = error instanceof Error && 'code' in error && error.code === 'EAFNOSUPPORT'
    if (host !== undefined || !noIpv6) throw error
    return bound('0.0.0.0', port)
  }
}

/** Linux gives what it allows of it; other systems refuse more than they allow, and keep what there is. */
const widen = (socket: Socket): void => {
  for (let bytes = RECEIVE_BUFFER_BYTES; bytes >= 64 * 1024; bytes /= 2) {
    try {
      return socket.setRecvBufferSize(bytes)
    } catch {
      continue
    }
  }
}
