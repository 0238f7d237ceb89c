import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { PUSH_PATH } from '../../src/web/push.js'
import { until } from '../peers/wait.js'
import { openPush, startApp } from './pushing.js'

const TEXT = Buffer.from('a trace, any text\n'.repeat(1000))
const LIMIT = 64 * 1024

type App = Awaited<ReturnType<typeof startApp>>

const nothingCounted = async (t: Test, app: App) => {
  t.same(app.taken, [])
  await until(async () => (await app.temporaryFiles()).length === 0, { what: 'no file to be left' })
}

void t.test('what is too large, as it is sent or as it is, is refused', async t => {
  const app = await startApp(t)
  const bearer = await app.bearer()
  const gzip = { ...bearer, 'content-encoding': 'gzip' }
  const fits = randomBytes(LIMIT)
  t.equal((await app.post(fits, bearer)).status, 200, 'the limit itself is not too large')
  app.taken.length = 0
  const over = Buffer.alloc(LIMIT + 1, 'x')
  for (const [what, body, headers] of [
    ['by its length', over, bearer],
    ['decompressed', gzipSync(over), gzip],
    ['a bomb', gzipSync(Buffer.alloc(100 * 1024 * 1024)), { ...gzip }],
  ] as const) {
    const answer = await app.post(body, headers)
    t.equal(answer.status, 413, what)
    t.match(await answer.text(), /^more than 65536 bytes.*\n$/)
  }
  await nothingCounted(t, app)
})

void t.test('who sends on and on still sees that it was too much', async t => {
  const app = await startApp(t)
  const { authorization } = await app.bearer()
  const chunk = Buffer.alloc(LIMIT, 'x')
  // Far more than the sockets' buffers hold, so that an early close would be a reset.
  const chunks = 512
  for (const [framing, before, end] of [
    [`Content-Length: ${chunks * LIMIT}`, '', ''],
    ['Transfer-Encoding: chunked', `${LIMIT.toString(16)}\r\n`, '0\r\n\r\n'],
  ] as const) {
    const socket = connect(app.port, '127.0.0.1')
    const answer = text(socket)
    socket.write(`POST ${PUSH_PATH} HTTP/1.1\r\nHost: a\r\n${framing}\r\n`)
    socket.write(`Authorization: ${authorization}\r\n\r\n`)
    for (let sent = 0; sent < chunks; sent++) {
      socket.write(before)
      const going = socket.write(chunk)
      if (before !== '') socket.write('\r\n')
      if (!going) await once(socket, 'drain')
    }
    socket.write(end)
    const told = await answer
    t.match(told, /^HTTP\/1\.1 413 /, framing)
    t.match(told, /\r\nconnection: close\r\n/)
    t.match(told, /send it in parts\n$/)
  }
  await nothingCounted(t, app)
})

void t.test('what is no gzip, or not all of one, is refused', async t => {
  const app = await startApp(t)
  const gzip = { ...(await app.bearer()), 'content-encoding': 'gzip' }
  const zipped = gzipSync(randomBytes(30_000))
  const broken = Buffer.from(zipped)
  broken[20_000] = (broken[20_000] ?? 0) ^ 0xff
  for (const body of [
    TEXT,
    zipped.subarray(0, -1),
    zipped.subarray(0, 5),
    Buffer.alloc(0),
    broken,
  ]) {
    const answer = await app.post(body, gzip)
    t.equal(answer.status, 400)
    t.match(await answer.text(), 'gzip')
  }
  for (const encoding of ['br', 'deflate', 'gzip, gzip']) {
    const answer = await app.post(zipped, { ...gzip, 'content-encoding': encoding })
    t.equal(answer.status, 415, encoding)
    t.equal(answer.headers.get('accept-encoding'), 'gzip')
  }
  await nothingCounted(t, app)
})

void t.test('a sender who goes away has sent nothing', async t => {
  const app = await startApp(t)
  const bearer = await app.bearer()
  for (const headers of [bearer, { ...bearer, 'content-length': '30000' }]) {
    const { sending } = openPush(app.port, headers)
    sending.write(TEXT)
    await until(async () => (await app.temporaryFiles()).length === 1, { what: 'a file' })
    sending.destroy()
    await nothingCounted(t, app)
  }
})
