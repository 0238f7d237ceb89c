import { endedBy } from '../../src/net/deadline.js'
import { failure } from '../../src/net/failure.js'
import type { DatagramCall, DatagramResult, Platform } from '../../src/net/platform.js'
import { type NtpPacket, encodeReply, referenceIdOf } from '../../src/protocol/ntp.js'
import {
  type DurationNs,
  type MonoNs,
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
}

interface Event {
  readonly at: bigint
  readonly order: number
  readonly run: () => void
}

const START_UNIX = 1_793_000_000n * 1_000_000_000n
const START_MONO = 5_000n * 1_000_000_000n

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

  #exchange<T>({ to, port, request, accept, signal }: DatagramCall<T>): Promise<DatagramResult<T>> {
    return new Promise(resolve => {
      const sent = this.mono()
      if (signal.aborted) return resolve(endedBy(signal, 'reply'))
      signal.addEventListener('abort', () => resolve(endedBy(signal, 'reply')), { once: true })
      const server = this.servers.get(`${to.address}:${port}`) ?? this.servers.get(to.address)
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
    const clock = unixNs(this.trueTime() + this.offsetOf(server))
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
