import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { CallsThreadSilent } from '../../src/calls/calls-thread.js'
import type { PushOutcome } from '../../src/calls/keeper.js'
import { PUSH_PATH } from '../../src/web/push.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { COUNTED, openPush, startApp } from './pushing.js'

const TEXT = Buffer.from('a trace, any text\n'.repeat(1000))
const sha256 = (of: Buffer) => createHash('sha256').update(of).digest('hex')

type App = Awaited<ReturnType<typeof startApp>>

const nothingCounted = async (t: Test, app: App) => {
  t.same(app.taken, [])
  await until(async () => (await app.temporaryFiles()).length === 0, { what: 'no file to be left' })
}

void t.test('a pushed text is handed over as a file of ours alone, and acknowledged', async t => {
  const app = await startApp(t)
  const bearer = await app.bearer()
  const zipped = gzipSync(TEXT)
  for (const [body, headers] of [
    [TEXT, {}],
    [TEXT, { 'content-encoding': 'identity', 'content-type': 'application/json' }],
    [zipped, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }],
    [zipped, { 'content-encoding': 'X-GZIP' }],
  ] as const) {
    const answer = await app.post(body, { ...bearer, ...headers })
    t.equal(answer.status, 200)
    t.match(answer.headers.get('content-type'), 'application/json')
    t.same(await answer.json(), { records: 3, malformed: 1, repeated: false })
    const taken = app.taken.pop()
    t.match(taken, { source: 'push:edgepool1', hash: sha256(TEXT), mode: 0o600 })
    t.ok(taken?.content.equals(TEXT))
    t.same(await app.temporaryFiles(), [])
  }
  t.match(app.logged, [/^debug a trace was pushed .*"bytes":18000,"records":3/])
})

void t.test('an empty text is one, too', async t => {
  const app = await startApp(t)
  const bearer = await app.bearer()
  t.equal((await app.post('', bearer)).status, 200)
  t.match(app.taken, [{ hash: sha256(Buffer.alloc(0)) }])
})

void t.test('?pool= chooses the source, and may be left out where there is one', async t => {
  const none = await startApp(t, { sources: [] })
  t.equal((await none.post(TEXT)).status, 404)
  const folder = await temporaryFolder(t, 'token')
  await writeFile(join(folder, 'token'), 'secret\n')
  const source = (pool: string) => ({ kind: 'push', pool, token_file: join(folder, 'token') })
  const trace = { kind: 'trace', pool: 'third', path: '/nowhere/*.log' }
  const app = await startApp(t, { sources: [source('first'), source('second'), trace] })
  const bearer = { authorization: 'Bearer secret' }
  for (const [query, status] of [
    ['?pool=second', 200],
    ['?pool=first', 200],
    ['', 400],
    ['?pool=third', 404],
    ['?pool=', 404],
    ['?pool=first&pool=second', 404],
  ] as const) {
    t.equal((await app.post(TEXT, bearer, query)).status, status, query)
  }
  t.same(
    app.taken.map(({ source }) => source),
    ['push:second', 'push:first'],
  )
  const { status } = await fetch(`http://127.0.0.1:${app.port}${PUSH_PATH}`)
  t.equal(status, 404, 'it is not to be read')
})

const outcomes: readonly (readonly [() => Promise<PushOutcome>, number])[] = [
  [async () => ({ ok: false, reason: 'unavailable' }), 503],
  [() => Promise.reject(new CallsThreadSilent('no answer in time')), 503],
  [async () => ({ ok: false, reason: 'no_source' }), 404],
  [() => Promise.reject(new Error('our own bug')), 500],
]

void t.test('what could not be made durable is to be sent again', async t => {
  for (const [push, status] of outcomes) {
    const app = await startApp(t, { push })
    const answer = await app.post(TEXT, await app.bearer())
    t.equal(answer.status, status)
    t.equal(answer.headers.get('retry-after'), status === 503 ? '5' : null)
    t.same(await app.temporaryFiles(), [])
  }
})

void t.test(
  'where nothing can be stored, it is to be sent again, and the log says why',
  async t => {
    const app = await startApp(t)
    const bearer = await app.bearer()
    await rm(join(app.directory, 'edgeclock.tmp'), { recursive: true })
    const answer = await app.post(TEXT, bearer)
    t.equal(answer.status, 503)
    t.match(app.logged, [/^error a push could not be stored.*ENOENT/])
  },
)

void t.test('too many pushes at once are refused, and counted down again', async t => {
  const release: (() => void)[] = []
  const push = () => new Promise<PushOutcome>(resolve => void release.push(() => resolve(COUNTED)))
  const app = await startApp(t, { push })
  const bearer = await app.bearer()
  const first = Array.from({ length: 4 }, () => app.post(TEXT, bearer))
  await until(() => release.length === 4, { what: 'all to be under way' })
  const refused = await app.post(TEXT, bearer)
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '5')
  for (const end of release) end()
  t.ok((await Promise.all(first)).every(({ status }) => status === 200))
  const again = app.post(TEXT, bearer)
  await until(() => release.length === 5, { what: 'the next one to be taken' })
  release.at(-1)?.()
  t.equal((await again).status, 200)
})

void t.test('who expects to be told to go on is told so only with the right token', async t => {
  const app = await startApp(t)
  const bearer = await app.bearer()
  const ask = async (headers: Record<string, string>, path = PUSH_PATH) => {
    const sending = request({
      host: '127.0.0.1',
      port: app.port,
      path,
      method: 'POST',
      agent: false,
      headers: { ...headers, expect: '100-continue', 'content-length': '3' },
    })
    let told = false
    sending.on('continue', () => {
      told = true
      sending.end('abc')
    })
    sending.flushHeaders()
    const [response] = (await once(sending, 'response')) as [IncomingMessage]
    await text(response)
    sending.destroy()
    return [response.statusCode, told]
  }
  t.same(await ask(bearer), [200, true])
  t.same(await ask({}), [401, false])
  t.same(await ask({}, '/-/reload'), [200, true])
  t.equal(app.taken.length, 1)
})

void t.test('the end waits for no push that is still being sent', async t => {
  const app = await startApp(t)
  const { sending, answer } = openPush(app.port, await app.bearer())
  sending.write(TEXT)
  await until(async () => (await app.temporaryFiles()).length === 1, { what: 'a file' })
  const closed = app.app.close()
  const { statusCode, body } = await answer
  t.match({ statusCode, body }, { statusCode: 503, body: 'edgeclock stops\n' })
  sending.destroy()
  await closed
  await nothingCounted(t, app)
})

void t.test('the other routes take no large bodies, as before', async t => {
  const app = await startApp(t)
  const url = `http://127.0.0.1:${app.port}/-/reload`
  t.equal((await fetch(url, { method: 'POST', body: TEXT })).status, 413)
  const socket = connect(app.port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  socket.end('POST /%zz HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n')
  t.match(await text(socket), /^HTTP\/1\.1 400 [^]*connection: close/i)
})
