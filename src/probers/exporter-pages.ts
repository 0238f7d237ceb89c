import { type Failure, failure } from '../net/failure.js'
import { type EncodedRequest, encodedRequest, hostHeader } from '../net/http-client.js'
import { KeptHttp, proxyHeader } from '../net/kept-http.js'
import type { Platform } from '../net/platform.js'
import type { HttpReply } from '../protocol/http.js'
import type { CertificateValidity } from '../protocol/x509.js'
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

/** How both exporters refuse a collector that they do not know, or that is off; and what a bug in them answers. */
const REFUSALS: ReadonlySet<number> = new Set([400, 500])

/** Names the format that is read here: newer exporters have others besides. */
const ACCEPT = ['Accept', 'text/plain;version=0.0.4,text/plain;q=0.5'] as const

/** Whoever wrote such a path has chosen what is collected. */
const HAS_FILTER = /[?&]collect(?:%5B%5D|\[\])=/i

/**
 * Gets pages of one exporter over one connection, which is kept between readings as every exporter does for
 * its scrapers: a handshake less in the way of the clock.
 */
export class ExporterPages {
  readonly #kept: KeptHttp
  readonly #host: string
  readonly #path: string
  /** By the path: there are a handful, asked for again and again. */
  readonly #requests = new Map<string, EncodedRequest>()

  constructor(platform: Platform, { host, module }: ProbeTarget<'exporter'>) {
    const { port, tls, path, server_name: serverName } = module
    const target = { host, port, tls, serverName }
    this.#kept = new KeptHttp(platform, target, PAGE_LIMIT)
    this.#host = hostHeader(target)
    this.#path = path
  }

  /** Whether it may be asked for single collectors. */
  get canFilter(): boolean {
    return !HAS_FILTER.test(this.#path)
  }

  /** What the server showed, nobody verified it; undefined without TLS. */
  get certificate(): CertificateValidity | undefined {
    return this.#kept.validity
  }

  /** The page with these collectors only; all of it where none is named. Never rejects. */
  async get(collectors: readonly string[], signal: AbortSignal): Promise<PageResult> {
    const request = this.#requestFor(this.#pathOf(collectors))
    const result = await this.#kept.exchange(request, signal)
    if (!result.ok) return result
    const { sent, received, reply } = result
    const why = whyNot(reply)
    if (why) return { ...why, refused: collectors.length > 0 && REFUSALS.has(reply.status) }
    return { ok: true, sent, received, text: reply.body }
  }

  close(): void {
    this.#kept.close()
  }

  #pathOf(collectors: readonly string[]): string {
    if (collectors.length === 0) return this.#path
    const filters = collectors.map(name => `collect%5B%5D=${name}`).join('&')
    return `${this.#path}${this.#path.includes('?') ? '&' : '?'}${filters}`
  }

  #requestFor(path: string): EncodedRequest {
    const made = this.#requests.get(path)
    if (made) return made
    const headers = [ACCEPT]
    const request = encodedRequest({ method: 'GET', path, host: this.#host, headers })
    this.#requests.set(path, request)
    return request
  }
}

/** Undefined for what may be a page. */
const whyNot = (reply: HttpReply): Failure | undefined => {
  const { status, headers } = reply
  const proxy = proxyHeader(reply)
  if (proxy) return failure('implausible', `the page came with ${proxy}: it is another's copy`)
  if (status === 401 || status === 403) {
    return failure('unauthenticated', `status ${status}: the page wants credentials`)
  }
  if (status !== 200) return failure('protocol', `status ${status} in place of a page`)
  const encoding = headers.get('content-encoding')?.join(', ') ?? 'identity'
  if (encoding.toLowerCase() === 'identity') return undefined
  return failure('protocol', `the page is encoded as ${encoding.slice(0, 40)}, unasked`)
}
