import type { Config } from '../config/config.js'
import type { Log } from '../net/log.js'
import { CallsThread, StateUnusable } from './calls-thread.js'
import type { PushOutcome } from './keeper.js'
import type { PoolIdentities, PushRequest } from './messages.js'
import type { CallsSnapshot } from './snapshot.js'

/**
 * The calls thread where the configuration has one. `none` is no fault: then there are no series of
 * calls at all.
 */
export class Calls {
  readonly #log: Log
  readonly #onEnd: (error: Error) => void
  #thread: CallsThread | undefined
  #directory: string | undefined

  private constructor(log: Log, onEnd: (error: Error) => void) {
    this.#log = log
    this.#onEnd = onEnd
  }

  /** @throws StateUnusable, CallsThreadSilent */
  static async start(config: Config, log: Log, onEnd: (error: Error) => void): Promise<Calls> {
    const calls = new Calls(log, onEnd)
    await calls.apply(config)
    return calls
  }

  /** @throws StateUnusable, CallsThreadSilent; then all is as it was */
  async apply(config: Config): Promise<void> {
    const directory = config.calls?.stateDirectory
    if (this.#thread && directory === this.#directory) return this.#thread.apply(config)
    if (this.#thread && directory !== undefined) {
      // What was counted so far is in the old one: counters would go back.
      throw new StateUnusable('calls.state_directory can be changed only by a restart')
    }
    await this.#thread?.stop()
    this.#thread =
      directory === undefined ? undefined : await CallsThread.start(config, this.#log, this.#onEnd)
    this.#directory = directory
  }

  /** `none`: nothing is configured; undefined: the thread is silent. */
  snapshot(): CallsSnapshot | 'none' | undefined {
    return this.#thread ? this.#thread.snapshot() : 'none'
  }

  /** What the servers call themselves: records may name them so. @throws CallsThreadSilent */
  async identify(identities: readonly PoolIdentities[]): Promise<void> {
    await this.#thread?.identify(identities)
  }

  /** @throws CallsThreadSilent */
  async push(request: PushRequest): Promise<PushOutcome> {
    return this.#thread ? this.#thread.push(request) : { ok: false, reason: 'no_source' }
  }

  async stop(): Promise<void> {
    await this.#thread?.stop()
  }
}
