import { isIPv6 } from 'node:net'
import {
  type HttpReply,
  HttpReplyReader,
  type HttpRequest,
  type ReadHttp,
  encodeHttpRequest,
} from '../protocol/http.js'
import type { MonoNs } from '../time/units.js'
import { type Failure, failure } from './failure.js'
import type { Connection } from './platform.js'
import type { StreamTarget } from './stream-client.js'

export interface HttpLimits {
  /** The most bytes of a reply, its head included; a longer one is `protocol`. */
  readonly limit: number
  readonly signal: AbortSignal
  /** Hears of each piece of the reply. Where there was none, a request may be sent again elsewhere. */
  readonly onPiece?: () => void
}

/** What is sent, made once for as often as it is sent. */
export interface EncodedRequest {
  readonly method: HttpRequest['method']
  readonly bytes: Uint8Array
}

export type HttpResult =
  | {
      readonly ok: true
      /** When the request was about to leave, and when the last byte of the reply was in hand. */
      readonly sent: MonoNs
      readonly received: MonoNs
      readonly reply: HttpReply
    }
  | Failure

const HTTP_PORT = 80
const HTTPS_PORT = 443

export const encodedRequest = (request: HttpRequest): EncodedRequest => ({
  method: request.method,
  bytes: encodeHttpRequest(request),
})

/** One request and its reply. After a failure the connection is of no more use: close it. */
export const httpExchange = async (
  connection: Connection,
  { method, bytes: request }: EncodedRequest,
  { limit, signal, onPiece }: HttpLimits,
): Promise<HttpResult> => {
  const reader = new HttpReplyReader(method)
  const result = await connection.exchange({
    request,
    limit,
    signal,
    accept: (bytes, received, ended) => {
      onPiece?.()
      const read: ReadHttp = reader.read(bytes, ended)
      return read && { read, received }
    },
  })
  if (!result.ok) return result
  const { sent, value } = result
  const { read, received } = value
  return read.ok
    ? { ok: true, sent, received, reply: read.reply }
    : failure('protocol', read.detail)
}

/** RFC 9110 §7.2: an IPv6 address in brackets without its zone, the port where it is not the usual one. */
export const hostHeader = ({ host, port, tls, serverName }: StreamTarget): string => {
  const name = serverName || host
  const [address = ''] = name.split('%')
  const uriHost = isIPv6(name) ? `[${address}]` : name
  return port === (tls ? HTTPS_PORT : HTTP_PORT) ? uriHost : `${uriHost}:${port}`
}
