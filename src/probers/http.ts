import { type Failure, failure } from '../net/failure.js'
import {
  type EncodedRequest,
  type HttpResult,
  encodedRequest,
  hostHeader,
} from '../net/http-client.js'
import { KeptHttp, isFarewell, proxyHeader } from '../net/kept-http.js'
import type { Platform } from '../net/platform.js'
import { type HttpReply, parseHttpDate } from '../protocol/http.js'
import { MAX_HEAD_BYTES } from '../protocol/http-head.js'
import { isClockTime } from '../time/stamp.js'
import { type UnixNs, elapsed, toMilliseconds } from '../time/units.js'
import type { ProbeTarget, Prober } from './prober.js'
import { SecondEdgeSession, type SecondSource, type SecondStamp } from './second-edge.js'

/**
 * The clock of a web server, from the `Date` of its answers to HEAD (RFC 9110 §6.6.1), aimed at its second edges. Any
 * status will do: a redirect's Date is as good as a page's, and a server that cannot serve just
 * now (5xx) still has a clock. Redirects are not followed, for they may lead to another server.
 */
export const http: Prober<'http'> = {
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
    const { timeout, staleness } = target.module
    // The header was made to tell the time: one stamp is enough to believe it.
    const options = { timeout, staleness, samples: 1, trace: target.trace }
    return new SecondEdgeSession(platform, new DateSource(platform, target), options)
  },
}

/** Asks on one connection for as long as the server keeps it, between readings too. */
class DateSource implements SecondSource {
  readonly #request: EncodedRequest
  readonly #kept: KeptHttp
  readonly #trace: ProbeTarget<'http'>['trace']

  constructor(platform: Platform, { host, module, trace }: ProbeTarget<'http'>) {
    const { port, tls, path, server_name: serverName } = module
    const target = { host, port, tls, serverName }
    this.#request = encodedRequest({ method: 'HEAD', path, host: hostHeader(target) })
    this.#kept = new KeptHttp(platform, target, MAX_HEAD_BYTES + 1)
    this.#trace = trace
  }

  async ask(signal: AbortSignal): Promise<SecondStamp | Failure> {
    const result = await this.#kept.exchange(this.#request, signal)
    return result.ok ? this.#stampOf(result) : result
  }

  close(): void {
    this.#kept.close()
  }

  #stampOf({ sent, received, reply }: HttpResult & { readonly ok: true }): SecondStamp | Failure {
    const date = dateOf(reply)
    if ('ok' in date) return date
    const { stamp, text } = date
    const rtt = toMilliseconds(elapsed(sent, received))
    this.#trace?.(`Date of a reply ${reply.status}: ${text}, in an exchange of ${rtt} ms`)
    const { validity: certificate } = this.#kept
    return { ok: true, sent, received, stamp, facts: certificate ? { certificate } : {} }
  }
}

interface Dated {
  readonly stamp: UnixNs
  readonly text: string
}

const dateOf = (reply: HttpReply): Dated | Failure => {
  const proxy = proxyHeader(reply)
  if (proxy !== undefined) {
    return failure('implausible', `the answer has the header ${proxy}: its Date may be a proxy's`)
  }
  if (isFarewell(reply)) return failure('no_time', 'the server closes without an answer: 408')
  const [text, ...others] = reply.headers.get('date') ?? []
  if (text === undefined) return failure('no_time', 'the answer has no Date')
  if (others.some(other => other !== text)) {
    return failure('implausible', 'the answer has several Dates, and they differ')
  }
  const stamp = parseHttpDate(text)
  if (stamp === undefined) return failure('no_time', 'the Date of the answer is no date')
  return isClockTime(stamp) ? { stamp, text } : failure('implausible', 'a Date that no clock has')
}
