import { type End, type Known, unconfirmed } from '../time/aim.js'
import { type Evidence, withExchange } from '../time/evidence.js'
import { type Interval, halfWidth, overlaps } from '../time/interval.js'
import { SECOND, stampInterval } from '../time/stamp.js'
import {
  type DurationNs,
  type MonoNs,
  type UnixNs,
  durationNs,
  elapsed,
  milliseconds,
  min,
  toMilliseconds,
} from '../time/units.js'
import type { Facts } from './prober.js'

/** A server's clock in whole seconds, got by one request. */
export interface SecondStamp {
  readonly ok: true
  readonly sent: MonoNs
  readonly received: MonoNs
  readonly stamp: UnixNs
  readonly facts: Facts
}

/** What a request goes through, as the requests of one reading found it. */
export interface Way {
  /** The shortest round trip. */
  readonly rtt: DurationNs
  /** The shortest time from being told to ask until the request left: where it takes a new connection. */
  readonly lead: DurationNs
  /** The longest that our own timers were late. */
  readonly late: DurationNs
}

/** What a reading begins with: the way is that of the last reading. */
export interface RoundStart extends Way {
  readonly started: MonoNs
  /** Where the readings before say that the clock is. */
  readonly predicted: Interval | undefined
}

/** Timers that are later than this are a machine at its limits: no aim makes up for that. */
const LATEST = milliseconds(20)

/**
 * What a stamp does to a reading: it agrees with those before it, or contradicts one of them, or shows that the
 * clock is not where the readings before have it.
 */
export type Learnt = 'agrees' | 'contradicts' | 'moved'

/** One reading of a clock that tells whole seconds, while its requests go on. */
export class EdgeRound {
  readonly started: MonoNs
  predicted: Interval | undefined
  evidence: Evidence | undefined
  requests = 0
  /** How many answers in a row left this end of the evidence where it was. */
  run: { readonly end: End; readonly length: number } = { end: 'lo', length: 0 }
  rtt: DurationNs
  lead: DurationNs
  late: DurationNs
  last: SecondStamp | undefined
  /** How often what the readings before showed was disproved: 0 or 1. */
  moved = 0
  /** The end that the request under way shows, or disproves, from outside. */
  checking: End | undefined
  /** The ends that were shown from outside, and so are as good as confirmed. */
  readonly #checked = new Set<End>()

  constructor({ started, predicted, rtt, lead, late }: RoundStart) {
    this.started = started
    this.predicted = predicted
    this.rtt = rtt
    this.lead = lead
    // What held us up once is forgotten over some readings.
    this.late = durationNs(late / 2n)
  }

  get known(): Known {
    return { predicted: this.predicted, shown: this.evidence?.interval }
  }

  wokenBy(late: DurationNs): void {
    if (late > this.late) this.late = min(late, LATEST)
  }

  /** Ends that this reading has not shown yet. */
  get unconfirmed(): readonly End[] {
    return unconfirmed(this.known, this).filter(end => !this.#checked.has(end))
  }

  learn(stamp: SecondStamp, lead: DurationNs, staleness: DurationNs): Learnt {
    const { sent, received } = stamp
    const isFirst = this.requests++ === 0
    const rtt = elapsed(sent, received)
    this.rtt = isFirst ? rtt : min(this.rtt, rtt)
    this.lead = isFirst ? lead : min(this.lead, lead)
    this.last = stamp
    const interval = stampInterval({ ...stamp, resolution: SECOND, staleness })
    this.run = this.#runWith(interval)
    const before = this.evidence?.contradictions ?? 0
    this.evidence = withExchange(this.evidence, received, interval)
    const learnt = this.#judge(this.evidence, before)
    if (learnt !== 'agrees') this.#checked.clear()
    else if (this.checking) this.#checked.add(this.checking)
    return learnt
  }

  #judge({ interval, contradictions }: Evidence, before: number): Learnt {
    const moved = this.predicted && !overlaps(this.predicted, interval)
    if (moved) {
      this.predicted = undefined
      this.moved++
    }
    if (contradictions > before) return 'contradicts'
    return moved ? 'moved' : 'agrees'
  }

  #runWith({ lo, hi }: Interval): EdgeRound['run'] {
    const { evidence, run } = this
    const raised = evidence !== undefined && lo > evidence.interval.lo
    const lowered = evidence !== undefined && hi < evidence.interval.hi
    if (raised === lowered) return { end: 'lo', length: 0 }
    const end = raised ? 'hi' : 'lo'
    return { end, length: run.end === end ? run.length + 1 : 1 }
  }

  /** For people. */
  describe(learnt: Learnt): string {
    const { requests, evidence } = this
    if (!evidence) return 'nothing is known'
    const error = toMilliseconds(halfWidth(evidence.interval)).toFixed(3)
    const said = {
      agrees: '',
      contradicts: ', and contradicts what was shown before',
      moved: ', and the clock is not where the readings before have it',
    }
    return `request ${requests}: the clock is known to ± ${error} ms${said[learnt]}`
  }
}
