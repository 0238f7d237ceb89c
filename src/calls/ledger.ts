import type { Method, SipMessage } from '../protocol/sip-message.js'
import { methods } from '../protocol/sip-message.js'
import type { Diagnosis } from '../protocol/trace-sink.js'
import type { Seconds } from '../time/units.js'
import { Call, type Evidence, type Outcome, type Request, outcomeOf } from './call.js'
import { type SavedCall, restoreCall, saveCall } from './call-state.js'
import { type Fingerprint, fingerprint, within } from './fingerprint.js'
import { Seen } from './seen.js'
import { type Sample, Series } from './series.js'

/** For the retry after a challenge: 64·T1, after which a transaction is over (RFC 3261 §17.1.1.2). */
const RETRY: Seconds = 32
/** How long a call has to be quiet before it counts; seconds. */
export interface Patience {
  /** One that is over: until all servers' traces have told of it. */
  readonly settleAfter: Seconds
  /** One that is not: it may ring without a word for timer C, more than 3 minutes (RFC 3261 §16.6). */
  readonly openLimit: Seconds
}

export const USUAL_PATIENCE: Patience = { settleAfter: 10, openLimit: 600 }

/** While sources have more to read, calls wait for it; but not for ever. */
const BACKLOG_LIMIT: Seconds = 60
/** When more are open, or have more requests, the oldest are closed as they stand. About 20 MB. */
export const MAX_OPEN = 25_000
export const MAX_OPEN_REQUESTS = 50_000

/** What a pool's calls came to. Plain data. */
export interface Tally {
  readonly outcomes: { readonly [O in Outcome]: number }
  readonly unresolved: number
  /** Calls closed before their time because too many were open. */
  readonly evicted: number
  /** Labels: sip_code, diagnostic, cause. */
  readonly callFailures: readonly Sample[]
  /** Labels: server, sip_code, diagnostic, cause. */
  readonly sipFailures: readonly Sample[]
}

export interface SavedLedger {
  readonly tally: Tally
  readonly seen: string
  readonly open: readonly SavedCall[]
}

const VOICEMAIL = -1

/** One pool's calls: what is open, what was counted. It knows no clock: `now` is monotonic, in seconds. */
export class Ledger {
  /** Set by whoever feeds it, before each portion. */
  now: Seconds = 0
  patience: Patience = USUAL_PATIENCE
  readonly #seed: number
  readonly #open = new Map<Fingerprint, Call>()
  /** Of all open calls: what they take. */
  #requests = 0
  readonly #seen: Seen
  readonly #outcomes: { [O in Outcome]: number }
  #unresolved: number
  #evicted: number
  readonly #callFailures = new Series(([, , cause = '']) => ['other', 'other', cause])
  readonly #sipFailures = new Series(([, , , cause = '']) => ['', 'other', 'other', cause])

  constructor(seed: number, saved?: SavedLedger, now: Seconds = 0) {
    this.#seed = seed
    this.now = now
    this.#seen = saved ? Seen.restore(saved.seen) : new Seen()
    this.#outcomes = { answered: 0, failed: 0, abandoned: 0, ...saved?.tally.outcomes }
    this.#unresolved = saved?.tally.unresolved ?? 0
    this.#evicted = saved?.tally.evicted ?? 0
    for (const [labels, value] of saved?.tally.callFailures ?? []) {
      this.#callFailures.add(labels, value)
    }
    for (const [labels, value] of saved?.tally.sipFailures ?? []) {
      this.#sipFailures.add(labels, value)
    }
    for (const one of saved?.open ?? []) {
      const [key, call] = restoreCall(one)
      this.#requests += call.requests.length
      call.born = call.touched = call.queued = now
      this.#open.set(key, call)
    }
  }

  /** A message as one server saw it; `server` is the label it is counted under. */
  message(message: SipMessage, server: string): void {
    const { status, method } = message
    if (method === 'ACK' || (status > 0 && status < 200)) return
    const makesCall = method === 'INVITE' || method === 'REFER'
    if (status === 0) {
      if (makesCall) this.#request(message)
      else this.#otherRequest(message)
      return
    }
    const call = this.#call(this.#keyOf(message), makesCall || status >= 300)
    if (!call) return
    const made = makesCall || status >= 300
    const request = made
      ? this.#requestOf(call, message.cseq, method)
      : call.find(message.cseq, method)
    if (!request) return
    request.answer(message, server)
    if (makesCall) call.mark(message, request)
  }

  /** What a server itself found wrong with a message. It fails no call, but it may say why one failed. */
  diagnosis({ callId, cseq, method, clockSkew }: Diagnosis): void {
    if (!clockSkew) return
    const known = methods.find(one => one === method)
    if (known === undefined || known === 'ACK') return
    const key = fingerprint(callId, 0, callId.length, this.#seed)
    const call = this.#call(key, true)
    const request = call && this.#requestOf(call, cseq, known)
    if (request) request.clockSkew = true
  }

  /** Counts what is over. `caughtUp`: every source of the pool is read to its end. */
  settle(caughtUp: boolean): void {
    const { now } = this
    const least = Math.min(this.patience.settleAfter, this.patience.openLimit)
    for (const [key, call] of this.#open) {
      const crowded = this.#isCrowded(1)
      if (!crowded && now - call.queued < least) break
      const quiet = now - call.touched
      const isQuiet = quiet >= this.#waitFor(call) && (caughtUp || quiet >= BACKLOG_LIMIT)
      const over = isQuiet || now - call.born >= Math.max(this.patience.openLimit, BACKLOG_LIMIT)
      if (over || crowded) {
        if (!over && call.isPending) this.#evicted++
        this.#close(key, call)
      } else {
        call.queued = now
        this.#open.delete(key)
        this.#open.set(key, call)
      }
    }
  }

  /** Counts everything as it stands: there is nothing more to come. */
  end(): void {
    for (const [key, call] of this.#open) this.#close(key, call)
  }

  get open(): number {
    return this.#open.size
  }

  /** Whether a call is still open that was there at that instant. */
  hasOpenSince(then: Seconds): boolean {
    return [...this.#open.values()].some(call => call.born <= then)
  }

  tally(): Tally {
    return {
      outcomes: { ...this.#outcomes },
      unresolved: this.#unresolved,
      evicted: this.#evicted,
      callFailures: this.#callFailures.samples(),
      sipFailures: this.#sipFailures.samples(),
    }
  }

  save(): SavedLedger {
    const open = Array.from(this.#open, ([key, call]) => saveCall(key, call))
    return { tally: this.tally(), seen: this.#seen.save(), open }
  }

  #keyOf({ text, callIdFrom, callIdTo }: SipMessage): Fingerprint {
    return fingerprint(text, callIdFrom, callIdTo, this.#seed)
  }

  #call(key: Fingerprint, make: boolean): Call | undefined {
    const known = this.#open.get(key)
    if (known && !known.isFull) {
      known.touched = this.now
      return known
    }
    if (known) {
      // What goes on and on is counted piece by piece.
      this.#close(key, known)
    }
    if (!make) return undefined
    const call = new Call()
    call.born = call.touched = call.queued = this.now
    this.#open.set(key, call)
    if (this.#isCrowded(2)) this.settle(false)
    return call
  }

  #request(message: SipMessage): void {
    const call = this.#call(this.#keyOf(message), true)
    const request = call && this.#requestOf(call, message.cseq, message.method)
    if (!call || !request) return
    if (message.vias > 0 && message.vias < request.sentVias) request.sentVias = message.vias
    call.mark(message, request)
  }

  /** A CANCEL ends an INVITE; any other request matters where it follows one that failed. */
  #otherRequest(message: SipMessage): void {
    if (this.#open.size === 0 && message.method !== 'CANCEL') return
    const cancels = message.method === 'CANCEL'
    const call = this.#call(this.#keyOf(message), cancels)
    if (!call) return
    if (cancels) {
      const invite = this.#requestOf(call, message.cseq, 'INVITE')
      if (invite) invite.cancelled = true
      return
    }
    const before = call.requests.length
    call.notice(message)
    this.#requests += call.requests.length - before
  }

  #requestOf(call: Call, cseq: number, method: Method): Request | undefined {
    const before = call.requests.length
    const request = call.request(cseq, method)
    this.#requests += call.requests.length - before
    return request
  }

  #isCrowded(times: number): boolean {
    return this.#open.size > times * MAX_OPEN || this.#requests > times * MAX_OPEN_REQUESTS
  }

  #close(key: Fingerprint, call: Call): void {
    this.#open.delete(key)
    this.#requests -= call.requests.length
    for (const request of call.requests) {
      const failure = call.failureOf(request)
      if (!failure || !this.#isNew(key, request)) continue
      this.#sipFailures.add([failure.server, ...failureLabels(failure)])
    }
    const requests = call.voicemailRequests()
    if (requests.length === 0 || !this.#seen.add(within(key, VOICEMAIL))) return
    const ended = outcomeOf(call, requests)
    if (!ended) this.#unresolved++
    else this.#outcomes[ended.outcome]++
    if (ended?.failure) this.#callFailures.add(failureLabels(ended.failure))
  }

  #waitFor(call: Call): Seconds {
    const { settleAfter, openLimit } = this.patience
    if (call.isPending) return openLimit
    return call.isExpectingMore ? Math.max(settleAfter, Math.min(RETRY, openLimit)) : settleAfter
  }

  #isNew(key: Fingerprint, { cseq, method }: { cseq: number; method: Method }): boolean {
    return this.#seen.add(within(key, cseq * methods.length + methods.indexOf(method)))
  }
}

const failureLabels = ({ status, diagnostic, cause }: Evidence): readonly string[] => [
  String(status),
  diagnostic,
  cause,
]
