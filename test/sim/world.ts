import { endedBy } from '../../src/net/deadline.js'
import { type Failure, failure } from '../../src/net/failure.js'
import type {
  ConnectCall,
  ConnectResult,
  Connection,
  DatagramCall,
  DatagramResult,
  Platform,
  StreamCall,
  StreamResult,
} from '../../src/net/platform.js'
import { ReplyBuffer } from '../../src/net/reply-buffer.js'
import { type NtpPacket, encodeReply, referenceIdOf } from '../../src/protocol/ntp.js'
import {
  type DurationNs,
  type MonoNs,
  type UnixNs,
  durationNs,
  milliseconds,
  monoNs,
  seconds,
  unixNs,
} from '../../src/time/units.js'

/** A simulated NTP server. All of it may be changed while the world runs. */
export interface SimServer {
  /** Its clock − true time, ± by its own drift from the world's start on. */
  offset: DurationNs
  driftPpm: number
  /** On the way there and back; called for each packet. */
  out: () => DurationNs
  back: () => DurationNs
  /** Swallows everything while false. */
  up: boolean
  refuses: boolean
  /** Changes the honest reply: unsynchronised, a kiss, other stamps. */
  says: Partial<NtpPacket>
  /** Datagrams to send in place of the honest reply, in this order. */
  instead: ((honest: Uint8Array, request: Uint8Array) => readonly Uint8Array[]) | undefined
  /** When it was asked, on the monotonic clock. */
  readonly asked: MonoNs[]
  /** What answers on a TCP connection, made anew for each; none refuses to connect. */
  converse: (() => Conversation) | undefined
  /** What it shows in a TLS handshake. */
  certificate: Uint8Array | undefined
}

/** Answers what came in one piece, at the server's own time; undefined closes the connection. */
export type Conversation = (request: Uint8Array, clock: UnixNs) => readonly Uint8Array[] | undefined

interface Event {
  readonly at: bigint
  readonly order: number
  readonly run: () => void
}

const START_UNIX = 1_793_000_000n * 1_000_000_000n
const START_MONO = 5_000n * 1_000_000_000n

/** What `work` resolves with, or the signal's failure; nothing is left on the signal afterwards. */
const untilAborted = <T>(
  signal: AbortSignal,
  waitingFor: string,
  work: (resolve: (result: T | Failure) => void) => void,
): Promise<T | Failure> =>
  new Promise(resolve => {
    if (signal.aborted) return resolve(endedBy(signal, waitingFor))
    const giveUp = (): void => finish(endedBy(signal, waitingFor))
    const finish = (result: T | Failure): void => {
      signal.removeEventListener('abort', giveUp)
      resolve(result)
    }
    signal.addEventListener('abort', giveUp, { once: true })
    work(finish)
  })

/**
 * A world with its own clocks and its own network, in which hours pass in moments. True time, this
 * machine's monotonic and wall clocks, and each server's clock are known to the nanosecond.
 */
export class World {
  readonly servers = new Map<string, SimServer>()
  readonly logged: string[] = []
  /** How fast our monotonic clock runs against true time. */
  monoDriftPpm = 0
  /** Our wall clock − true time. */
  wallOffset = durationNs(0n)
  /** Of the time since boot. */
  uptimeResolution = seconds(1)
  resolves: Platform['resolve'] = async host => ({ ok: true, address: host, family: 4 })
  witness: Platform['askWitness'] = async () => undefined
  #now = START_MONO
  #suspended = 0n
  #events: Event[] = []
  #order = 0

  readonly platform: Platform = {
    clock: {
      mono: () => monoNs(this.#now),
      wall: () => unixNs(((this.trueTime() + this.wallOffset) / 1_000_000n) * 1_000_000n),
      uptime: () => {
        const since = this.#now + this.#suspended
        const { uptimeResolution: resolution } = this
        return { since: durationNs(since - (since % resolution)), resolution }
      },
    },
    timers: { after: (delay, run) => this.#at(this.#now + delay, run) },
    randomBytes: count =>
      Uint8Array.from({ length: count }, (_, i) => (this.#order++ * 31 + i) & 255),
    resolve: (host, signal) => this.resolves(host, signal),
    exchangeDatagram: call => this.#exchange(call),
    connect: call => this.#connect(call),
    // Spinning for a tick would spin for ever: this clock stands still while code runs.
    isQuiet: () => false,
    askWitness: (to, port, timeout) => this.witness(to, port, timeout),
  }

  readonly log = (level: string, message: string, fields: object = {}): void => {
    this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
  }

  /** True time at an instant of our monotonic clock; a sleep has gone by in it. */
  trueTime(at: bigint = this.#now): bigint {
    const ran = at - START_MONO
    const drifted = (ran * BigInt(Math.round(this.monoDriftPpm * 1000))) / 1_000_000_000n
    return START_UNIX + ran + drifted + this.#suspended
  }

  mono(): MonoNs {
    return monoNs(this.#now)
  }

  add(name: string, change: Partial<SimServer> = {}): SimServer {
    const server: SimServer = {
      offset: durationNs(0n),
      driftPpm: 0,
      out: () => milliseconds(1),
      back: () => milliseconds(1),
      up: true,
      refuses: false,
      says: {},
      instead: undefined,
      asked: [],
      converse: undefined,
      certificate: undefined,
      ...change,
    }
    this.servers.set(name, server)
    return server
  }

  /** The server's clock − true time, now. */
  offsetOf(server: SimServer): bigint {
    const ran = this.#now - START_MONO
    return server.offset + (ran * BigInt(Math.round(server.driftPpm * 1000))) / 1_000_000_000n
  }

  /** From now on the server's clock runs at another rate. */
  slew(server: SimServer, ppm: number): void {
    const now = this.offsetOf(server)
    server.driftPpm = ppm
    server.offset = durationNs(server.offset + now - this.offsetOf(server))
  }

  /** The machine sleeps: the monotonic clock stands still, everything else goes on. */
  suspend(length: DurationNs): void {
    this.#suspended += length
  }

  /** Lets time pass, event by event, every promise settled in between. */
  async pass(length: DurationNs): Promise<void> {
    const end = this.#now + length
    for (;;) {
      await new Promise<void>(resolve => setImmediate(resolve))
      const next = this.#events[0]
      if (!next || next.at > end) break
      this.#events.shift()
      if (next.at > this.#now) this.#now = next.at
      next.run()
    }
    this.#now = end
  }

  #at(at: bigint, run: () => void): () => void {
    const event = { at, order: this.#order++, run }
    const later = this.#events.findIndex(other => other.at > at)
    this.#events.splice(later < 0 ? this.#events.length : later, 0, event)
    return () => {
      const index = this.#events.indexOf(event)
      if (index >= 0) this.#events.splice(index, 1)
    }
  }

  /** The server at an address and port, or at the address whatever the port. */
  #find(address: string, port: number): SimServer | undefined {
    return this.servers.get(`${address}:${port}`) ?? this.servers.get(address)
  }

  clockOf(server: SimServer): UnixNs {
    return unixNs(this.trueTime() + this.offsetOf(server))
  }

  #connect({ to, port, signal }: ConnectCall): Promise<ConnectResult> {
    return untilAborted<ConnectResult>(signal, 'connection', resolve => {
      const server = this.#find(to.address, port)
      if (!server) return resolve(failure('unreachable', 'no such host'))
      if (!server.up) return
      this.#at(this.#now + server.out() + server.back(), () => {
        if (server.refuses || !server.converse) return resolve(failure('refused', 'port closed'))
        resolve({ ok: true, connection: this.#connection(server, server.converse()) })
      })
    })
  }

  #connection(server: SimServer, converse: Conversation): Connection {
    let isOpen = true
    const exchange = <T>({ request, accept, limit, signal }: StreamCall<T>) =>
      untilAborted<StreamResult<T>>(signal, 'reply', resolve => {
        const sent = this.mono()
        if (!isOpen) return resolve(failure('protocol', 'closed'))
        server.asked.push(sent)
        if (!server.up) return
        const reply = new ReplyBuffer(limit)
        this.#at(this.#now + server.out(), () => {
          const pieces = converse(request, this.clockOf(server))
          if (!pieces) {
            this.#at(this.#now + server.back(), () => resolve(failure('protocol', 'closed')))
            return
          }
          for (const piece of pieces) {
            this.#at(this.#now + server.back(), () => {
              reply.add(piece)
              const value = accept(reply.bytes, this.mono(), false)
              if (value !== undefined) resolve({ ok: true, sent, value })
            })
          }
        })
      }).then(result => {
        if (!result.ok) isOpen = false
        return result
      })
    return {
      get isOpen() {
        return isOpen
      },
      exchange,
      secure: async () => ({ ok: true, certificate: server.certificate }),
      close: () => void (isOpen = false),
    }
  }

  #exchange<T>({ to, port, request, accept, signal }: DatagramCall<T>): Promise<DatagramResult<T>> {
    return untilAborted<DatagramResult<T>>(signal, 'reply', resolve => {
      const sent = this.mono()
      const server = this.#find(to.address, port)
      if (!server) return resolve(failure('unreachable', 'no such host'))
      server.asked.push(sent)
      if (server.refuses) return resolve(failure('refused', 'port closed'))
      if (!server.up) return
      this.#at(this.#now + server.out(), () => {
        for (const reply of this.#replies(server, request)) {
          this.#at(this.#now + server.back(), () => {
            const value = accept(reply, this.mono())
            if (value !== undefined) resolve({ ok: true, sent, value })
          })
        }
      })
    })
  }

  #replies(server: SimServer, request: Uint8Array): readonly Uint8Array[] {
    const clock = this.clockOf(server)
    const honest = encodeReply(request, {
      leap: 0,
      stratum: 2,
      precision: -24,
      rootDelay: durationNs(0n),
      rootDispersion: durationNs(0n),
      referenceId: referenceIdOf('GPS'),
      receive: clock,
      transmit: clock,
      ...server.says,
    })
    return server.instead ? server.instead(honest, request) : [honest]
  }
}

export const hours = (count: number): DurationNs => seconds(count * 3600)
