import type { Cause } from '../protocol/causes.js'
import type { Direction, Method, SipMessage } from '../protocol/sip-message.js'
import { marks } from '../protocol/sip-message.js'
import { verdict } from '../protocol/ms-diagnostics.js'

/** Why a request failed, as one server's trace shows it. */
export interface Evidence {
  readonly status: number
  readonly diagnostic: string
  readonly cause: Cause
  /** The smaller, the nearer to the root cause. */
  readonly rank: number
  readonly vias: number
  readonly direction: Direction
  readonly server: string
}

/** How a voicemail call ended. */
export type Outcome = 'answered' | 'failed' | 'abandoned'

/** A message without a Via, or a request not seen: farther from the caller than any hop. */
const FAR = 255
/** A Call-ID with more of them is no call, but something that goes on and on. */
const MAX_REQUESTS = 64

/** One request of a call: its Call-ID, CSeq number and method (RFC 3261 §8.1.1.5). ACK is none. */
export class Request {
  readonly cseq: number
  readonly method: Method
  /** Vias of the request, and of the decisive response, where they were nearest to the caller. */
  sentVias = FAR
  vias = FAR
  /** Of the decisive response: the final one nearest to the caller. 0 while there is none. */
  status = 0
  voicemail = false
  cancelled = false
  /** A server's own diagnosis blames two clocks. */
  clockSkew = false
  evidence: Evidence | undefined

  constructor(cseq: number, method: Method) {
    this.cseq = cseq
    this.method = method
  }

  /** A final response as one hop shows it. */
  answer(message: SipMessage, server: string): void {
    const vias = message.vias === 0 ? FAR : Math.min(message.vias, FAR)
    const nearer = vias < this.vias || this.status === 0
    if (nearer || (vias === this.vias && precedes(message.status, this.status))) {
      this.vias = vias
      this.status = message.status
    }
    if (!isFailure(message.status)) return
    const { status, direction } = message
    const evidence = { status, direction, vias, server, ...verdict(status, message.diagnostics) }
    if (!this.evidence || isBetter(evidence, this.evidence)) this.evidence = evidence
  }

  /** The nearest server has told the caller how it ended; until then a proxy may still try others. */
  get decided(): boolean {
    return this.status !== 0 && (this.sentVias === FAR || this.vias <= this.sentVias)
  }
}

/** 487 is how a caller's own CANCEL ends (RFC 3261 §9.1). */
export const CANCELLED = 487

export const isFailure = (status: number): boolean => status >= 400 && status !== CANCELLED

export const isChallenge = (status: number): boolean => status === 401 || status === 407

/** Which of two responses that are equally near a proxy would pass on. RFC 3261 §16.7 step 6. */
const precedes = (a: number, b: number): boolean =>
  preference(a) < preference(b) || (preference(a) === preference(b) && a < b)

const preference = (status: number): number => {
  if (status < 300) return 0
  if (status >= 600) return 1
  return status === CANCELLED ? 2 : 3
}

/** Of two servers at the ends of one hop, the one that sent the response is nearer to where it began. */
const nearness: { readonly [D in Direction]: number } = { outgoing: 0, '': 1, incoming: 2 }

/** A total order, so that it does not matter which server's trace is read first. */
const isBetter = (a: Evidence, b: Evidence): boolean => {
  if (a.rank !== b.rank) return a.rank < b.rank
  if (a.vias !== b.vias) return (a.vias === FAR ? 0 : a.vias) > (b.vias === FAR ? 0 : b.vias)
  if (a.direction !== b.direction) return nearness[a.direction] < nearness[b.direction]
  if (a.status !== b.status) return a.status < b.status
  if (a.diagnostic !== b.diagnostic) return a.diagnostic < b.diagnostic
  return a.server < b.server
}

/** All that is known of one Call-ID, joined over hops, servers, files, retries and forks. */
export class Call {
  readonly requests: Request[] = []
  /** A missed-call notification is in it: it is no voicemail call, whatever its marks say. */
  notification = false
  /** When it was first and last heard of, and when the ledger looks at it again; monotonic seconds. */
  born = 0
  touched = 0
  queued = 0

  get isFull(): boolean {
    return this.requests.length >= MAX_REQUESTS
  }

  find(cseq: number, method: Method): Request | undefined {
    return this.requests.find(one => one.cseq === cseq && one.method === method)
  }

  /** The request, made if it was not known; undefined where the call has too many. */
  request(cseq: number, method: Method): Request | undefined {
    const known = this.find(cseq, method)
    if (known || this.isFull) return known
    const made = new Request(cseq, method)
    this.requests.push(made)
    return made
  }

  mark(message: SipMessage, request: Request): void {
    if (message.marks & marks.voicemail) request.voicemail = true
    if (message.marks & marks.notification) this.notification = true
  }

  /** A request of another kind: it may be the retry after a challenge, or a notification's body. */
  notice(message: SipMessage): void {
    if (message.marks & marks.notification) this.notification = true
    const { cseq, method } = message
    const follows = (one: Request) =>
      one.method === method && one.cseq < cseq && isToFollow(one.status)
    if (!this.requests.some(follows)) return
    const request = this.request(cseq, method)
    if (request && message.vias > 0) request.sentVias = Math.min(request.sentVias, message.vias)
  }

  /** The request was tried again: after a challenge, or where a 3xx pointed. */
  isFollowed(request: Request): boolean {
    return this.requests.some(one => one.method === request.method && one.cseq > request.cseq)
  }

  /** The failure to be counted for a request, or none. */
  failureOf(request: Request): Evidence | undefined {
    if (!isFailure(request.status)) return undefined
    if (isChallenge(request.status) && this.isFollowed(request)) return undefined
    return withDiagnosis(request)
  }

  /** What decides a voicemail call: its INVITEs if one is marked, else its REFERs; none for another call. */
  voicemailRequests(): readonly Request[] {
    if (this.notification) return []
    const of = (method: Method) => this.requests.filter(one => one.method === method)
    for (const requests of [of('INVITE'), of('REFER')]) {
      if (requests.some(one => one.voicemail)) return requests
    }
    return []
  }

  /** A final response is still to come, or what a proxy's other branches end with. */
  get isPending(): boolean {
    return this.requests.some(one => !one.decided && !one.cancelled)
  }

  /** A challenge or a redirection that may be followed, or a CANCEL whose 487 is on its way. */
  get isExpectingMore(): boolean {
    return this.requests.some(one =>
      one.status === 0 ? one.cancelled : isToFollow(one.status) && !this.isFollowed(one),
    )
  }
}

const isToFollow = (status: number): boolean =>
  isChallenge(status) || (status >= 300 && status < 400)

const withDiagnosis = ({ evidence, clockSkew }: Request): Evidence | undefined =>
  evidence && clockSkew ? { ...evidence, cause: 'clock_skew', rank: 0 } : evidence

/** How a voicemail call ended and why; undefined where its traces do not tell. */
export const outcomeOf = (
  call: Call,
  requests: readonly Request[],
): { readonly outcome: Outcome; readonly failure?: Evidence } | undefined => {
  if (requests.some(one => one.status >= 200 && one.status < 300)) return { outcome: 'answered' }
  const last = requests
    .filter(one => one.status !== 0)
    .filter(one => !isToFollow(one.status) || !call.isFollowed(one))
    .sort((a, b) => b.cseq - a.cseq)[0]
  if (!last) return requests.some(one => one.cancelled) ? { outcome: 'abandoned' } : undefined
  if (last.status === CANCELLED) return { outcome: 'abandoned' }
  if (last.status < 400) return undefined
  const failures = requests.flatMap(one => call.failureOf(one) ?? [])
  const failure = failures.reduce<Evidence | undefined>(
    (best, one) => (best && !isBetter(one, best) ? best : one),
    undefined,
  )
  return failure ? { outcome: 'failed', failure } : undefined
}
