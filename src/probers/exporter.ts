import { withDeadline } from '../net/deadline.js'
import { type Failure, failure } from '../net/failure.js'
import type { Platform } from '../net/platform.js'
import { steadily } from '../net/steadily.js'
import { SECOND, stampInterval } from '../time/stamp.js'
import { type DurationNs, durationNs, elapsed, toMilliseconds } from '../time/units.js'
import { type ClockPage, ExporterClock } from './exporter-clock.js'
import { ExporterFacts } from './exporter-facts.js'
import { ExporterPages } from './exporter-pages.js'
import type {
  Facts,
  ProbeReading,
  ProbeResult,
  ProbeSession,
  ProbeTarget,
  Prober,
} from './prober.js'
import { SecondEdgeSession, type SecondStamp } from './second-edge.js'

/**
 * The clock of a machine whose metrics windows_exporter or node_exporter shows. It is read while the page is
 * made, after the request and before the last byte, so the wait for the page is the error: only the
 * collector with the clock is asked for (`collect[]=`), and those with boot time, w32time's state and the kernel's word
 * on synchronisation now and then, each by itself. The service collector of older Windows exporters takes seconds.
 *
 * node_exporter's clock has all its digits, and one page is a reading. windows_exporter cuts its clock down to
 * whole seconds: one page is good for ± 0.5 s, so further ones are aimed at the second edge. Which of the two it is
 * is seen from the digits, not from the name.
 *
 * A clock may stand still for the module's `staleness`, 16 ms by default: Windows' tick takes 15.625 ms at most.
 * Linux reads its clock to the nanosecond, so `staleness: 0s` is true of node_exporter.
 */
export const exporter: Prober<'exporter'> = {
  reasons: [
    'timeout',
    'refused',
    'unreachable',
    'dns',
    'tls',
    'protocol',
    'unauthenticated',
    'no_time',
    'implausible',
    'aborted',
  ],
  open: (platform, target) => new ExporterSession(platform, target),
}

class ExporterSession implements ProbeSession {
  readonly #platform: Platform
  readonly #target: ProbeTarget<'exporter'>
  readonly #pages: ExporterPages
  readonly #clock: ExporterClock
  readonly #facts: ExporterFacts
  readonly #aimed: SecondEdgeSession
  /** What the last page showed: only whole seconds are aimed at. */
  #hasSeconds = false

  constructor(platform: Platform, target: ProbeTarget<'exporter'>) {
    const { timeout, staleness } = target.module
    this.#platform = platform
    this.#target = target
    this.#pages = new ExporterPages(platform, target)
    this.#clock = new ExporterClock(platform.clock, this.#pages)
    this.#facts = new ExporterFacts(platform, this.#pages)
    const source = {
      ask: (signal: AbortSignal) => this.#askSecond(signal),
      close: () => undefined,
    }
    // The series was made to tell the time: one stamp is enough to believe it.
    const options = { timeout, staleness, samples: 1, trace: target.trace }
    this.#aimed = new SecondEdgeSession(platform, source, options)
  }

  read(signal: AbortSignal): Promise<ProbeResult> {
    const { clock, timers } = this.#platform
    return withDeadline(timers, this.#target.module.timeout, signal, inner =>
      steadily(clock, () => this.#read(inner)),
    )
  }

  close(): void {
    this.#pages.close()
  }

  async #read(signal: AbortSignal): Promise<ProbeResult> {
    if (this.#hasSeconds) {
      await this.#refresh(signal)
      return this.#told(await this.#aimed.read(signal))
    }
    const page = await this.#askWhole(signal)
    if (!page.ok) return page
    await this.#refresh(signal)
    // A page of whole seconds only shows what they are: it grew old, and was not aimed.
    const isWhole = page.clock.resolution === SECOND
    return this.#told(isWhole ? await this.#aimed.read(signal) : this.#readingOf(page))
  }

  /** A number whose last digits are missing, and may be zeros or cut: a second later they are others. */
  async #askWhole(signal: AbortSignal): Promise<ClockPage | Failure> {
    const page = await this.#ask(signal)
    if (!page.ok || page.clock.tellsSeconds || page.clock.resolution <= SECOND) return page
    await this.#wait(SECOND, signal)
    const next = await this.#ask(signal)
    return next.ok ? next : page
  }

  async #ask(signal: AbortSignal): Promise<ClockPage | Failure> {
    const page = await this.#clock.ask(signal)
    if (!page.ok) return page
    const { clock, sent, received } = page
    this.#hasSeconds = clock.resolution === SECOND
    this.#target.trace?.(
      `${clock.series} of ${clock.kind.name}: ${clock.printed}, to ${toMilliseconds(clock.resolution)} ms, ` +
        `in an exchange of ${toMilliseconds(elapsed(sent, received))} ms`,
    )
    return page
  }

  /** The exporter may be another one by now, whose number says less than what is aimed at. */
  async #askSecond(signal: AbortSignal): Promise<SecondStamp | Failure> {
    const page = await this.#askWhole(signal)
    if (!page.ok) return page
    const { sent, received, clock } = page
    if (clock.resolution > SECOND) return failure('no_time', `${clock.printed} tells no second`)
    return { ok: true, sent, received, stamp: clock.stamp, facts: {} }
  }

  #readingOf({ sent, received, clock }: ClockPage): ProbeReading {
    const { stamp, resolution } = clock
    const { staleness } = this.#target.module
    const interval = stampInterval({ sent, received, stamp, resolution, staleness })
    return { ok: true, at: received, interval, rtt: elapsed(sent, received), facts: {} }
  }

  /** No more than half of the time: the clock is what a reading is for. */
  #refresh(signal: AbortSignal): Promise<void> {
    const { timers } = this.#platform
    const half = durationNs(this.#target.module.timeout / 2n)
    return withDeadline(timers, half, signal, inner => this.#facts.refresh(this.#clock.last, inner))
  }

  #told(result: ProbeResult): ProbeResult {
    if (!result.ok) return result
    const { certificate } = this.#pages
    const told = { ...this.#facts.told, ...this.#clock.last?.facts }
    const facts: Facts = { ...told, ...(certificate && { certificate }) }
    return { ...result, facts }
  }

  #wait(length: DurationNs, signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = this.#platform.timers.after(length, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }
}
