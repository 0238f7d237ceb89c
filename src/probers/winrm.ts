import { withDeadline } from '../net/deadline.js'
import { type Failure, failure } from '../net/failure.js'
import {
  type EncodedRequest,
  type HttpResult,
  encodedRequest,
  hostHeader,
} from '../net/http-client.js'
import { KeptHttp, isFarewell } from '../net/kept-http.js'
import type { Platform } from '../net/platform.js'
import { steadily } from '../net/steadily.js'
import type { StreamTarget } from '../net/stream-client.js'
import type { HttpReply } from '../protocol/http.js'
import { type NtlmChallenge, decodeChallenge, encodeNegotiate } from '../protocol/ntlm.js'
import { authChallenges } from '../protocol/www-authenticate.js'
import { challengeReading } from './ntlm-reading.js'
import type { ProbeResult, ProbeTarget, Prober } from './prober.js'

/** The most bytes of an answer: the pages that come with a 401 have a few thousand. */
const REPLY_LIMIT = 256 * 1024

/** Of what a server offers instead, for people. */
const MAX_NAMED = 100

/** In the order of our liking: the first is what WinRM offers by itself. */
const SCHEMES = ['Negotiate', 'NTLM'] as const
type Scheme = (typeof SCHEMES)[number]

/**
 * The clock of a server with Windows authentication over HTTP, from the challenge that it answers the
 * first message of an NTLM logon with; there is no third message, hence no logon (MS-NTHT).
 * A proxy in between costs the time that it takes, and no more: it can have no challenge of its own
 * in store, since each one is made for one connection. So `Via` and `Age` do not matter here.
 */
export const winrm: Prober<'winrm'> = {
  reasons: [
    'timeout',
    'refused',
    'unreachable',
    'dns',
    'tls',
    'protocol',
    'no_time',
    'implausible',
    'aborted',
  ],
  open: (platform, target) => {
    const requests = requestsTo(target)
    return {
      read: signal =>
        withDeadline(platform.timers, target.module.timeout, signal, inner =>
          steadily(platform.clock, async () => {
            const reading = new Reading(platform, target, requests, inner)
            try {
              return await reading.read()
            } finally {
              reading.close()
            }
          }),
        ),
      close: () => undefined,
    }
  },
}

/** The first one negotiates nothing yet. */
type Requests = Readonly<Record<'first' | Scheme, EncodedRequest>>

const NEGOTIATE = Buffer.from(encodeNegotiate()).toString('base64')

const targetOf = ({ host, module }: ProbeTarget<'winrm'>): StreamTarget => {
  const { port, tls, server_name: serverName } = module
  return { host, port, tls, serverName }
}

const requestsTo = (target: ProbeTarget<'winrm'>): Requests => {
  const { path } = target.module
  const host = hostHeader(targetOf(target))
  const request = (scheme?: Scheme): EncodedRequest => {
    const headers = scheme ? [['Authorization', `${scheme} ${NEGOTIATE}`] as const] : []
    return encodedRequest({ method: 'POST', path, host, headers })
  }
  return { first: request(), Negotiate: request('Negotiate'), NTLM: request('NTLM') }
}

type Answer = HttpResult & { readonly ok: true }

/** One reading, with the connections that it takes. */
class Reading {
  readonly #target: ProbeTarget<'winrm'>
  readonly #requests: Requests
  readonly #signal: AbortSignal
  readonly #kept: KeptHttp

  constructor(
    platform: Platform,
    target: ProbeTarget<'winrm'>,
    requests: Requests,
    signal: AbortSignal,
  ) {
    this.#target = target
    this.#requests = requests
    this.#signal = signal
    this.#kept = new KeptHttp(platform, targetOf(target), REPLY_LIMIT)
  }

  async read(): Promise<ProbeResult> {
    // The first request on a connection takes longer on a server: its answer carries no stamp.
    const first = await this.#ask('first')
    if (!first.ok) return first
    const offered = offeredBy(first.reply)
    if (offered.length === 0) return noTime(first.reply)
    for (const scheme of offered) {
      const answer = await this.#ask(scheme)
      if (!answer.ok) return answer
      const challenge = challengeIn(answer.reply, scheme)
      if (challenge) return this.#readingOf(answer, challenge)
      if (isFarewell(answer.reply)) return noTime(answer.reply)
      // Half a logon of another kind may be bound to it.
      this.#kept.hangUp()
    }
    return failure('no_time', `${offered.join(' and ')} without NTLM: Kerberos only`)
  }

  close(): void {
    this.#kept.close()
  }

  #readingOf({ sent, received }: Answer, challenge: NtlmChallenge): ProbeResult {
    const { module, trace } = this.#target
    const { staleness } = module
    const { certificate } = this.#kept
    return challengeReading({ challenge, sent, received, staleness, certificate, trace })
  }

  #ask(request: keyof Requests): Promise<HttpResult> {
    return this.#kept.exchange(this.#requests[request], this.#signal)
  }
}

const fieldsOf = ({ headers }: HttpReply): readonly string[] =>
  headers.get('www-authenticate') ?? []

const offeredBy = (reply: HttpReply): readonly Scheme[] => {
  const challenges = authChallenges(fieldsOf(reply))
  const has = (scheme: string): boolean =>
    challenges.some(one => one.scheme === scheme.toLowerCase())
  return SCHEMES.filter(has)
}

/** It speaks HTTP, and has nothing that stamps a time: not even a wrong path is a fault of it. */
const noTime = (reply: HttpReply): Failure => {
  const schemes = new Set(authChallenges(fieldsOf(reply)).map(({ scheme }) => scheme))
  const others = schemes.size > 0 ? `, only ${[...schemes].join(', ').slice(0, MAX_NAMED)}` : ''
  return failure('no_time', `status ${reply.status} without Windows authentication${others}`)
}

/** Under the scheme that was asked for: a server may offer the other one anew beside it. */
const challengeIn = (reply: HttpReply, scheme: Scheme): NtlmChallenge | undefined => {
  const found = authChallenges(fieldsOf(reply)).find(
    ({ scheme: name, token }) => name === scheme.toLowerCase() && token !== undefined,
  )
  return found?.token === undefined
    ? undefined
    : decodeChallenge(Buffer.from(found.token, 'base64'))
}
