import t, { type Test } from 'tap'
import { encodedRequest, hostHeader, httpExchange } from '../../src/net/http-client.js'
import type { Connection } from '../../src/net/platform.js'
import { openConnection } from '../../src/net/stream-client.js'
import { type Answer, startWebServer } from '../peers/web-server.js'
import { LoopbackPlatform } from './loopback-platform.js'

const REQUEST = encodedRequest({ method: 'GET', path: '/', host: 'edge' })
const { signal } = new AbortController()

const connected = async (t: Test, answer: Answer): Promise<Connection> => {
  const { address: host, port } = await startWebServer(t, answer)
  const opened = await openConnection(new LoopbackPlatform(), { host, port, tls: false }, signal)
  if (!opened.ok) throw new Error(opened.detail)
  t.teardown(() => opened.connection.close())
  return opened.connection
}

void t.test('a host is named with its port, where that is not the usual one', async t => {
  for (const [target, value] of [
    [{ host: 'edge', port: 80, tls: false }, 'edge'],
    [{ host: 'edge', port: 443, tls: false }, 'edge:443'],
    [{ host: 'edge', port: 443, tls: true }, 'edge'],
    [{ host: '192.0.2.1', port: 5985, tls: false }, '192.0.2.1:5985'],
    [{ host: '2001:db8::1', port: 80, tls: false }, '[2001:db8::1]'],
    [{ host: 'fe80::1%eth0', port: 8080, tls: true }, '[fe80::1]:8080'],
    [{ host: '192.0.2.1', port: 443, tls: true, serverName: 'sip.example' }, 'sip.example'],
    [{ host: '192.0.2.1', port: 80, tls: false, serverName: '' }, '192.0.2.1'],
  ] as const)
    t.equal(hostHeader(target), value)
})

void t.test('a reply in pieces is stamped when its last byte is in hand', async t => {
  let done = 0n
  let finish = (): void => undefined
  const connection = await connected(t, socket => {
    finish = () => {
      done = process.hrtime.bigint()
      socket.write('cd')
    }
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab')
  })
  let pieces = 0
  const onPiece = (): void => void (++pieces === 1 && finish())
  const before = process.hrtime.bigint()
  const result = await httpExchange(connection, REQUEST, { limit: 1000, signal, onPiece })
  if (!result.ok) return t.fail(result.detail)
  t.equal(Buffer.from(result.reply.body).toString(), 'abcd')
  t.ok(before <= result.sent && result.sent < done && done < result.received)
  t.equal(pieces, 2)
})

void t.test('a connection takes one request after the other', async t => {
  const connection = await connected(t, (socket, { request }) =>
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${request}`),
  )
  for (const expected of ['1', '2', '3']) {
    const result = await httpExchange(connection, REQUEST, { limit: 1000, signal })
    t.ok(result.ok && Buffer.from(result.reply.body).toString() === expected)
  }
})

void t.test('a reply that goes on until the end of the connection is whole then', async t => {
  const connection = await connected(t, socket => socket.end('HTTP/1.0 200 OK\r\n\r\nall'))
  const result = await httpExchange(connection, REQUEST, { limit: 1000, signal })
  t.ok(result.ok && Buffer.from(result.reply.body).toString() === 'all')
})

void t.test('what is no HTTP, cut short or too long is no answer', async t => {
  for (const [answer, why] of [
    [socket => socket.write('220 mail ESMTP\r\n'), /not HTTP/],
    [socket => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab'), /closed within/],
    [socket => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'a'.repeat(2000)}`), /above 1000 bytes/],
  ] as const satisfies (readonly [Answer, RegExp])[]) {
    const connection = await connected(t, answer)
    const result = await httpExchange(connection, REQUEST, { limit: 1000, signal })
    t.match(result, { ok: false, reason: 'protocol', detail: why })
    connection.close()
  }
})

void t.test('a connection that is closed without an answer has shown no piece of one', async t => {
  const connection = await connected(t, socket => socket.destroy())
  const onPiece = (): void => void t.fail('a piece')
  const result = await httpExchange(connection, REQUEST, { limit: 1000, signal, onPiece })
  t.match(result, { ok: false, reason: 'protocol' })
})
