import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hash } from 'bcryptjs'
import t, { type Test } from 'tap'
import { requireUser } from '../../src/web/auth.js'
import { PUSH_PATH } from '../../src/web/push.js'
import { announceToken } from '../../src/web/push-token.js'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { startApp } from './pushing.js'

const TEXT = Buffer.from('a trace, any text\n'.repeat(1000))

type App = Awaited<ReturnType<typeof startApp>>

const nothingCounted = async (t: Test, app: App) => {
  t.same(app.taken, [])
  await until(async () => (await app.temporaryFiles()).length === 0, { what: 'no file to be left' })
}

void t.test('without the right token nothing is read, and nothing is counted', async t => {
  const app = await startApp(t)
  const { authorization } = await app.bearer()
  const token = authorization.slice('Bearer '.length)
  for (const [headers, error] of [
    [{}, false],
    [{ authorization: `Basic ${btoa(`user:${token}`)}` }, false],
    [{ authorization: token }, false],
    [{ authorization: 'Bearer' }, false],
    [{ authorization: 'Bearer wrong' }, true],
    [{ authorization: `Bearer ${token}x` }, true],
    [{ authorization: `Bearer ${token.slice(1)}` }, true],
  ] as const) {
    const answer = await app.post(TEXT, headers)
    t.equal(answer.status, 401)
    const challenge = answer.headers.get('www-authenticate') ?? ''
    t.match(challenge, /^Bearer realm="edgeclock"/)
    t.equal(challenge.includes('invalid_token'), error)
  }
  await nothingCounted(t, app)
  t.equal((await app.post(TEXT, { authorization: `bearer  ${token}` })).status, 200)
})

void t.test('our own token is made once, for us alone, and never told', async t => {
  const app = await startApp(t)
  const path = join(app.directory, 'push.token')
  const config = app.exported.config()
  await Promise.all([announceToken(config, app.exported.log), app.bearer(), app.bearer()])
  const made = await readFile(path, 'utf8')
  t.match(made, /^[\w-]{43}\n$/)
  t.equal((await stat(path)).mode & 0o777, 0o600)
  await announceToken(config, app.exported.log)
  t.equal(await readFile(path, 'utf8'), made)
  t.match(app.logged, [/^info .*push\.token/, /^info .*push\.token/])
  t.notMatch(app.logged.join(), made.trim())
  t.same(await app.temporaryFiles(), [])

  await writeFile(path, '\n')
  const bearer = { authorization: 'Bearer ' }
  t.equal((await app.post(TEXT, bearer)).status, 503, 'an empty one lets nobody in')
  t.equal(await readFile(path, 'utf8'), '\n', 'and is not overwritten')
})

void t.test('a token file is read at each push; without it nobody is let in', async t => {
  const folder = await temporaryFolder(t, 'token')
  const file = join(folder, 'token')
  const source = { kind: 'push', pool: 'edgepool1', token_file: file }
  const app = await startApp(t, { sources: [source] })
  await announceToken(app.exported.config(), app.exported.log)
  const status = async (token: string) =>
    (await app.post(TEXT, { authorization: `Bearer ${token}` })).status
  t.equal(await status('first'), 503)
  t.equal(await status('undefined'), 503)
  t.match(app.logged, [/^error pushes are refused.*ENOENT/], 'one line, not two')
  t.equal(app.logged.length, 1)
  await writeFile(file, '\ufefffirst\r\nsecond\n')
  t.equal(await status('first'), 200)
  t.equal(await status('second'), 401)
  await writeFile(file, 'second')
  t.equal(await status('first'), 401)
  t.equal(await status('second'), 200)
  await writeFile(file, ' \nsecond\n')
  t.equal(await status('second'), 503)
  await rm(file)
  t.equal(await status('second'), 503)
  t.equal(app.taken.length, 2)
  await t.rejects(stat(join(app.directory, 'push.token')), 'and none of our own is made')
})

void t.test("basic authentication is for all but pushes, which have the token's", async t => {
  const users = [{ user: 'prometheus', hash: await hash('right', 4) }]
  const app = await startApp(t, { protect: it => requireUser(it, users, PUSH_PATH) })
  const basic = { authorization: `Basic ${btoa('prometheus:right')}` }
  t.equal((await app.post(TEXT, await app.bearer())).status, 200)
  t.equal((await app.post(TEXT, basic)).status, 401)
  const url = `http://127.0.0.1:${app.port}`
  t.equal((await fetch(`${url}/-/healthy`)).status, 401)
  t.equal((await fetch(`${url}/-/healthy`, { headers: await app.bearer() })).status, 401)
  t.equal((await fetch(`${url}/-/healthy`, { headers: basic })).status, 200)
  t.equal((await fetch(`${url}${PUSH_PATH}`)).status, 401, 'GET is none')
  t.equal((await fetch(`${url}/nowhere`, { method: 'POST', body: TEXT })).status, 401)
})
