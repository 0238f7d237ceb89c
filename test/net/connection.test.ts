import { getEventListeners } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'
import { TLSSocket, createSecureContext } from 'node:tls'
import { type Test, test } from 'tap'
import { connect } from '../../src/net/connection.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import { nodeClock } from '../../src/net/node-platform.js'
import type { Connection, StreamCall, StreamResult } from '../../src/net/platform.js'
import { makeCertificate } from '../peers/certificate.js'
import { skipUnless } from '../peers/peer.js'
import { freeTcpPort } from '../peers/ports.js'
import { until } from '../peers/wait.js'
import { type TcpServer, startTcp } from './tcp.js'

const LOOPBACK = { address: '127.0.0.1', family: 4 } as const
const never = new AbortController().signal

const opened = async (
  t: Test,
  serve: (socket: Socket) => void,
): Promise<TcpServer & { readonly connection: Connection }> => {
  const server = await startTcp(t, serve)
  const result = await connect(nodeClock, { to: LOOPBACK, port: server.port, signal: never })
  if (!result.ok) throw new Error(result.detail)
  t.teardown(() => result.connection.close())
  return { ...server, connection: result.connection }
}

/** The whole reply as text, once `enough` says so. */
const ask = (
  connection: Connection,
  enough: (text: string) => boolean,
  more: Partial<StreamCall<string>> = {},
): Promise<StreamResult<string>> =>
  connection.exchange({
    request: Buffer.from('question'),
    accept: reply => {
      const text = Buffer.from(reply).toString('latin1')
      return enough(text) ? text : undefined
    },
    limit: 1000,
    signal: never,
    ...more,
  })

void test('a reply is judged at each piece, all of it that came so far', async t => {
  const { connection } = await opened(t, socket => {
    socket.on('data', () => {
      socket.write('one ')
      setImmediate(() => socket.write('two '))
      setImmediate(() => setImmediate(() => socket.write('three')))
    })
  })
  t.match(await ask(connection, text => text.endsWith('three')), {
    ok: true,
    value: 'one two three',
  })
  t.match(await ask(connection, text => text.length > 3), { ok: true, value: /^one / }, 'and again')
})

void test('the stamps enclose the time that the server had the request', async t => {
  let had = 0n
  const { connection } = await opened(t, socket => {
    socket.on('data', () => {
      had = process.hrtime.bigint()
      socket.write('reply')
    })
  })
  let receivedAt = 0n
  const result = await connection.exchange({
    request: Buffer.from('question'),
    accept: (_, received) => (receivedAt = received),
    limit: 10,
    signal: never,
  })
  t.ok(result.ok && result.sent < had && had < receivedAt)
})

void test('a closed port is refused, and a connection that stood and is closed is not', async t => {
  const port = await freeTcpPort()
  t.match(await connect(nodeClock, { to: LOOPBACK, port, signal: never }), { reason: 'refused' })
  const silent = await opened(t, socket => socket.on('data', () => socket.end()))
  t.match(await ask(silent.connection, () => true), {
    ok: false,
    reason: 'protocol',
    detail: /without an answer/,
  })
  const reset = await opened(t, socket => socket.on('data', () => socket.resetAndDestroy()))
  t.match(await ask(reset.connection, () => true), { ok: false, reason: 'protocol' })
  t.notOk(reset.connection.isOpen)
  t.match(await ask(reset.connection, () => true), { ok: false, reason: 'protocol' }, 'nor later')
})

void test('an answer that the peer cuts short is none, unless its end is part of it', async t => {
  const serve = (socket: Socket): void => void socket.on('data', () => socket.end('half'))
  const short = await opened(t, serve)
  t.match(await ask(short.connection, text => text.length > 4), {
    ok: false,
    detail: /within its answer/,
  })
  const whole = await opened(t, serve)
  const result = await whole.connection.exchange({
    request: Buffer.from('q'),
    accept: (reply, _, ended) => (ended ? reply.length : undefined),
    limit: 100,
    signal: never,
  })
  t.match(result, { ok: true, value: 4 })
})

void test('more than may be kept is no answer, and is not waited for', async t => {
  const { connection, ends } = await opened(t, socket => {
    socket.on('data', () => {
      const more = (): void =>
        void (socket.writable && socket.write('x'.repeat(5000), () => more()))
      more()
    })
  })
  t.match(await ask(connection, () => false), {
    ok: false,
    reason: 'protocol',
    detail: /above 1000/,
  })
  t.notOk(connection.isOpen)
  await until(() => ends.length > 0, { what: 'the server sees that we are gone' })
})

void test('what comes unasked is no answer to the next question', async t => {
  const { connection } = await opened(t, socket => socket.write('banner'))
  await until(() => !connection.isOpen, { what: 'the banner' })
  t.match(await ask(connection, () => true), { ok: false, reason: 'protocol' })
})

void test('what lies in the kernel when we ask is not taken for the answer', async t => {
  let speak = (): void => undefined
  const { connection } = await opened(t, socket => {
    speak = () => void socket.write('unasked')
  })
  const asked = await new Promise<StreamResult<string>>(resolve => {
    setImmediate(() => {
      speak()
      // The event loop sees nothing of it meanwhile.
      const until = process.hrtime.bigint() + 20_000_000n
      while (process.hrtime.bigint() < until);
      resolve(ask(connection, () => true))
    })
  })
  t.match(asked, { ok: false, reason: 'protocol', detail: /before it was asked/ })
})

void test('an exchange under way ends when the connection is closed by us', async t => {
  const { connection, heard } = await opened(t, () => undefined)
  const asked = ask(connection, () => true)
  await until(() => heard[0]?.length, { what: 'the question' })
  connection.close()
  t.match(await asked, { ok: false, reason: 'aborted' })
})

void test('an ended signal ends each wait, with its reason and without a trace', async t => {
  const { connection, port } = await opened(t, () => undefined)
  const controller = new AbortController()
  const asked = ask(connection, () => true, { signal: controller.signal })
  controller.abort(new DeadlineExceeded('time is up'))
  t.match(await asked, { ok: false, reason: 'timeout' })
  t.equal(getEventListeners(controller.signal, 'abort').length, 0)
  const gone = new AbortController()
  gone.abort()
  t.match(await connect(nodeClock, { to: LOOPBACK, port, signal: gone.signal }), {
    reason: 'aborted',
  })
  const later = new AbortController()
  const connecting = connect(nodeClock, { to: LOOPBACK, port, signal: later.signal })
  later.abort(new DeadlineExceeded('time is up'))
  t.match(await connecting, { reason: 'timeout' })
  t.equal(getEventListeners(later.signal, 'abort').length, 0)
})

void test('a connection is closed in order: a farewell, both ends, no reset', async t => {
  const { connection, heard, ends } = await opened(t, socket => {
    socket.on('data', () => socket.write('reply, and more that nobody waits for'))
    socket.on('end', () => socket.end('bye'))
  })
  await ask(connection, () => true)
  connection.close(Buffer.from(' farewell'))
  connection.close()
  await until(() => ends.length > 0, { what: 'the end' })
  t.same(ends, ['end'])
  t.equal(heard[0]?.toString(), 'question farewell')
})

void test('a peer that never closes its side is not waited for', async t => {
  let socketOfPeer: Socket | undefined
  const { connection, ends } = await opened(t, socket => {
    socketOfPeer = socket
    const more = (): void =>
      void (socket.writable && socket.write('x'.repeat(65_536), () => more()))
    socket.on('data', () => more())
  })
  await ask(connection, () => true)
  connection.close()
  await until(() => socketOfPeer?.destroyed === true || ends.length > 1, { what: 'an end of it' })
  t.ok(ends.length > 0)
})

void test('TLS is put on a connection that was spoken on, and the certificate is told', async t => {
  if (skipUnless(t, 'openssl')) return
  const { certificateFile, keyFile, der } = await makeCertificate(t)
  const [cert, key] = await Promise.all([readFile(certificateFile), readFile(keyFile)])
  const secureContext = createSecureContext({ cert, key })
  const { connection } = await opened(t, socket => {
    socket.once('data', () => {
      socket.removeAllListeners('data')
      const secured = new TLSSocket(socket, { isServer: true, secureContext })
      secured.on('data', bytes => secured.write(`secret ${bytes.toString()}`))
      secured.on('error', () => undefined)
      socket.write('yes')
    })
  })
  await ask(connection, () => true)
  const secured = await connection.secure({ signal: never })
  t.ok(secured.ok && secured.certificate && Buffer.from(secured.certificate).equals(der))
  t.match(await ask(connection, () => true), { ok: true, value: 'secret question' })
})

void test('a peer that does not speak TLS, or nothing at all, fails the handshake in time', async t => {
  const plain = await opened(t, socket =>
    socket.on('data', () => socket.write('HTTP/1.1 400 Bad\r\n\r\n')),
  )
  t.match(await plain.connection.secure({ signal: never }), { ok: false, reason: 'tls' })
  const closing = await opened(t, socket => socket.on('data', () => socket.end()))
  t.match(await closing.connection.secure({ signal: never }), { ok: false, reason: 'tls' })
  const silent = await opened(t, () => undefined)
  const controller = new AbortController()
  const securing = silent.connection.secure({ signal: controller.signal })
  controller.abort(new DeadlineExceeded('time is up'))
  t.match(await securing, { ok: false, reason: 'timeout' })
  t.notOk(silent.connection.isOpen)
})
