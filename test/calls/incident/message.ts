import type { Random, SipText } from '../../../src/demo/trace-text.js'

export type Header = readonly [name: string, value: string]

/** A request as it is on one hop; `vias` has the topmost first. */
export interface Request {
  readonly method: string
  readonly uri: string
  readonly from: string
  readonly to: string
  readonly callId: string
  readonly cseq: number
  readonly vias: readonly string[]
  readonly hops: number
  readonly headers: readonly Header[]
  readonly contentType: string
  readonly body: string
}

export interface Reply {
  readonly code: number
  readonly reason: string
  readonly headers: readonly Header[]
  readonly contentType?: string
  readonly body?: string
}

const utf8 = new TextEncoder()

const REASONS: Readonly<Record<number, string>> = {
  100: 'Trying',
  101: 'Progress Report',
  180: 'Ringing',
  181: 'Call is Being Forwarded',
  183: 'Session Progress',
  200: 'OK',
  202: 'Accepted',
  302: 'Moved Temporarily',
  303: 'Redirect To Hosted Voice Mail',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  407: 'Proxy Authentication Required',
  409: 'Conflict',
  415: 'Unsupported Media Type',
  428: 'Use Identity Header',
  429: 'Provide Referrer Identity',
  480: 'Temporarily Unavailable',
  481: 'Call Leg/Transaction Does Not Exist',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  489: 'Bad Event',
  491: 'Request Pending',
  500: 'Server Internal Error',
  503: 'Service Unavailable',
  504: 'Server time-out',
  603: 'Decline',
}

export const reasonOf = (code: number): string => REASONS[code] ?? 'Unknown'

/** Names as a server happens to write them. */
const cased = (random: Random): ((name: string) => string) => {
  const style = random()
  if (style < 0.6) return name => name
  return style < 0.85 ? name => name.toUpperCase() : name => name.toLowerCase()
}

/** One line for each Via, or, seldom, all on one line (RFC 3261 §7.3.1 takes either). */
const viaHeaders = (vias: readonly string[], random: Random): Header[] =>
  random() < 0.05 ? [['Via', vias.join(', ')]] : vias.map(via => ['Via', via])

const withBody = (headers: Header[], contentType: string, body: string): Header[] => [
  ...headers,
  ...(body === '' ? [] : ([['Content-Type', contentType]] as Header[])),
  ['Content-Length', String(utf8.encode(body.replaceAll('\n', '\r\n')).length)],
]

const shown = (startLine: string, headers: Header[], body: string, random: Random): SipText => {
  const nameOf = cased(random)
  return { startLine, headers: headers.map(([name, value]) => [nameOf(name), value]), body }
}

export const requestText = (request: Request, random: Random): SipText => {
  const { method, uri, from, to, callId, cseq, vias, hops, headers, contentType, body } = request
  const all: Header[] = [
    ...viaHeaders(vias, random),
    ['Max-Forwards', String(70 - hops)],
    ['From', from],
    ['To', to],
    ['Call-ID', callId],
    ['CSeq', `${cseq} ${method}`],
    ['User-Agent', 'UCCAPI/16.0.5266.1000 OC/16.0.5266.1000 (Skype for Business)'],
    ...headers,
  ]
  return shown(`${method} ${uri} SIP/2.0`, withBody(all, contentType, body), body, random)
}

const tagged = (to: string, callId: string): string =>
  to.includes(';tag=') ? to : `${to};tag=${callId.slice(0, 10)}`

/** `vias` are those of the request on this hop. */
export const replyText = (
  request: Request,
  reply: Reply,
  vias: readonly string[],
  random: Random,
): SipText => {
  const { from, to, callId, cseq, method } = request
  const { code, reason, headers, contentType = '', body = '' } = reply
  const all: Header[] = [
    ['From', from],
    ['To', code === 100 ? to : tagged(to, callId)],
    ['Call-ID', callId],
    ['CSeq', `${cseq} ${method}`],
    ...viaHeaders(vias, random),
    ...headers,
  ]
  return shown(`SIP/2.0 ${code} ${reason}`, withBody(all, contentType, body), body, random)
}
