import { once } from 'node:events'
import { type IncomingMessage, type Server, createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { limitBodies } from '../../src/web/body.js'
import { type Received, receive } from '../../src/web/push-body.js'
import { temporaryFolder } from '../peers/scope.js'

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n'

const connected = async (t: Test, server: Server) => {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

void t.test('a body that does not come is waited for, but not long', async t => {
  const app = Fastify()
  limitBodies(app, '/other', 50)
  app.post('/', () => 'here')
  app.get('/', () => 'nothing was needed')
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const slow = await connected(t, app.server)
  slow.write(HEAD)
  t.match(await text(slow), /^HTTP\/1\.1 408 /, 'and the connection is closed')
  // Answered at once, since nobody reads the body of a GET; then it is cut.
  const unread = await connected(t, app.server)
  unread.write(HEAD.replace('POST', 'GET'))
  t.match(await text(unread), /^HTTP\/1\.1 200 [^]*nothing was needed$/)
})

void t.test('a body that stands still is not waited for', async t => {
  const path = join(await temporaryFolder(t, 'body'), 'file')
  const limits = { gzip: false, maxBytes: 1000, signal: new AbortController().signal }
  let received: Promise<Received> | undefined
  const server = createServer((request: IncomingMessage, response) => {
    received = receive(request, path, limits, 50)
    void received.then(({ ok }) => response.end(String(ok)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const slow = await connected(t, server)
  slow.write(`${HEAD.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}abc`)
  t.match(await text(slow), /false$/, 'and its sender can be answered')
  t.match(await received, { ok: false, reason: 'late' })
})

void t.test('a sender who is gone before we begin is noticed', async t => {
  const path = join(await temporaryFolder(t, 'body'), 'file')
  const limits = { gzip: true, maxBytes: 1000, signal: new AbortController().signal }
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const socket = await connected(t, server)
  socket.write(HEAD)
  const [request] = (await once(server, 'request')) as [IncomingMessage]
  socket.destroy()
  await new Promise(resolve => request.once('close', resolve))
  t.match(await receive(request, path, limits), { ok: false, reason: 'gone' })
})
