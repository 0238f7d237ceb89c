import { isIP } from 'node:net'
import { connect } from '../../src/net/connection.js'
import { exchangeDatagram } from '../../src/net/datagram.js'
import { failure } from '../../src/net/failure.js'
import type { Platform } from '../../src/net/platform.js'
import type { Clock } from '../../src/time/clock.js'
import { durationNs, monoNs, unixNs } from '../../src/time/units.js'
import { type ReplyFields, replyTo } from './replies.js'

const MILLISECOND = 1_000_000n
/** The wall clock of these tests − the monotonic clock. */
export const WALL = 1_700_000_000_000_000_000n

/**
 * Real sockets, a real monotonic clock, a wall clock that is set by hand, and deadlines that pass
 * when they are told to.
 */
export class LoopbackPlatform implements Platform {
  /** Added to the wall clock. */
  wallJump = 0n
  /** The timeouts asked for, whose time is not up. */
  readonly deadlines: { readonly delay: bigint; readonly run: () => void }[] = []
  readonly cookies: Uint8Array[] = []

  readonly clock: Clock = {
    mono: () => monoNs(process.hrtime.bigint()),
    wall: () => {
      const wall = process.hrtime.bigint() + WALL + this.wallJump
      return unixNs(wall - (wall % MILLISECOND))
    },
    uptime: () => ({ since: durationNs(process.hrtime.bigint()), resolution: durationNs(0n) }),
  }

  readonly timers: Platform['timers'] = {
    after: (delay, run) => {
      const deadline = { delay, run }
      this.deadlines.push(deadline)
      return () => {
        const at = this.deadlines.indexOf(deadline)
        if (at >= 0) this.deadlines.splice(at, 1)
      }
    },
  }

  /** All time is up. */
  expire(): void {
    for (const { run } of this.deadlines.splice(0)) run()
  }

  randomBytes(count: number): Uint8Array {
    const bytes = new Uint8Array(count).fill(this.cookies.length + 1)
    this.cookies.push(bytes)
    return bytes
  }

  resolve: Platform['resolve'] = async host => {
    const family = isIP(host)
    if (family === 4 || family === 6) return { ok: true, address: host, family }
    return failure('dns', `no address of ${host}`)
  }

  exchangeDatagram: Platform['exchangeDatagram'] = call => exchangeDatagram(this.clock, call)

  connect: Platform['connect'] = call => connect(this.clock, call)

  isQuiet(): boolean {
    return true
  }

  async askWitness(): Promise<undefined> {
    return undefined
  }

  /** What a server whose clock is {@link WALL} ahead of our monotonic clock answers just now. */
  reply(request: Uint8Array, fields: ReplyFields = {}): Uint8Array {
    return replyTo(request, unixNs(this.clock.mono() + WALL), fields)
  }
}
