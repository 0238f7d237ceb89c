import { type Random } from '../../src/demo/trace-text.js'
import {
  HttpReplyReader,
  type HttpRequest,
  type ReadHttp,
  parseHttpDate,
  readHttpReply,
} from '../../src/protocol/http.js'
import type { Kind } from './kinds.js'

const check = (holds: boolean, what: string): void => {
  if (!holds) throw new Error(what)
}

const OK = 'HTTP/1.1 200 OK\r\n'
const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
const replies = [
  `${OK}Server: nginx/1.22.1\r\nDate: ${DATE}\r\nContent-Type: text/html\r\nContent-Length: 6\r\n` +
    'Connection: keep-alive\r\n\r\n<html>',
  `HTTP/1.1 100 Continue\r\n\r\n${OK}Date: ${DATE}\r\nTransfer-Encoding: chunked\r\n\r\n` +
    '5\r\nabcde\r\n1f;x=y\r\n0123456789abcdef0123456789abcde\r\n0\r\nTrailer: x\r\n\r\n',
  `HTTP/1.0 301 Moved\r\nLocation: /x\r\nDate: ${DATE}\r\nAge: 5\r\nVia: 1.1 x\r\n\r\nmoved`,
  `${OK}Folded: a\r\n\tb\r\nSet-Cookie: a\r\nSet-Cookie: b\r\nConnection: close\r\n\r\n`,
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n' +
    'Content-Length: 0\r\n\r\n',
]

const summary = (read: ReadHttp): string => {
  if (!read) return 'more'
  if (!read.ok) return read.detail
  const { status, headers, body, keepAlive, headBytes } = read.reply
  return [status, headers.size, body.length, keepAlive, headBytes].join()
}

const checkReply = (read: ReadHttp, bytes: Uint8Array, ended: boolean): void => {
  check(read !== undefined || !ended, 'more is awaited, and no more comes')
  if (!read?.ok) return
  const { status, headers, body, keepAlive, headBytes } = read.reply
  check(status >= 200 && status <= 599, `status ${status}`)
  check(headBytes <= 65_536 && headBytes + body.length <= bytes.length, 'more than came')
  check(headers.size <= 256, 'many headers')
  check(!(ended && keepAlive), 'kept, and closed')
  for (const [name, values] of headers) {
    check(/^[^A-Z\s:]+$/.test(name) && values.length > 0, 'no name')
    check(
      values.every(value => !/[\r\n\0]/.test(value)),
      'a value of several lines',
    )
  }
}

const readPieces = (bytes: Uint8Array, method: HttpRequest['method'], random: Random): ReadHttp => {
  const reader = new HttpReplyReader(method)
  for (let end = 0; end < bytes.length;) {
    end = Math.min(bytes.length, end + 1 + Math.floor(random() ** 2 * bytes.length))
    const read = reader.read(bytes.subarray(0, end), false)
    if (read) return read
  }
  return undefined
}

export const httpKinds: Readonly<Record<string, Kind>> = {
  reply: {
    valid: replies,
    run: (input, random) => {
      const bytes = Buffer.from(input, 'latin1')
      const method = random() < 0.5 ? 'HEAD' : 'GET'
      const ended = random() < 0.5
      checkReply(readHttpReply(bytes, method, ended), bytes, ended)
      const atOnce = readHttpReply(bytes, method, false)
      const inPieces = readPieces(bytes, method, random)
      // In pieces an end, or what is wrong, may be seen before something else behind it.
      if (!atOnce) check(inPieces === undefined, 'whole in pieces only')
      if (atOnce?.ok && atOnce.reply.keepAlive)
        check(summary(atOnce) === summary(inPieces), 'another reply in pieces')
    },
  },
  date: {
    valid: [DATE, 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'],
    run: input => {
      const stamp = parseHttpDate(input)
      if (stamp === undefined) return
      check(stamp % 1_000_000_000n === 0n, 'a part of a second')
      check(Math.abs(Number(stamp / 1_000_000_000n)) < 300_000_000_000, 'no year of four digits')
    },
  },
}
