import { type Failure, failure } from '../net/failure.js'
import { type HttpResult, hostHeader, httpExchange } from '../net/http-client.js'
import type { Connection, Platform } from '../net/platform.js'
import { type StreamTarget, openConnection } from '../net/stream-client.js'
import { type HttpReply, type HttpRequest, parseHttpDate } from '../protocol/http.js'
import { MAX_HEAD_BYTES } from '../protocol/http-head.js'
import { certificateValidity } from '../protocol/x509.js'
import { type UnixNs, elapsed, toMilliseconds, unixNs } from '../time/units.js'
import type { Facts, ProbeTarget, Prober } from './prober.js'
import { SecondEdgeSession, type SecondSource, type SecondStamp } from './second-edge.js'

/** No clock is outside of these: 1970 and 2200. */
const EARLIEST = unixNs(0n)
const LATEST = unixNs(7_258_118_400n * 1_000_000_000n)

/** Who adds one of these answers for another, and its `Date` may be of either. */
const OF_PROXIES = ['age', 'via'] as const
const REQUEST_TIMEOUT = 408

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
  readonly #platform: Platform
  readonly #target: StreamTarget
  readonly #request: HttpRequest
  readonly #trace: ProbeTarget<'http'>['trace']
  #connection: Connection | undefined
  #facts: Facts = {}
  #isClosed = false

  constructor(platform: Platform, { host, module, trace }: ProbeTarget<'http'>) {
    const { port, tls, path, server_name: serverName } = module
    this.#platform = platform
    this.#target = { host, port, tls, serverName }
    this.#request = { method: 'HEAD', path, host: hostHeader(this.#target) }
    this.#trace = trace
  }

  async ask(signal: AbortSignal): Promise<SecondStamp | Failure> {
    const result = await this.#exchange(signal)
    if (!result.ok || !result.reply.keepAlive || this.#isClosed) this.#hangUp()
    return result.ok ? this.#stampOf(result) : result
  }

  /** A reading may be under way: it opens no connection again that nobody would close. */
  close(): void {
    this.#isClosed = true
    this.#hangUp()
  }

  #hangUp(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  /** A server may close a connection that it kept until now just when it is asked again. */
  async #exchange(signal: AbortSignal): Promise<HttpResult> {
    const kept = this.#connection
    if (kept?.isOpen) {
      let isAnswered = false
      const onPiece = (): void => void (isAnswered = true)
      const result = await this.#exchangeOn(kept, signal, onPiece)
      const wasClosed = !result.ok && result.reason === 'protocol' && !isAnswered
      if (!wasClosed && !(result.ok && isFarewell(result.reply))) return result
    }
    this.#hangUp()
    if (this.#isClosed) return failure('aborted', 'nobody asks for this clock any more')
    const opened = await openConnection(this.#platform, this.#target, signal)
    if (!opened.ok) return opened
    const { connection, certificate: der } = opened
    this.#connection = connection
    const certificate = der && certificateValidity(der)
    this.#facts = certificate ? { certificate } : {}
    return this.#exchangeOn(connection, signal)
  }

  #exchangeOn(
    connection: Connection,
    signal: AbortSignal,
    onPiece?: () => void,
  ): Promise<HttpResult> {
    const limits = { limit: MAX_HEAD_BYTES + 1, signal, ...(onPiece && { onPiece }) }
    return httpExchange(connection, this.#request, limits)
  }

  #stampOf({ sent, received, reply }: HttpResult & { readonly ok: true }): SecondStamp | Failure {
    const date = dateOf(reply)
    if ('ok' in date) return date
    const { stamp, text } = date
    const rtt = toMilliseconds(elapsed(sent, received))
    this.#trace?.(`Date of a reply ${reply.status}: ${text}, in an exchange of ${rtt} ms`)
    return { ok: true, sent, received, stamp, facts: this.#facts }
  }
}

interface Dated {
  readonly stamp: UnixNs
  readonly text: string
}

/**
 * Sent to a connection that was silent for too long (RFC 9110 §15.5.9), so it may have been stamped before our
 * request left, and is no answer to it.
 */
const isFarewell = ({ status }: HttpReply): boolean => status === REQUEST_TIMEOUT

const dateOf = (reply: HttpReply): Dated | Failure => {
  const { headers } = reply
  const proxy = OF_PROXIES.find(name => headers.has(name))
  if (proxy !== undefined) {
    return failure('implausible', `the answer has the header ${proxy}: its Date may be a proxy's`)
  }
  if (isFarewell(reply)) return failure('no_time', 'the server closes without an answer: 408')
  const [text, ...others] = headers.get('date') ?? []
  if (text === undefined) return failure('no_time', 'the answer has no Date')
  if (others.some(other => other !== text)) {
    return failure('implausible', 'the answer has several Dates, and they differ')
  }
  const stamp = parseHttpDate(text)
  if (stamp === undefined) return failure('no_time', 'the Date of the answer is no date')
  return stamp >= EARLIEST && stamp < LATEST
    ? { stamp, text }
    : failure('implausible', 'a Date that no clock has')
}
