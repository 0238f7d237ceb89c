import type { HttpReply } from '../protocol/http.js'
import { type CertificateValidity, certificateValidity } from '../protocol/x509.js'
import { type MonoNs, elapsed, seconds } from '../time/units.js'
import { type Failure, failure } from './failure.js'
import { type EncodedRequest, type HttpResult, httpExchange } from './http-client.js'
import type { Connection, Platform } from './platform.js'
import { type StreamTarget, openConnection } from './stream-client.js'

/** A certificate may be renewed at any time, and is shown to new connections only. */
const LONGEST_KEPT = seconds(3600)

const REQUEST_TIMEOUT = 408

/** Headers that a reply has which somebody else kept, or passed on. */
const OF_PROXIES = ['age', 'via'] as const

/** The header that says so; a time in such a reply may be another's. */
export const proxyHeader = ({ headers }: HttpReply): string | undefined =>
  OF_PROXIES.find(name => headers.has(name))

/**
 * Sent to a connection that was silent for too long (RFC 9110 §15.5.9): it may have been made before the request
 * left, and is no answer to it.
 */
export const isFarewell = ({ status }: HttpReply): boolean => status === REQUEST_TIMEOUT

/**
 * One connection to a server, kept from request to request for as long as the server keeps it, an hour at most.
 * A server may close it just when it is asked again: such a request is sent once more, on a fresh one.
 */
export class KeptHttp {
  readonly #platform: Platform
  readonly #target: StreamTarget
  readonly #limit: number
  #kept: { readonly connection: Connection; readonly since: MonoNs } | undefined
  #certificate: Uint8Array | undefined
  #validity: CertificateValidity | undefined
  #isClosed = false

  /** `limit`: the most bytes of a reply. */
  constructor(platform: Platform, target: StreamTarget, limit: number) {
    this.#platform = platform
    this.#target = target
    this.#limit = limit
  }

  /** What the server showed last, in DER, not verified; undefined without TLS. */
  get certificate(): Uint8Array | undefined {
    return this.#certificate
  }

  /** The dates of that certificate, where it has any. */
  get validity(): CertificateValidity | undefined {
    return this.#validity
  }

  /** Never rejects. One at a time. */
  async exchange(request: EncodedRequest, signal: AbortSignal): Promise<HttpResult> {
    const result = await this.#ask(request, signal)
    if (!result.ok || !result.reply.keepAlive || this.#isClosed) this.hangUp()
    return result
  }

  /** The next request has a fresh connection. */
  hangUp(): void {
    this.#kept?.connection.close()
    this.#kept = undefined
  }

  /** An exchange may be under way: it opens no connection again that nobody would close. */
  close(): void {
    this.#isClosed = true
    this.hangUp()
  }

  async #ask(request: EncodedRequest, signal: AbortSignal): Promise<HttpResult> {
    const limit = this.#limit
    const kept = this.#usable()
    if (kept) {
      let isAnswered = false
      const onPiece = (): void => void (isAnswered = true)
      const result = await httpExchange(kept, request, { limit, signal, onPiece })
      const wasClosed = !result.ok && result.reason === 'protocol' && !isAnswered
      if (!wasClosed && !(result.ok && isFarewell(result.reply))) return result
    }
    this.hangUp()
    const fresh = await this.#open(signal)
    return fresh.ok ? httpExchange(fresh.connection, request, { limit, signal }) : fresh
  }

  #usable(): Connection | undefined {
    if (!this.#kept) return undefined
    const { connection, since } = this.#kept
    const isFresh = elapsed(since, this.#platform.clock.mono()) < LONGEST_KEPT
    return connection.isOpen && isFresh ? connection : undefined
  }

  async #open(
    signal: AbortSignal,
  ): Promise<{ readonly ok: true; readonly connection: Connection } | Failure> {
    if (this.#isClosed) return NOBODY_ASKS
    const opened = await openConnection(this.#platform, this.#target, signal)
    if (!opened.ok) return opened
    const { connection, certificate } = opened
    this.#kept = { connection, since: this.#platform.clock.mono() }
    this.#certificate = certificate
    this.#validity = certificate && certificateValidity(certificate)
    return { ok: true, connection }
  }
}

const NOBODY_ASKS = failure('aborted', 'nobody asks for this clock any more')
