import { Worker } from 'node:worker_threads'
import type { Config } from '../config/config.js'
import type { Log } from '../net/log.js'
import { type DurationNs, seconds, toMilliseconds } from '../time/units.js'
import type { ProbeRequest } from './clock-side.js'
import type { FromClockThread, Questions } from './messages.js'
import type { OneReading, Snapshot } from './snapshot.js'

/** The clock thread did not answer in time: it is stuck, or starved of processor time. */
export class ClockThreadSilent extends Error {
  override readonly name = 'ClockThreadSilent'
  readonly code = 'EDGECLOCK_CLOCK_THREAD_SILENT'
}

const ANSWER_TIMEOUT = seconds(2)
/** Beyond the probe's own deadline, for the way there and back. */
const PROBE_MARGIN = seconds(1)

/**
 * The main thread's door to the clock side, which runs in a thread of its own: a slow scrape, a large
 * trace or a garbage collection here delays no stamp there.
 */
export class ClockThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, (answer: unknown) => void>()
  #nextId = 0
  #stopping = false

  /** `onEnd` hears when the thread ends unasked; the exporter cannot go on without it. */
  constructor(config: Config, log: Log, onEnd: (error: Error) => void) {
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: config })
    this.#worker.on('message', (message: FromClockThread) => {
      if (message.kind === 'log') return log(message.level, message.message, message.fields)
      this.#waiting.get(message.id)?.(message.answer)
      this.#waiting.delete(message.id)
    })
    this.#worker.on('error', onEnd)
    this.#worker.on('exit', code => {
      if (!this.#stopping) onEnd(new Error(`the clock thread ended with ${code}`))
    })
  }

  /** @throws ClockThreadSilent */
  snapshot(): Promise<Snapshot> {
    return this.#ask('snapshot', true, ANSWER_TIMEOUT)
  }

  /** @throws ClockThreadSilent */
  probe(request: ProbeRequest): Promise<OneReading> {
    return this.#ask('probe', request, (request.timeout + PROBE_MARGIN) as DurationNs)
  }

  /** @throws ClockThreadSilent */
  async apply(config: Config): Promise<void> {
    await this.#ask('apply', config, ANSWER_TIMEOUT)
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#worker.terminate()
  }

  async #ask<K extends keyof Questions>(
    kind: K,
    asked: Questions[K]['asked'],
    timeout: DurationNs,
  ): Promise<Questions[K]['answer']> {
    const id = this.#nextId++
    return await new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id)
        reject(new ClockThreadSilent(`the clock thread gave no ${kind} in time`))
      }, toMilliseconds(timeout))
      this.#waiting.set(id, answer => {
        clearTimeout(timer)
        resolve(answer as Questions[K]['answer'])
      })
      this.#worker.postMessage({ id, kind, asked })
    })
  }
}
