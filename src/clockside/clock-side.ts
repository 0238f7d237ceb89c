import type { Config } from '../config/config.js'
import type { Module } from '../config/modules.js'
import { setMaxListeners } from 'node:events'
import { withDeadline } from '../net/deadline.js'
import { watchedPlatform } from '../net/around.js'
import { failure } from '../net/failure.js'
import { Recording } from '../net/recording.js'
import type { Log } from '../net/log.js'
import type { Platform } from '../net/platform.js'
import { Pools } from '../pools/pools.js'
import type { ServerOptions } from '../pools/server.js'
import { readBurst } from '../probers/burst.js'
import type { ProbeResult } from '../probers/prober.js'
import { openProbe } from '../probers/table.js'
import { HostClock } from '../reference/host-clock.js'
import { Reference } from '../reference/reference.js'
import { Witness } from '../reference/witness.js'
import type { HostEvent } from '../time/wall-watch.js'
import { type DurationNs, elapsed, toSeconds } from '../time/units.js'
import { judged } from './one-reading.js'
import { ProbeSessions } from './probe-sessions.js'
import { report } from './report.js'
import type { OneReading, Snapshot } from './snapshot.js'

/** One reading on demand. */
export interface ProbeRequest {
  readonly host: string
  readonly module: Module
  /** For all of it; each reading has at most the module's own timeout. */
  readonly timeout: DurationNs
  /** The most readings taken as one (1 if absent). */
  readonly burst?: number
  /** With the exchange told, and nothing kept from readings before or for later ones. */
  readonly debug?: boolean
}

type ProbeWork = Pick<ProbeRequest, 'host' | 'module' | 'burst'>

/** Reference, probers and pools together: all of it that runs in the clock thread. */
export class ClockSide {
  readonly #platform: Platform
  readonly #log: Log
  readonly #reference: Reference
  readonly #pools: Pools
  readonly #host: HostClock
  readonly #abort = new AbortController()
  readonly #sessions: ProbeSessions
  #witness: Witness

  constructor(platform: Platform, log: Log, config: Config) {
    // A VM that was paused shows as all clocks jumping: the references tell it from a server's step.
    const onStep = (): void => this.#reference.suspect()
    setMaxListeners(0, this.#abort.signal)
    this.#host = new HostClock(platform, event => this.#hostEvent(event))
    this.#platform = this.#watching(platform)
    this.#sessions = new ProbeSessions(this.#platform)
    this.#log = log
    this.#reference = new Reference(this.#platform, log, config.reference)
    this.#witness = new Witness(this.#platform, this.#reference, config.reference)
    this.#pools = new Pools(this.#platform, log, onStep)
    this.#pools.apply(serversOf(config))
  }

  apply(config: Config): void {
    this.#reference.apply(config.reference)
    if (!this.#witness.asksBy(config.reference)) {
      this.#witness.stop()
      this.#witness = new Witness(this.#platform, this.#reference, config.reference)
    }
    this.#pools.apply(serversOf(config))
  }

  snapshot(): Snapshot {
    // A sleep that ended a moment ago must be seen before anything from before it is told.
    this.#host.check()
    return report({
      platform: this.#platform,
      reference: this.#reference,
      witness: this.#witness,
      host: this.#host,
      servers: this.#pools.servers,
    })
  }

  /** Every reference server was asked with a burst, and answered or not. */
  settled(): Promise<void> {
    return this.#reference.settled()
  }

  async probe({ timeout, debug = false, ...request }: ProbeRequest): Promise<OneReading> {
    const { clock, timers } = this.#platform
    const recording = debug ? new Recording(this.#platform) : undefined
    const started = clock.mono()
    const result = await withDeadline(timers, timeout, this.#abort.signal, signal =>
      recording ? readRecorded(recording, request, signal) : this.#read(request, signal),
    )
    this.#host.check()
    const now = clock.mono()
    const trueTime = this.#reference.consensus(now).interval
    const reading = judged(result, trueTime, now, toSeconds(elapsed(started, now)))
    return recording ? { ...reading, trace: recording.lines } : reading
  }

  #read({ host, module, burst = 1 }: ProbeWork, signal: AbortSignal): Promise<ProbeResult> {
    return this.#sessions.use(host, module, session => readBurst(session, burst, signal))
  }

  stop(): void {
    this.#abort.abort()
    this.#sessions.forget()
    this.#witness.stop()
    this.#host.stop()
    this.#reference.stop()
    this.#pools.stop()
  }

  /** The platform, with a look at our own clocks around each exchange: none may hide a sleep. */
  #watching(platform: Platform): Platform {
    return watchedPlatform(platform, async run => {
      this.#host.glance()
      const { suspends } = this.#host
      const result = await run()
      this.#host.glance()
      return this.#host.suspends === suspends
        ? result
        : failure('aborted', 'this machine slept during the exchange')
    })
  }

  #hostEvent({ kind, size }: HostEvent): void {
    const bySeconds = toSeconds(size)
    if (kind === 'step') {
      this.#log('warn', "this machine's wall clock was set", { bySeconds })
      return
    }
    this.#log('warn', 'this machine slept: true time and all clocks are taken again', { bySeconds })
    this.#reference.restart()
    this.#pools.restart()
    this.#sessions.forget()
  }
}

const readRecorded = async (
  recording: Recording,
  { host, module, burst = 1 }: ProbeWork,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const trace = (line: string): void => recording.note(line)
  const session = openProbe(recording.platform, { host, module, trace })
  return readBurst(session, burst, signal).finally(() => session.close())
}

const serversOf = ({ pools }: Config): readonly ServerOptions[] =>
  pools.flatMap(({ name: pool, interval, servers }) =>
    servers.map(({ name, address, modules }) => ({ pool, name, address, modules, interval })),
  )
