import { endedBy } from '../../src/net/deadline.js'
import type { Failure } from '../../src/net/failure.js'
import type { ProbeResult } from '../../src/probers/prober.js'
import { SecondEdgeSession, type SecondSource } from '../../src/probers/second-edge.js'
import { type DurationNs, durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { type SimServer, World } from './world.js'

const SECOND = 1_000_000_000n

/** Delays between two bounds in milliseconds, the same in each run. */
export const jitter = (least: number, most: number, seed = 1): (() => DurationNs) => {
  let state = seed
  return () => {
    state = Math.imul(state, 48_271) & 0x7fff_ffff
    return milliseconds(least + ((state % 1000) / 1000) * (most - least))
  }
}

export interface Setting {
  readonly server?: Partial<SimServer>
  readonly staleness?: DurationNs
  readonly samples?: number
  readonly timeout?: DurationNs
}

/** A server that tells whole seconds, and a session that aims at their edges. */
export class Seconds {
  readonly world = new World()
  readonly server: SimServer
  readonly session: SecondEdgeSession
  requests = 0
  /** What the server stamps when its clock is at `clock`; cut down to a second afterwards. */
  tell = (clock: bigint): bigint => clock
  /** What it takes to connect, before the request leaves. */
  lead = (): DurationNs => durationNs(0n)
  /** In place of an answer, for the n-th request (from 1). */
  fails: (n: number) => Failure | undefined = () => undefined

  constructor({ server = {}, samples = 1, timeout = seconds(5), ...setting }: Setting = {}) {
    const staleness = setting.staleness ?? durationNs(0n)
    this.server = this.world.add('192.0.2.11', server)
    const source: SecondSource = { ask: signal => this.#answer(signal), close: () => undefined }
    const options = { timeout, staleness, samples }
    this.session = new SecondEdgeSession(this.world.platform, source, options)
  }

  #answer(signal: AbortSignal): ReturnType<SecondSource['ask']> {
    const { world, server } = this
    const failed = this.fails(++this.requests)
    if (failed) return Promise.resolve(failed)
    return new Promise(resolve => {
      const giveUp = (): void => resolve(endedBy(signal, 'reply'))
      signal.addEventListener('abort', giveUp, { once: true })
      world.platform.timers.after(this.lead(), () => {
        const sent = world.mono()
        world.platform.timers.after(server.out(), () => {
          const told = this.tell(world.clockOf(server))
          const stamp = unixNs(told - (((told % SECOND) + SECOND) % SECOND))
          world.platform.timers.after(server.back(), () => {
            signal.removeEventListener('abort', giveUp)
            resolve({ ok: true, sent, received: world.mono(), stamp, facts: {} })
          })
        })
      })
    })
  }

  /** The server's clock − our monotonic clock. */
  truth(): bigint {
    return this.world.clockOf(this.server) - this.world.mono()
  }

  /** One reading; time passes in steps of 5 ms, and `meanwhile` is called before each. */
  async read(meanwhile: () => void = () => undefined): Promise<ProbeResult> {
    const results: ProbeResult[] = []
    void this.session.read(new AbortController().signal).then(one => results.push(one))
    for (let i = 0; i < 4000 && results.length === 0; i++) {
      meanwhile()
      await this.world.pass(milliseconds(5))
    }
    const [result] = results
    if (!result) throw new Error('a reading that does not end')
    return result
  }
}
