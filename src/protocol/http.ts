import { chunkAt, pastChunk } from './http-chunk.js'
import {
  BEGINNING,
  type Framing,
  type HttpHead,
  MAX_FIELDS,
  MAX_HEAD_BYTES,
  type Malformed,
  framingOf,
  isPersistent,
  latin1,
  malformed,
  parseHead,
} from './http-head.js'

export { parseHttpDate } from './http-date.js'

/** HTTP/1.1 from a client's side, RFC 9110 and 9112: as much of it as reading a clock takes. */
export interface HttpRequest {
  readonly method: 'HEAD' | 'GET' | 'POST'
  /** With its query, as it goes into the request line. */
  readonly path: string
  /** The value of `Host`. */
  readonly host: string
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: Uint8Array
}

export interface HttpReply {
  readonly status: number
  /** By name in lower case; the values of a name in their order, not split at commas. */
  readonly headers: ReadonlyMap<string, readonly string[]>
  /** Of a chunked reply what was in the chunks. It shares the memory that it was read from. */
  readonly body: Uint8Array
  /** Whether the connection can take another request. */
  readonly keepAlive: boolean
  /** Of all heads together: a reply of 100 to 199 may come before the final one. */
  readonly headBytes: number
}

/** Undefined where the reply is not whole yet; `detail` is for people. */
export type ReadHttp = { readonly ok: true; readonly reply: HttpReply } | Malformed | undefined

const CR = 0x0d
const LF = 0x0a
const SWITCHING_PROTOCOLS = 101
const NOTHING = new Uint8Array(0)
const CUT_SHORT = malformed('the connection was closed within the reply')

const encoder = new TextEncoder()

/** Says who asks, and wants the body as it is. Nothing in it is escaped: it was checked before. */
export const encodeHttpRequest = (request: HttpRequest): Uint8Array => {
  const { method, path, host, headers = [], body } = request
  let head = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nUser-Agent: edgeclock\r\n`
  head += 'Accept-Encoding: identity\r\n'
  for (const [name, value] of headers) head += `${name}: ${value}\r\n`
  if (body || method === 'POST') head += `Content-Length: ${body?.length ?? 0}\r\n`
  const encoded = encoder.encode(`${head}\r\n`)
  if (!body) return encoded
  const both = new Uint8Array(encoded.length + body.length)
  both.set(encoded)
  both.set(body, encoded.length)
  return both
}

/** All of a reply at once; `ended`: no more will come. */
export const readHttpReply = (
  bytes: Uint8Array,
  method: HttpRequest['method'],
  ended: boolean,
): ReadHttp => new HttpReplyReader(method).read(bytes, ended)

/**
 * Reads one reply that comes piece by piece, and looks at each byte once: a server that sends a byte at a
 * time costs no more than another one.
 */
export class HttpReplyReader {
  readonly #method: HttpRequest['method']
  #head: HttpHead | undefined
  #framing: Framing = 0
  /** Where this head begins; its line; and how far that was searched for its end. */
  #headAt = 0
  #lineAt = 0
  #searched = 0
  #lines = 0
  #bodyAt = 0
  /** Of a chunked body: where the next chunk's line begins, and what was in those before. */
  #chunkAt = 0
  #bodyBytes = 0
  #inTrailers = false

  constructor(method: HttpRequest['method']) {
    this.#method = method
  }

  /** All that came until now, the bytes of the last time first. */
  read(bytes: Uint8Array, ended: boolean): ReadHttp {
    const wrong = this.#head ? undefined : this.#readHead(bytes)
    if (wrong) return wrong
    const whole = this.#head ? this.#readBody(this.#head, bytes, ended) : undefined
    return whole ?? (ended ? CUT_SHORT : undefined)
  }

  #readHead(bytes: Uint8Array): Malformed | undefined {
    for (;;) {
      if (!beginsLikeHttp(bytes, this.#headAt)) return malformed('this is not HTTP')
      const end = this.#endOfLines(bytes)
      if (typeof end === 'object') return end
      const seen = end ?? bytes.length
      if (seen > MAX_HEAD_BYTES) return malformed(`headers above ${MAX_HEAD_BYTES} bytes`)
      if (end === undefined) return undefined
      const head = parseHead(latin1(bytes.subarray(this.#headAt, end)))
      if ('ok' in head) return head
      if (head.status === SWITCHING_PROTOCOLS) return malformed('a protocol that nobody asked for')
      this.#headAt = end
      this.#lines = 0
      if (head.status >= 200) return this.#beginBody(head, end)
    }
  }

  /** Past the empty line that ends a head or trailers. */
  #endOfLines(bytes: Uint8Array): number | Malformed | undefined {
    for (;;) {
      const lf = bytes.indexOf(LF, this.#searched)
      this.#searched = lf < 0 ? bytes.length : lf + 1
      if (lf < 0) return undefined
      const length = lf - this.#lineAt
      const isEmpty = length === 0 || (length === 1 && bytes[this.#lineAt] === CR)
      this.#lineAt = lf + 1
      if (isEmpty) return this.#lineAt
      if (++this.#lines > MAX_FIELDS + 1) return malformed(`more than ${MAX_FIELDS} headers`)
    }
  }

  #beginBody(head: HttpHead, at: number): Malformed | undefined {
    const { status } = head
    const hasNone = this.#method === 'HEAD' || status === 204 || status === 304
    const framing = hasNone ? 0 : framingOf(head)
    if (typeof framing === 'object') return framing
    this.#head = head
    this.#framing = framing
    this.#bodyAt = at
    this.#chunkAt = at
    return undefined
  }

  #readBody(head: HttpHead, bytes: Uint8Array, ended: boolean): ReadHttp {
    const at = this.#bodyAt
    if (this.#framing === 'close')
      return ended ? this.#whole(head, bytes.subarray(at), false) : undefined
    if (this.#framing === 'chunked') {
      const end = this.#endOfChunks(bytes)
      if (end === undefined || typeof end === 'object') return end
      return this.#whole(head, this.#joined(bytes), !ended && bytes.length === end)
    }
    const end = at + this.#framing
    if (bytes.length < end) return undefined
    // What comes after it answers nothing that was asked.
    return this.#whole(head, bytes.subarray(at, end), !ended && bytes.length === end)
  }

  #whole(head: HttpHead, body: Uint8Array, stays: boolean): ReadHttp {
    const { status, headers } = head
    const keepAlive = stays && isPersistent(head)
    return { ok: true, reply: { status, headers, body, keepAlive, headBytes: this.#bodyAt } }
  }

  /** Trailers are passed over, as extensions are. */
  #endOfChunks(bytes: Uint8Array): number | Malformed | undefined {
    while (!this.#inTrailers) {
      const chunk = chunkAt(bytes, this.#chunkAt)
      if (!chunk || 'ok' in chunk) return chunk
      if (chunk.size === 0) {
        this.#inTrailers = true
        this.#lineAt = this.#searched = chunk.from
        break
      }
      const past = pastChunk(bytes, chunk)
      if (bytes.length < past) return undefined
      if (bytes[past - 1] !== LF) return malformed('a chunk that does not end where it says')
      this.#bodyBytes += chunk.size
      this.#chunkAt = past
    }
    const began = this.#chunkAt
    const end = this.#endOfLines(bytes)
    if (this.#searched - began > MAX_HEAD_BYTES) return malformed('trailers that do not end')
    return end
  }

  /** Gone through once more: a list of a million chunks of a byte would be larger than they are. */
  #joined(bytes: Uint8Array): Uint8Array {
    if (this.#bodyBytes === 0) return NOTHING
    const body = new Uint8Array(this.#bodyBytes)
    let at = this.#bodyAt
    for (let done = 0; done < body.length;) {
      const chunk = chunkAt(bytes, at)
      if (!chunk || 'ok' in chunk) return NOTHING
      const { from, size } = chunk
      if (size === 1) body[done] = bytes[from] ?? 0
      else body.set(bytes.subarray(from, from + size), done)
      done += size
      at = pastChunk(bytes, chunk)
    }
    return body
  }
}

const beginsLikeHttp = (bytes: Uint8Array, at: number): boolean => {
  const length = Math.min(BEGINNING.length, bytes.length - at)
  for (let i = 0; i < length; i++) if (bytes[at + i] !== BEGINNING.charCodeAt(i)) return false
  return true
}
