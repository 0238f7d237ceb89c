import type { End, Known } from '../time/aim.js'
import { type Evidence, withExchange } from '../time/evidence.js'
import { type Interval, halfWidth, overlaps } from '../time/interval.js'
import { SECOND, stampInterval } from '../time/stamp.js'
import {
  type DurationNs,
  type MonoNs,
  type UnixNs,
  elapsed,
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

/** What a reading begins with. */
export interface RoundStart {
  readonly started: MonoNs
  /** Where the readings before say that the clock is. */
  readonly predicted: Interval | undefined
  /** The shortest round trip of the last reading. */
  readonly rtt: DurationNs
  /** Of the last reading: from being told to ask until the request leaves, where it takes a new connection. */
  readonly lead: DurationNs
}

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
  last: SecondStamp | undefined
  /** Whether the request under way shows an end once more. */
  isCheck = false

  constructor({ started, predicted, rtt, lead }: RoundStart) {
    this.started = started
    this.predicted = predicted
    this.rtt = rtt
    this.lead = lead
  }

  get known(): Known {
    return { predicted: this.predicted, shown: this.evidence?.interval }
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
    const contradicts = this.evidence.contradictions > before
    if (!this.predicted || overlaps(this.predicted, this.evidence.interval)) {
      return contradicts ? 'contradicts' : 'agrees'
    }
    this.predicted = undefined
    return 'moved'
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
