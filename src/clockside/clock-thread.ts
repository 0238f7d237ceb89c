import type { Config } from '../config/config.js'
import { AskedThread } from '../net/asked-thread.js'
import type { Log } from '../net/log.js'
import { type DurationNs, seconds } from '../time/units.js'
import type { ProbeRequest } from './clock-side.js'
import type { ClockQuestions } from './messages.js'
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
  readonly #thread: AskedThread<ClockQuestions>

  /** `onEnd` hears when the thread ends unasked; the exporter cannot go on without it. */
  constructor(config: Config, log: Log, onEnd: (error: Error) => void) {
    this.#thread = new AskedThread({
      name: 'clock thread',
      file: new URL('./worker.js', import.meta.url),
      data: config,
      log,
      onEnd,
      silent: message => new ClockThreadSilent(message),
    })
  }

  /** @throws ClockThreadSilent */
  snapshot(): Promise<Snapshot> {
    return this.#thread.ask('snapshot', true, ANSWER_TIMEOUT)
  }

  /** @throws ClockThreadSilent */
  probe(request: ProbeRequest): Promise<OneReading> {
    return this.#thread.ask('probe', request, (request.timeout + PROBE_MARGIN) as DurationNs)
  }

  /** @throws ClockThreadSilent */
  async apply(config: Config): Promise<void> {
    await this.#thread.ask('apply', config, ANSWER_TIMEOUT)
  }

  stop(): Promise<void> {
    return this.#thread.stop()
  }
}
