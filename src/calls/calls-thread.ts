import type { Config } from '../config/config.js'
import { AskedThread } from '../net/asked-thread.js'
import type { Log } from '../net/log.js'
import { seconds } from '../time/units.js'
import type { PushOutcome } from './keeper.js'
import type { CallsNews, CallsQuestions, PoolIdentities, PushRequest } from './messages.js'
import type { CallsSnapshot } from './snapshot.js'

/** The calls thread did not answer in time. */
export class CallsThreadSilent extends Error {
  override readonly name = 'CallsThreadSilent'
  readonly code = 'EDGECLOCK_CALLS_THREAD_SILENT'
}

/** The state directory cannot be used: another process has it, or it cannot be read. */
export class StateUnusable extends Error {
  override readonly name = 'StateUnusable'
  readonly code = 'EDGECLOCK_STATE_UNUSABLE'
}

const BEGIN_TIMEOUT = seconds(30)
const APPLY_TIMEOUT = seconds(30)
/** It is told again at the next scrape. */
const IDENTIFY_TIMEOUT = seconds(5)
/** A source's last round, the last write. */
const STOP_TIMEOUT = seconds(10)
/** Gigabytes of text, behind the pushes before it. */
const PUSH_TIMEOUT = seconds(300)
/** It tells each second or two; a snapshot older than this is none. */
const SNAPSHOT_AGE_MS = 15_000

/**
 * The main thread's door to the calls side, which runs in a thread of its own: gigabytes of traces and
 * floods of packets delay no scrape. It tells by itself what may be shown, so that no scrape waits for it.
 */
export class CallsThread {
  readonly #thread: AskedThread<CallsQuestions, CallsNews>
  #told: { readonly snapshot: CallsSnapshot; readonly at: number } | undefined

  private constructor(config: Config, log: Log, onEnd: (error: Error) => void) {
    this.#thread = new AskedThread<CallsQuestions, CallsNews>({
      name: 'calls thread',
      file: new URL('./worker.js', import.meta.url),
      data: config,
      log,
      onEnd,
      onNews: snapshot => (this.#told = { snapshot, at: performance.now() }),
      silent: message => new CallsThreadSilent(message),
    })
  }

  /** @throws StateUnusable, CallsThreadSilent */
  static async start(
    config: Config,
    log: Log,
    onEnd: (error: Error) => void,
  ): Promise<CallsThread> {
    const calls = new CallsThread(config, log, onEnd)
    try {
      const begun = await calls.#thread.ask('begin', true, BEGIN_TIMEOUT)
      if (begun.ok) return calls
      throw new StateUnusable(begun.detail)
    } catch (error) {
      // Nobody would hear of it any more, and it would hold the directory.
      await calls.#thread.stop()
      throw error
    }
  }

  /** What was told last; undefined where that is too long ago. */
  snapshot(): CallsSnapshot | undefined {
    const told = this.#told
    return told && performance.now() - told.at < SNAPSHOT_AGE_MS ? told.snapshot : undefined
  }

  /** @throws CallsThreadSilent */
  async apply(config: Config): Promise<void> {
    await this.#thread.ask('apply', config, APPLY_TIMEOUT)
  }

  /** @throws CallsThreadSilent */
  async identify(identities: readonly PoolIdentities[]): Promise<void> {
    await this.#thread.ask('identities', identities, IDENTIFY_TIMEOUT)
  }

  /** @throws CallsThreadSilent */
  push(request: PushRequest): Promise<PushOutcome> {
    return this.#thread.ask('push', request, PUSH_TIMEOUT)
  }

  /** Makes durable what was counted, if it can in time. */
  async stop(): Promise<void> {
    await this.#thread.ask('stop', true, STOP_TIMEOUT).catch(ignoreSilence)
    await this.#thread.stop()
  }
}

/** What is not durable will be read again. */
const ignoreSilence = (error: unknown): void => {
  if (!(error instanceof CallsThreadSilent)) throw error
}
