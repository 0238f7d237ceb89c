import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { Scope } from '../peers/scope.js'

const MAX_MAILS = 100

export type Mail = {
  to: string
  headers: Map<string, string>
  /** By type, as `text/html`, decoded. */
  parts: Map<string, string>
}

/** RFC 2045 §6.7. */
const fromQuotedPrintable = (text: string): string => {
  const bytes = text
    .replaceAll('=\r\n', '')
    .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCodePoint(parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').replaceAll('\r\n', '\n')
}

const splitHead = (text: string): { headers: Map<string, string>; body: string } => {
  const end = text.indexOf('\r\n\r\n')
  const lines = text.slice(0, end).split('\r\n')
  const pairs = lines.map(line => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const
  })
  return { headers: new Map(pairs), body: text.slice(end + 4) }
}

const mailFrom = (to: string, text: string): Mail => {
  const { headers, body } = splitHead(text)
  const boundary = /boundary=(\S+)/.exec(headers.get('content-type') ?? '')?.[1] ?? ''
  const raw = body.split(`--${boundary}`).slice(1, -1)
  const parts = raw.map(part => {
    const { headers, body } = splitHead(part.replace(/^\r\n/, ''))
    const type = headers.get('content-type')?.split(';')[0] ?? ''
    return [type, fromQuotedPrintable(body.replace(/\r\n$/, ''))] as const
  })
  return { to, headers, parts: new Map(parts) }
}

/** The server's side of RFC 5321, as far as one client that makes no mistakes needs it. */
const converse = (socket: Socket, take: (mail: Mail) => void) => {
  let unread = ''
  let to = ''
  let isData = false
  const answerLine = (line: string) => {
    const verb = line.split(/[ :]/)[0]?.toUpperCase()
    if (verb === 'RCPT') to = /<(.*)>/.exec(line)?.[1] ?? ''
    isData = verb === 'DATA'
    socket.write(isData ? '354 go on\r\n' : verb === 'QUIT' ? '221 bye\r\n' : '250 localhost\r\n')
  }
  socket.setEncoding('latin1')
  socket.on('error', () => {})
  socket.on('data', (more: string) => {
    unread += more
    for (;;) {
      const mark = isData ? '\r\n.\r\n' : '\r\n'
      const end = unread.indexOf(mark)
      if (end === -1) return
      const text = unread.slice(0, end)
      unread = unread.slice(end + mark.length)
      if (!isData) answerLine(text)
      else {
        // A dot at a line's begin comes twice (§4.5.2).
        take(mailFrom(to, text.replaceAll('\r\n..', '\r\n.')))
        isData = false
        socket.write('250 taken\r\n')
      }
    }
  })
  socket.write('220 localhost\r\n')
}

/** A mail server on loopback that keeps what it gets. */
export const startSmtpSink = async (scope: Scope): Promise<{ port: number; mails: Mail[] }> => {
  const mails: Mail[] = []
  const server = createServer(socket => {
    scope.teardown(() => socket.destroy())
    converse(socket, mail => mails.length < MAX_MAILS && mails.push(mail))
  })
  scope.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  return { port: bound.port, mails }
}
