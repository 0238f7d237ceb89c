import { hash } from 'bcryptjs'
import t from 'tap'
import { buildApp } from '../../src/web/app.js'
import { requireUser } from '../../src/web/auth.js'
import type { Exported } from '../../src/web/exported.js'
import { until } from '../peers/wait.js'
import { parsed, stuck } from './stuck.js'

void t.test('a stuck clock thread is shown on /metrics, which still answers', async t => {
  const exported = stuck()
  const app = buildApp(exported)
  const answer = await app.inject('/metrics')
  t.equal(answer.statusCode, 200)
  t.match(answer.body, /^edgeclock_clock_thread_up 0$/m)
  t.match(answer.body, /^edgeclock_build_info\{version="1\.2\.3",/m)
  t.notMatch(answer.body, /^edgeclock_(clock_offset|reference|probe|host)/m)
  t.match(exported.logged, ['error no snapshot in time'])
  t.equal((await app.inject('/-/ready')).statusCode, 503)
  t.equal((await app.inject('/-/healthy')).statusCode, 200)
  t.equal((await app.inject('/api/v1/status')).statusCode, 503)
  t.match((await app.inject('/')).body, 'The clock thread does not answer.')
})

void t.test('a bug is a 500 that the log explains', async t => {
  const exported = stuck({ snapshot: () => Promise.reject(new Error('our own bug')) })
  const answer = await buildApp(exported).inject('/metrics')
  t.equal(answer.statusCode, 500)
  t.match(exported.logged, ['error request failed'])
})

void t.test('the telemetry path can be another one, even /', async t => {
  const app = buildApp(stuck({ telemetryPath: '/clocks' }))
  t.equal((await app.inject('/clocks')).statusCode, 200)
  t.equal((await app.inject('/metrics')).statusCode, 404)
  t.match((await app.inject('/')).body, 'href="/clocks"')
  const root = buildApp(stuck({ telemetryPath: '/' }))
  t.match((await root.inject('/')).body, 'edgeclock_build_info')
})

void t.test('a reload is asked for by POST or PUT, never by GET', async t => {
  let reloads = 0
  const reload: Exported['reload'] = async () => {
    reloads++
    return reloads === 1 ? { ok: true } : { ok: false, why: 'line 3' }
  }
  const app = buildApp(stuck({ reload }))
  t.equal((await app.inject({ url: '/-/reload', method: 'GET' })).statusCode, 404)
  t.equal((await app.inject({ url: '/-/reload', method: 'POST' })).statusCode, 200)
  const refused = await app.inject({ url: '/-/reload', method: 'PUT' })
  t.match(refused, { statusCode: 500, body: 'line 3\n' })
  t.equal(reloads, 2)
})

void t.test('/sd names us as the client does, and nobody else', async t => {
  const app = buildApp(stuck())
  for (const [host, status] of [
    ['monitoring.contoso.com:10429', 200],
    ['[2001:db8::1]:10429', 200],
    ['evil.example/path', 400],
    ['a b', 400],
  ] as const) {
    const { statusCode } = await app.inject({ url: '/sd', headers: { host } })
    t.equal(statusCode, status, host)
  }
})

void t.test('a path that cannot be decoded is a bad request, and tells nothing', async t => {
  const app = buildApp(stuck(), {}, it =>
    it.addHook('onRequest', async (_, reply) => reply.code(401).send('no')),
  )
  for (const url of ['/%zz', '/a%2']) {
    t.match(await app.inject({ url }), { statusCode: 400, body: 'bad request\n' })
  }
})

void t.test('a reload may be posted with a body of any type', async t => {
  const app = buildApp(stuck())
  const posted = await app.inject({
    url: '/-/reload',
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: 'x=1',
  })
  t.equal(posted.statusCode, 200)
})

void t.test('too many readings at once are refused, and counted down again', async t => {
  const release: (() => void)[] = []
  const probe: Exported['probe'] = () =>
    new Promise(resolve => {
      release.push(() => resolve({ ok: false, duration: 1, reason: 'timeout', detail: '' }))
    })
  if (!parsed.ok) throw new Error('the configuration is good')
  const config = { ...parsed.config, probe: { allow: ['192.0.2.0/24'] } }
  const app = buildApp(stuck({ probe, config: () => config }))
  const ask = () => app.inject('/probe?target=192.0.2.1&module=ntp')
  const asked = Array.from({ length: 64 }, ask)
  const first = Promise.all(asked)
  await until(() => release.length === 64, { what: 'all readings to be under way' })
  t.equal((await ask()).statusCode, 503)
  for (const end of release) end()
  t.ok((await first).every(({ statusCode }) => statusCode === 200))
  const again = ask()
  await until(() => release.length === 65, { what: 'the next one to be taken' })
  release.at(-1)?.()
  t.equal((await again).statusCode, 200)
})

void t.test('guessing passwords does not keep the main thread busy', async t => {
  const users = [{ user: 'prometheus', hash: await hash('right', 8) }]
  const app = buildApp(stuck(), {}, it => requireUser(it, users))
  const guess = (password: string) =>
    app.inject({
      url: '/-/healthy',
      headers: { authorization: `Basic ${btoa(`prometheus:${password}`)}` },
    })
  t.equal((await guess('right')).statusCode, 200)
  const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => guess(`wrong ${i}`)))
  const codes = answers.map(({ statusCode }) => statusCode)
  t.ok(codes.includes(401) && codes.includes(503), codes.join())
  t.equal((await guess('right')).statusCode, 200, 'who is known is let in at once')
})
