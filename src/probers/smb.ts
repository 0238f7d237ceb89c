import { ask } from '../net/ask.js'
import { type Failure, failure } from '../net/failure.js'
import type { Connection, Platform } from '../net/platform.js'
import { openConnection } from '../net/stream-client.js'
import { decodeChallenge, encodeNegotiate } from '../protocol/ntlm.js'
import { NTSTATUS, statusText } from '../protocol/ntstatus.js'
import {
  SMB_REPLY_LIMIT,
  type SmbNegotiated,
  encodeSessionSetup,
  encodeSmbNegotiate,
  readSmbNegotiated,
  readSmbSetUp,
} from '../protocol/smb2.js'
import { spnegoOfNtlm } from '../protocol/spnego.js'
import { type Evidence, withExchange } from '../time/evidence.js'
import { type DurationNs, min, toSeconds } from '../time/units.js'
import { eachTime } from './each-time.js'
import { challengeFacts, challengeReading, filetimeReading } from './ntlm-reading.js'
import type { Facts, ProbeResult, ProbeTarget, Prober } from './prober.js'

const NOTHING = failure('no_time', 'SystemTime is 0, and the server takes no more requests')
const GUID_BYTES = 16
/** Each gives a stamp of its own; the first answer on a connection comes late, these do not. */
const SESSION_SETUPS = 3

/**
 * The clock of a file server: SystemTime of NEGOTIATE, and the NTLM challenges that a few beginnings of a
 * session are answered with. No session is ever set up, hence there is no logon and none to end.
 */
export const smb: Prober<'smb'> = {
  reasons: [
    'timeout',
    'refused',
    'unreachable',
    'dns',
    'protocol',
    'no_time',
    'implausible',
    'aborted',
  ],
  open: (platform, target) =>
    eachTime(platform, target.module.timeout, signal => readClock(platform, target, signal)),
}

const readClock = async (
  platform: Platform,
  target: ProbeTarget<'smb'>,
  signal: AbortSignal,
): Promise<ProbeResult> => {
  const { port } = target.module
  const opened = await openConnection(platform, { host: target.host, port, tls: false }, signal)
  if (!opened.ok) return opened
  const { connection } = opened
  try {
    return await new Reading(connection, target, signal).read(platform.randomBytes(GUID_BYTES))
  } finally {
    connection.close()
  }
}

/** What one connection shows. */
class Reading {
  readonly #connection: Connection
  readonly #target: ProbeTarget<'smb'>
  readonly #signal: AbortSignal
  #evidence: Evidence | undefined
  #rtt: DurationNs | undefined
  #facts: Facts = {}
  /** What failed first. */
  #why: Failure | undefined

  constructor(connection: Connection, target: ProbeTarget<'smb'>, signal: AbortSignal) {
    this.#connection = connection
    this.#target = target
    this.#signal = signal
  }

  /** What a stamp showed stays true when the server fails afterwards. */
  async read(clientGuid: Uint8Array): Promise<ProbeResult> {
    const request = encodeSmbNegotiate(clientGuid, SESSION_SETUPS)
    const answer = await this.#ask(request, readSmbNegotiated)
    if (!answer.ok) return answer
    const { sent, received, reply } = answer
    if (reply.status !== NTSTATUS.success) {
      const why = `none of the dialects 2.0.2 to 3.0.2: ${statusText(reply.status)}`
      return failure('no_time', why)
    }
    const { systemTime: stamp } = reply
    if (stamp !== undefined) {
      const { trace } = this.#target
      const { staleness } = this.#target.module
      const facts = bootFacts(reply)
      const field = 'SystemTime of NEGOTIATE'
      this.#learn(filetimeReading({ stamp, field, sent, received, staleness, facts, trace }))
    }
    await this.#setUp(reply.credits)
    return this.#outcome()
  }

  /** `credits`: how many requests the server takes (MS-SMB2 3.2.4.1.2). */
  async #setUp(credits: number): Promise<void> {
    let left = credits
    for (let messageId = 1; messageId <= SESSION_SETUPS && left > 0; messageId++) {
      const request = encodeSessionSetup(messageId, spnegoOfNtlm(encodeNegotiate()))
      const answer = await this.#ask(request, bytes => readSmbSetUp(bytes, messageId))
      if (!answer.ok) return this.#fail(answer)
      const { sent, received, reply } = answer
      const { status, token } = reply
      if (!token) return this.#fail(failure('no_time', `NTLM: ${statusText(status)}`))
      const challenge = decodeChallenge(token)
      if (!challenge) return this.#fail(failure('no_time', 'NTLM: no challenge'))
      const { trace } = this.#target
      const { staleness } = this.#target.module
      this.#facts = { ...this.#facts, ...challengeFacts(challenge) }
      const isRead = this.#learn(challengeReading({ challenge, sent, received, staleness, trace }))
      if (!isRead) return
      left += reply.credits - 1
    }
  }

  #ask<T>(request: Uint8Array, read: Parameters<typeof ask<T>>[1]['read']) {
    return ask(this.#connection, { request, read, limit: SMB_REPLY_LIMIT, signal: this.#signal })
  }

  #learn(result: ProbeResult): boolean {
    if (!result.ok) {
      this.#fail(result)
      return false
    }
    const { at, interval, rtt, facts } = result
    this.#evidence = withExchange(this.#evidence, at, interval)
    this.#rtt = this.#rtt === undefined ? rtt : min(this.#rtt, rtt)
    this.#facts = { ...this.#facts, ...facts }
    return true
  }

  #fail(why: Failure): void {
    this.#why ??= why
    if (this.#evidence) this.#target.trace?.(`no more stamps: ${why.detail}`)
  }

  #outcome(): ProbeResult {
    if (!this.#evidence || this.#rtt === undefined) return this.#why ?? NOTHING
    return { ok: true, ...this.#evidence, rtt: this.#rtt, facts: this.#facts }
  }
}

/** ServerStartTime is 0 where a server does not say (Samba, Windows from 2019 on); nobody starts later than now. */
const bootFacts = ({ systemTime, startTime }: SmbNegotiated): Facts => {
  const isTold = startTime !== undefined && systemTime !== undefined
  const isPossible = isTold && startTime > 0n && startTime <= systemTime
  return isPossible ? { bootTimestamp: toSeconds(startTime) } : {}
}
