import t from 'tap'
import { ClockThreadSilent } from '../../src/clockside/clock-thread.js'
import { parseConfig } from '../../src/config/config.js'
import { buildApp } from '../../src/web/app.js'
import type { Exported } from '../../src/web/exported.js'

const parsed = parseConfig('reference: {servers: [192.0.2.1, 192.0.2.2, 192.0.2.3]}')

/** An exporter whose clock thread is stuck, changed as the test wants it. */
const stuck = (change: Partial<Exported> = {}): Exported & { logged: string[] } => {
  if (!parsed.ok) throw new Error('the configuration is good')
  const { config } = parsed
  const logged: string[] = []
  return {
    logged,
    telemetryPath: '/metrics',
    timeoutOffset: 0.5,
    log: (level, message) => logged.push(`${level} ${message}`),
    config: () => config,
    state: () => ({
      version: '1.2.3',
      reloadSuccessful: true,
      reloadedAtSeconds: 1,
      host: undefined,
      boot: () => undefined,
    }),
    snapshot: () => Promise.reject(new ClockThreadSilent('no snapshot in time')),
    probe: () => Promise.reject(new Error('not asked here')),
    reload: () => Promise.resolve({ ok: true }),
    ...change,
  }
}

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
