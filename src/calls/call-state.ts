import { Call, type Evidence, Request } from './call.js'
import type { Fingerprint } from './fingerprint.js'
import type { Cause } from '../protocol/causes.js'
import type { Direction, Method } from '../protocol/sip-message.js'

/** A request in the state file: short, because there may be many. */
type SavedRequest = readonly [
  cseq: number,
  method: Method,
  sentVias: number,
  vias: number,
  status: number,
  flags: number,
  evidence: SavedEvidence | null,
]

type SavedEvidence = readonly [
  status: number,
  diagnostic: string,
  cause: Cause,
  rank: number,
  vias: number,
  direction: Direction,
  server: string,
]

export type SavedCall = readonly [
  key: Fingerprint,
  notification: boolean,
  requests: readonly SavedRequest[],
]

const FLAGS = { voicemail: 1, cancelled: 2, clockSkew: 4 }

export const saveCall = (key: Fingerprint, call: Call): SavedCall => [
  key,
  call.notification,
  call.requests.map(one => [
    one.cseq,
    one.method,
    one.sentVias,
    one.vias,
    one.status,
    (one.voicemail ? FLAGS.voicemail : 0) |
      (one.cancelled ? FLAGS.cancelled : 0) |
      (one.clockSkew ? FLAGS.clockSkew : 0),
    one.evidence ? saveEvidence(one.evidence) : null,
  ]),
]

const saveEvidence = (one: Evidence): SavedEvidence => [
  one.status,
  one.diagnostic,
  one.cause,
  one.rank,
  one.vias,
  one.direction,
  one.server,
]

const restoreEvidence = (saved: SavedEvidence): Evidence => {
  const [status, diagnostic, cause, rank, vias, direction, server] = saved
  return { status, diagnostic, cause, rank, vias, direction, server }
}

export const restoreCall = ([key, notification, requests]: SavedCall): [Fingerprint, Call] => {
  const call = new Call()
  call.notification = notification
  for (const [cseq, method, sentVias, vias, status, flags, evidence] of requests) {
    const request = new Request(cseq, method)
    Object.assign(request, {
      sentVias,
      vias,
      status,
      evidence: evidence ? restoreEvidence(evidence) : undefined,
    })
    request.voicemail = (flags & FLAGS.voicemail) > 0
    request.cancelled = (flags & FLAGS.cancelled) > 0
    request.clockSkew = (flags & FLAGS.clockSkew) > 0
    call.requests.push(request)
  }
  return [key, call]
}
