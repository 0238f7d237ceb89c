import { type Failure, failure } from '../net/failure.js'
import { type HttpResult, hostHeader, httpExchange } from '../net/http-client.js'
import type { Connection, Platform } from '../net/platform.js'
import { type StreamTarget, openConnection } from '../net/stream-client.js'
import type { HttpReply } from '../protocol/http.js'
import { type CertificateValidity, certificateValidity } from '../protocol/x509.js'
import type { MonoNs } from '../time/units.js'
import type { ProbeTarget } from './prober.js'

/** The most bytes of a page; one of a busy server has 1 MiB. */
export const PAGE_LIMIT = 8 * 1024 * 1024

export interface Page {
  readonly ok: true
  /** Just before it was asked for, and when its last piece was in hand. */
  readonly sent: MonoNs
  readonly received: MonoNs
  readonly text: Uint8Array
}

/** `refused`: the server would have nothing of these collectors; without them it may answer. */
export type PageResult = Page | (Failure & { readonly refused?: boolean })

/** Headers that a page has which somebody else kept, or passed on. */
const OF_PROXIES = ['age', 'via'] as const
/** How both exporters refuse a collector that they do not know, or that is off; and what a bug in them answers. */
const REFUSALS: ReadonlySet<number> = new Set([400, 500])
const REQUEST_TIMEOUT = 408

/** Names the format that is read here: newer exporters have others besides. */
const ACCEPT = ['Accept', 'text/plain;version=0.0.4,text/plain;q=0.5'] as const

/** Whoever wrote such a path has chosen what is collected. */
const HAS_FILTER = /[?&]collect(?:%5B%5D|\[\])=/i

/**
 * Gets pages of one exporter over one connection, which is kept between readings as every exporter does for
 * its scrapers: a handshake less in the way of the clock. One that the server has closed meanwhile is
 * replaced, once.
 */
export class ExporterPages {
  readonly #platform: Platform
  readonly #target: StreamTarget
  readonly #path: string
  #connection: Connection | undefined
  #certificate: CertificateValidity | undefined

  constructor(platform: Platform, { host, module }: ProbeTarget<'exporter'>) {
    const { port, tls, path, server_name: serverName } = module
    this.#platform = platform
    this.#target = { host, port, tls, serverName: serverName || undefined }
    this.#path = path
  }

  /** Whether it may be asked for single collectors. */
  get canFilter(): boolean {
    return !HAS_FILTER.test(this.#path)
  }

  /** What the server showed, nobody verified it; undefined without TLS. */
  get certificate(): CertificateValidity | undefined {
    return this.#certificate
  }

  /** The page with these collectors only; all of it where none is named. Never rejects. */
  async get(collectors: readonly string[], signal: AbortSignal): Promise<PageResult> {
    const result = await this.#exchange(this.#pathOf(collectors), signal)
    if (!result.ok || !result.reply.keepAlive) this.close()
    if (!result.ok) return result
    const { sent, received, reply } = result
    const why = whyNot(reply)
    if (why) return { ...why, refused: collectors.length > 0 && REFUSALS.has(reply.status) }
    return { ok: true, sent, received, text: reply.body }
  }

  close(): void {
    this.#connection?.close()
    this.#connection = undefined
  }

  #pathOf(collectors: readonly string[]): string {
    if (collectors.length === 0) return this.#path
    const filters = collectors.map(name => `collect%5B%5D=${name}`).join('&')
    return `${this.#path}${this.#path.includes('?') ? '&' : '?'}${filters}`
  }

  async #exchange(path: string, signal: AbortSignal): Promise<HttpResult> {
    const kept = this.#connection
    if (kept?.isOpen) {
      let isAnswered = false
      const result = await this.#exchangeOn(kept, path, signal, () => (isAnswered = true))
      const wasClosed = !result.ok && result.reason === 'protocol' && !isAnswered
      const wasFarewell = result.ok && result.reply.status === REQUEST_TIMEOUT
      if (!wasClosed && !wasFarewell) return result
    }
    this.close()
    const opened = await openConnection(this.#platform, this.#target, signal)
    if (!opened.ok) return opened
    const { connection, certificate } = opened
    this.#connection = connection
    this.#certificate = certificate && certificateValidity(certificate)
    return this.#exchangeOn(connection, path, signal)
  }

  #exchangeOn(
    connection: Connection,
    path: string,
    signal: AbortSignal,
    onPiece?: () => void,
  ): Promise<HttpResult> {
    const host = hostHeader(this.#target)
    const request = { method: 'GET', path, host, headers: [ACCEPT] } as const
    const limits = { limit: PAGE_LIMIT, signal, ...(onPiece && { onPiece }) }
    return httpExchange(connection, request, limits)
  }
}

/** Undefined for what may be a page. */
const whyNot = ({ status, headers }: HttpReply): Failure | undefined => {
  const proxy = OF_PROXIES.find(name => headers.has(name))
  if (proxy) return failure('implausible', `the page came with ${proxy}: it is another's copy`)
  if (status === 401 || status === 403) {
    return failure('unauthenticated', `status ${status}: the page wants credentials`)
  }
  if (status !== 200) return failure('protocol', `status ${status} in place of a page`)
  const encoding = headers.get('content-encoding')?.join(', ') ?? 'identity'
  if (encoding.toLowerCase() === 'identity') return undefined
  return failure('protocol', `the page is encoded as ${encoding.slice(0, 40)}, unasked`)
}
