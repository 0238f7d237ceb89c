/** The head of an HTTP/1 reply, RFC 9112 §4–6. */

export const MAX_HEAD_BYTES = 64 * 1024
export const MAX_FIELDS = 256

export interface HttpHead {
  readonly status: number
  /** HTTP/1.0 or HTTP/1.1. */
  readonly minor: 0 | 1
  /** By name in lower case; the values of a name in their order, not split at commas. */
  readonly headers: ReadonlyMap<string, readonly string[]>
}

/** Why it is no reply, for people. */
export interface Malformed {
  readonly ok: false
  readonly detail: string
}

/** How long the body is: in bytes, in chunks, or until the connection closes. */
export type Framing = number | 'chunked' | 'close'

/** How every reply begins that is understood here. */
export const BEGINNING = 'HTTP/1.'
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/
// RFC 9110 §5.6.2.
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/
/** RFC 9110 §5.5: what a value must not have, a line's end within it foremost. */
const FORBIDDEN = /[\0\r]/
const LENGTH = /^\d{1,15}$/
const AT_ONCE = 4096

export const malformed = (detail: string): Malformed => ({ ok: false, detail })

/**
 * Each byte as the code unit of its value: what TextDecoder calls latin1 is Windows-1252. Spread as arguments the bytes would
 * be iterated one by one, which takes eight times as long.
 */
export const latin1 = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += AT_ONCE) {
    const some: string = Reflect.apply(
      String.fromCharCode,
      undefined,
      bytes.subarray(at, at + AT_ONCE),
    )
    text += some
  }
  return text
}

/** A whole head, its empty line included. A line may end in LF alone (RFC 9112 §2.2). */
export const parseHead = (text: string): HttpHead | Malformed => {
  const lines = text.split('\n')
  const [, minor, status] = STATUS_LINE.exec(withoutCr(lines[0] ?? '')) ?? []
  if (status === undefined) return malformed('no status line of HTTP/1')
  const headers = parseFields(lines)
  if (!(headers instanceof Map)) return headers
  return { status: Number(status), minor: minor === '0' ? 0 : 1, headers }
}

const withoutCr = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line)

/** All lines but the first, up to the empty one. */
const parseFields = (lines: readonly string[]): Map<string, string[]> | Malformed => {
  const headers = new Map<string, string[]>()
  let last: string[] | undefined
  for (let i = 1; i < lines.length; i++) {
    const line = withoutCr(lines[i] ?? '')
    if (line === '') break
    if (FORBIDDEN.test(line)) return malformed('a control character in a header')
    const value = withoutSpace(line)
    if (isSpace(line.charCodeAt(0))) {
      // A folded line (RFC 9112 §5.2) goes on with the one before.
      if (!last) return malformed('white space before the first header')
      last.push(`${last.pop() ?? ''} ${value}`)
      continue
    }
    const colon = value.indexOf(':')
    const name = value.slice(0, Math.max(colon, 0))
    if (!TOKEN.test(name)) return malformed('a line that is no header')
    last = headers.get(name.toLowerCase()) ?? []
    if (last.length === 0) headers.set(name.toLowerCase(), last)
    last.push(withoutSpace(value.slice(colon + 1)))
  }
  return headers
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09

const withoutSpace = (text: string): string => {
  let from = 0
  let to = text.length
  while (from < to && isSpace(text.charCodeAt(from))) from++
  while (to > from && isSpace(text.charCodeAt(to - 1))) to--
  return text.slice(from, to)
}

const listOf = (headers: HttpHead['headers'], name: string): readonly string[] => {
  const values = headers.get(name)
  if (!values) return []
  const items = values.join(',').toLowerCase().split(',')
  return items.map(withoutSpace)
}

/** Whether the server means to take another request, RFC 9112 §9.3. */
export const isPersistent = ({ minor, headers }: HttpHead): boolean => {
  const options = listOf(headers, 'connection')
  if (options.includes('close')) return false
  // A server of HTTP/1.0 that sends chunks knows neither: §6.1 wants such a connection closed.
  return minor === 1 || (options.includes('keep-alive') && !headers.has('transfer-encoding'))
}

/**
 * RFC 9112 §6.3, of a reply that has a body. A reply that names both a coding and a length, or two
 * lengths, was tampered with on its way, or its server does not know what it sends.
 */
export const framingOf = ({ headers }: HttpHead): Framing | Malformed => {
  const codings = listOf(headers, 'transfer-encoding')
  const lengths = listOf(headers, 'content-length')
  if (codings.length > 0) {
    if (lengths.length > 0) return malformed('both Transfer-Encoding and Content-Length')
    if (codings.length === 1 && codings[0] === 'chunked') return 'chunked'
    return malformed('a transfer coding that nobody asked for')
  }
  const [length] = lengths
  if (length === undefined) return 'close'
  if (!LENGTH.test(length) || lengths.some(other => other !== length))
    return malformed('a Content-Length that is no length')
  return Number(length)
}
