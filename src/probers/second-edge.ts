import { withDeadline } from '../net/deadline.js'
import { type Failure, failure } from '../net/failure.js'
import type { Platform } from '../net/platform.js'
import { steadily } from '../net/steadily.js'
import { type End, LATENESS, aimedAt, combined, nextEdge, outside } from '../time/aim.js'
import { type Followed, expected, followedTo } from '../time/following.js'
import { type Interval, width } from '../time/interval.js'
import {
  type DurationNs,
  type MonoNs,
  durationNs,
  elapsed,
  later,
  max,
  milliseconds,
} from '../time/units.js'
import { Belief } from './belief.js'
import { EdgeRound, type SecondStamp, type Way } from './edge-round.js'
import type { ProbeResult, ProbeSession } from './prober.js'

export type { SecondStamp } from './edge-round.js'

/** Where the whole seconds come from. */
export interface SecondSource {
  /** One request. Never rejects. */
  ask(signal: AbortSignal): Promise<SecondStamp | Failure>
  close(): void
}

export interface SecondEdgeOptions {
  /** For one reading, all its requests together. */
  readonly timeout: DurationNs
  readonly staleness: DurationNs
  /** How many stamps have to advance in step with our clock before any is believed. */
  readonly samples: number
  readonly trace?: ((line: string) => void) | undefined
}

/** The most requests of one reading: from nothing to a millisecond takes a dozen. */
const MAX_REQUESTS = 14
/** What a reading is worth that keeps what is known. */
const MAX_KEEPING = 6
/** What keeping comes to, in what is reached at best: each reading ages before the next one. */
const KEEPING = 4n
/** So many answers of one kind come by chance, one time in four. */
const LONGEST_RUN = 3
/**
 * What is shown again once a clock was found. Of two clocks that answer in turn each would else be asked on one
 * side of the edge only, and they would pass for one that is neither. Later every other reading shows one end again.
 */
const CHECKS: readonly End[] = ['lo', 'lo', 'hi', 'hi']
/** From here on nothing is far enough outside of what is known: it would be at the next second. */
const MAX_CHECKED_STALENESS = milliseconds(400)
/** Left for the last request besides its round trip. */
const RESERVE = milliseconds(50)
const NO_TIME = 'this server does not put its time there'

/**
 * Reads a clock that tells whole seconds. A reading's interval is what its own requests show and nothing
 * else; what the readings before it showed is only aimed by. So a clock that was set in between is
 * seen as what it is, and whoever joins readings need not know that they were aimed.
 */
export class SecondEdgeSession implements ProbeSession {
  readonly #platform: Platform
  readonly #source: SecondSource
  readonly #options: SecondEdgeOptions
  readonly #belief: Belief
  #followed: Followed | undefined
  #way: Way = { rtt: durationNs(0n), lead: durationNs(0n), late: durationNs(0n) }
  /** Ends that are to be shown once more, see {@link CHECKS}. */
  #checks: readonly End[]
  readonly #allChecks: readonly End[]
  #readings = 0
  /** Requests since there was anything to aim by. */
  #spent = 0

  constructor(platform: Platform, source: SecondSource, options: SecondEdgeOptions) {
    this.#platform = platform
    this.#source = source
    this.#options = options
    this.#belief = new Belief(options.samples)
    this.#allChecks = options.staleness <= MAX_CHECKED_STALENESS ? CHECKS : []
    this.#checks = this.#allChecks
  }

  read(signal: AbortSignal): Promise<ProbeResult> {
    const { clock, timers } = this.#platform
    return withDeadline(timers, this.#options.timeout, signal, inner =>
      steadily(clock, () => this.#read(inner)),
    )
  }

  close(): void {
    this.#source.close()
  }

  async #read(signal: AbortSignal): Promise<ProbeResult> {
    const round = this.#newRound()
    for (;;) {
      const sendAt = this.#sendAt(round)
      if (this.#isOver(round, sendAt)) return this.#outcome(round)
      await this.#until(sendAt, signal)
      const asked = this.#platform.clock.mono()
      round.wokenBy(elapsed(sendAt, asked))
      const stamp = await this.#source.ask(signal)
      if (!stamp.ok) return this.#cutShort(round, stamp)
      this.#learn(round, stamp, elapsed(asked, stamp.sent))
    }
  }

  #newRound(): EdgeRound {
    const due = this.#allChecks[(this.#readings++ / 2) % CHECKS.length]
    // `due` is undefined every other time.
    if (this.#checks.length === 0 && due) this.#checks = [due]
    const started = this.#platform.clock.mono()
    const predicted = this.#followed && expected(this.#followed, started)
    return new EdgeRound({ started, predicted, ...this.#way })
  }

  #sendAt(round: EdgeRound): MonoNs {
    const now = this.#platform.clock.mono()
    const { staleness } = this.#options
    const known = combined(round.known)
    round.checking = this.#toCheck(round)
    const aim =
      round.checking && known
        ? outside(known, round.checking, staleness, round)
        : aimedAt(round.known, staleness, round)
    return aim === undefined ? now : nextEdge(now, aim, durationNs(round.lead + round.rtt / 2n))
  }

  /**
   * A clock that was set between two requests, or one of several, may answer all later ones from the same side of the
   * edge, and what is known would run off to an end that is true no more. So an end is shown from outside after
   * some answers of one kind, where a request that was aimed at it has not confirmed it, and now and then.
   */
  #toCheck(round: EdgeRound): End | undefined {
    const { last, run, requests } = round
    if (last && this.#belief.awaitsAdvance(last)) return 'hi'
    if (run.length >= LONGEST_RUN) return run.end
    if (this.#isFound(round)) return this.#checks[0]
    return requests >= 2 ? round.unconfirmed[0] : undefined
  }

  #isOver(round: EdgeRound, sendAt: MonoNs): boolean {
    const { requests, rtt, last, evidence } = round
    if (!last || !evidence) return false
    const end = later(round.started, this.#options.timeout)
    if (later(sendAt, durationNs(rtt * 2n + RESERVE)) > end) return true
    if (requests >= MAX_REQUESTS) return true
    if (!this.#belief.believes(last)) return this.#belief.isHopeless
    if (this.#isFound(round)) return !this.#toCheck(round)
    return this.#keeps(round) && requests >= MAX_KEEPING
  }

  #isFound(round: EdgeRound): boolean {
    const { evidence } = round
    if (!evidence || round.unconfirmed.length > 0) return false
    return this.#keeps(round) || this.#isNarrow(round, evidence.interval)
  }

  /** What the readings before left is narrow, or as narrow as it gets: this one has to confirm it. */
  #keeps({ predicted, rtt }: EdgeRound): boolean {
    if (!predicted) return false
    return this.#isNarrow({ rtt }, predicted, KEEPING) || this.#spent >= MAX_REQUESTS
  }

  /** Beside what the stamp may be stale by, some of which is no longer worth a request. */
  #isNarrow({ rtt }: Pick<EdgeRound, 'rtt'>, interval: Interval, times = 1n): boolean {
    const { staleness } = this.#options
    const reached = max(max(LATENESS, durationNs(2n * rtt)), durationNs(staleness / 64n))
    return width(interval) <= staleness + times * reached
  }

  async #until(at: MonoNs, signal: AbortSignal): Promise<void> {
    const { clock, timers } = this.#platform
    const wait = elapsed(clock.mono(), at)
    if (wait <= 0n || signal.aborted) return
    await new Promise<void>(resolve => {
      const done = (): void => {
        cancel()
        signal.removeEventListener('abort', done)
        resolve()
      }
      const cancel = timers.after(wait, done)
      signal.addEventListener('abort', done, { once: true })
    })
  }

  #learn(round: EdgeRound, stamp: SecondStamp, lead: DurationNs): void {
    const { staleness, trace } = this.#options
    this.#belief.hear(stamp)
    const learnt = round.learn(stamp, lead, staleness)
    trace?.(round.describe(learnt))
    if (learnt !== 'agrees') this.#checks = this.#allChecks
    else if (round.checking === this.#checks[0]) this.#checks = this.#checks.slice(1)
  }

  /** Time is up, or the server failed: what was shown until then is true all the same. */
  #cutShort(round: EdgeRound, why: Failure): ProbeResult {
    // Nobody waits for it any more, or our own clocks moved: then what was shown before holds no more.
    if (why.reason === 'aborted') return why
    const { last } = round
    return last && this.#belief.believes(last) ? this.#outcome(round) : why
  }

  /** Stamps that are no clock's, or too few in time to say what they are: it may have been set a moment ago. */
  #disbelieved({ requests, evidence }: EdgeRound): Failure {
    const contradicted = (evidence?.contradictions ?? 0) > 0
    if (this.#belief.isHopeless || (contradicted && !this.#belief.hasBelieved)) {
      return failure('no_time', NO_TIME)
    }
    return failure('timeout', `of ${requests} stamps too few in step came in time to be believed`)
  }

  #outcome(round: EdgeRound): ProbeResult {
    const { evidence, last, predicted, requests, rtt, lead, late } = round
    if (!last || !evidence) return failure('timeout', 'no time was left for a request')
    if (!this.#belief.believes(last)) return this.#disbelieved(round)
    const { at, interval, contradictions } = evidence
    const known = combined(round.known) ?? interval
    this.#followed = followedTo(this.#followed, at, known)
    this.#way = { rtt, lead, late }
    this.#spent = predicted && contradictions === 0 ? this.#spent + requests : 0
    const acquiring = !this.#isNarrow(round, known, KEEPING)
    const told = { at, interval, contradictions: contradictions + round.moved, standsAlone: true }
    return { ok: true, ...told, rtt, facts: last.facts, acquiring }
  }
}
