import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { nodePlatform } from '../../src/net/node-platform.js'
import { http } from '../../src/probers/http.js'
import type { ProbeResult } from '../../src/probers/prober.js'
import { milliseconds, seconds } from '../../src/time/units.js'
import { type Answer, startWebServer } from '../peers/web-server.js'
import { until } from '../peers/wait.js'
import { httpModule, reply } from './http-world.js'

const { signal } = new AbortController()

/** A reading of a real server that answers as it is told. */
const readOnce = async (t: Test, answer: Answer, timeout = seconds(2)) => {
  const server = await startWebServer(t, answer)
  const module = httpModule({ port: server.port, timeout })
  const session = http.open(nodePlatform(), { host: server.address, module })
  t.teardown(() => session.close())
  return { server, session, result: await session.read(signal) }
}

const now = (): string => new Date().toUTCString()
const answerNow = (socket: Socket): void => void socket.write(reply(now()))

const isFailure = (t: Test, result: ProbeResult, reason: string, detail: RegExp): void => {
  t.match(result, { ok: false, reason, detail })
  if (!result.ok) t.ok(http.reasons.includes(result.reason), 'and its counter is there')
}

void t.test('what never becomes an answer ends within the timeout or its bound', async t => {
  const drip = (byte: () => string): Answer => {
    return socket => {
      const timer = setInterval(() => socket.write(byte()), 10)
      socket.on('close', () => clearInterval(timer))
    }
  }
  const text = reply(now())
  let at = 0
  const short = milliseconds(200)
  const byByte = await readOnce(
    t,
    drip(() => text[Math.min(at++, 10)] ?? ''),
    short,
  )
  isFailure(t, byByte.result, 'timeout', /no reply in time/)
  const silent = await readOnce(t, () => undefined, short)
  isFailure(t, silent.result, 'timeout', /no reply in time/)
  const endless = await readOnce(t, socket => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(`X: ${'y'.repeat(10_000)}\r\n`));
    }
    socket.on('drain', more)
    socket.write('HTTP/1.1 200 OK\r\n')
    more()
  })
  isFailure(t, endless.result, 'protocol', /above 65536 bytes/)
  for (const { server } of [byByte, silent, endless])
    await until(() => server.open() === 0, { what: 'every connection closed' })
})

void t.test('a port that speaks something else is no web server', async t => {
  for (const [greeting, why] of [
    ['SSH-2.0-OpenSSH_9.2\r\n', /not HTTP/],
    ['\0\0\0\x04\xffSMB', /not HTTP/],
    ['HTTP/1.1 OK\r\n\r\n', /status line/],
  ] as const) {
    const { result } = await readOnce(t, socket => socket.write(greeting, 'latin1'))
    isFailure(t, result, 'protocol', why)
  }
})

void t.test('a server whose TLS fails is told from one that speaks no HTTP', async t => {
  const server = await startWebServer(t, socket => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'))
  const module = httpModule({ port: server.port, tls: true })
  const session = http.open(nodePlatform(), { host: server.address, module })
  isFailure(t, await session.read(signal), 'tls', /./)
})

void t.test('a server of HTTP/1.0 is asked on one connection after the other', async t => {
  const { result, server } = await readOnce(t, socket =>
    socket.end(`HTTP/1.0 200 OK\r\nDate: ${now()}\r\n\r\n`),
  )
  t.ok(result.ok)
  t.equal(server.connections(), server.requests())
  await until(() => server.open() === 0, { what: 'every connection closed' })
})

void t.test('one connection serves all readings for as long as it is kept', async t => {
  const { result, server, session } = await readOnce(t, answerNow)
  t.ok(result.ok)
  t.ok((await session.read(signal)).ok)
  t.equal(server.connections(), 1)
  session.close()
  await until(() => server.open() === 0, { what: 'the connection closed in the end' })
})

void t.test('a connection that was closed between two readings is opened anew', async t => {
  let socket: Socket | undefined
  const { result, server, session } = await readOnce(t, one => answerNow((socket = one)))
  t.ok(result.ok)
  socket?.end()
  await until(() => server.open() === 0, { what: 'the idle connection closed' })
  t.ok((await session.read(signal)).ok)
  t.equal(server.connections(), 2)
})

void t.test(
  'a kept connection that is closed when it is asked again is tried once more',
  async t => {
    for (const close of ['destroy', 'resetAndDestroy', 'end'] as const) {
      const { result, server } = await readOnce(t, (socket, { ofConnection }) => {
        if (ofConnection === 1) answerNow(socket)
        else socket[close]()
      })
      t.ok(result.ok, close)
      t.ok(server.connections() > 1)
    }
  },
)

void t.test('a fresh connection that is closed at once is not tried again', async t => {
  const { result, server } = await readOnce(t, socket => socket.destroy())
  isFailure(t, result, 'protocol', /./)
  t.equal(server.connections(), 1)
})

void t.test(
  'a kept connection that is closed within an answer is no reason to ask again',
  async t => {
    const { result, server } = await readOnce(t, (socket, { request }) => {
      if (request === 1) answerNow(socket)
      else socket.end('HTTP/1.1 200')
    })
    t.ok(result.ok, 'what the first answer showed is true all the same')
    t.equal(server.connections(), 1)
    t.equal(server.requests(), 2)
  },
)

void t.test('a session that is closed within a reading opens no connection again', async t => {
  const server = await startWebServer(t, answerNow)
  const module = httpModule({ port: server.port, timeout: seconds(2) })
  const trace = (): void => session.close()
  const session = http.open(nodePlatform(), { host: server.address, module, trace })
  t.match(await session.read(signal), { ok: false, reason: 'aborted' }, 'nobody waits for it')
  t.equal(server.connections(), 1)
  await until(() => server.open() === 0, { what: 'the connection closed' })
})
