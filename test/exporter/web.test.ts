import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { get } from 'node:https'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { uptime } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { hash } from 'bcryptjs'
import t from 'tap'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { requirePeer, skipUnless } from '../peers/peer.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { CLI, type RunningExporter, at, poolOf, startExporter } from './exporter.js'

const honest = (scope: Scope, offsetSeconds = 0) =>
  startNtpServer(scope, packet => honestReply(packet, { offsetSeconds }))

const started = async (scope: Scope, more: object = {}) => {
  const reference = await honest(scope)
  const edge01 = await honest(scope)
  const edge02 = await honest(scope, -21_600)
  const config = poolOf([reference], { edge01, edge02 }, more)
  const exporter = await startExporter(scope, config)
  await until(
    async () => (await exporter.metrics()).all('edgeclock_clock_offset_seconds').length === 2,
    { what: 'both clocks to be read' },
  )
  return { exporter, reference, edge01, edge02, config }
}

/** Node's fetch decodes by itself; what is on the wire is asked for here. */
const raw = (url: string, headers: Record<string, string>) =>
  new Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }>(
    (resolve, reject) => {
      request(url, { headers }, response => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks),
          }),
        )
      })
        .on('error', reject)
        .end()
    },
  )

void t.test('/metrics is text or OpenMetrics, plain or gzipped, as it is asked for', async t => {
  const { exporter } = await started(t)
  const url = `${exporter.url}/metrics`
  const page = await raw(url, {})
  t.match(page.headers['content-type'], /^text\/plain; version=0\.0\.4/)
  t.match(page.body.toString(), '# TYPE edgeclock_clock_steps_total counter\n')
  t.match(page.body.toString(), /^process_cpu_seconds_total /m)
  t.match(page.body.toString(), /^nodejs_eventloop_lag_seconds /m)

  const open = await raw(url, {
    accept: 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3',
  })
  t.match(open.headers['content-type'], /^application\/openmetrics-text; version=1\.0\.0/)
  t.match(open.body.toString(), '# TYPE edgeclock_clock_steps counter\n')
  t.match(open.body.toString(), /^edgeclock_clock_steps_total\{/m)
  t.ok(open.body.toString().endsWith('# EOF\n'))

  const zipped = await raw(url, { 'accept-encoding': 'gzip' })
  t.equal(zipped.headers['content-encoding'], 'gzip')
  t.match(gunzipSync(zipped.body).toString(), 'edgeclock_clock_offset_seconds{')
  const refused = await raw(url, { 'accept-encoding': 'gzip;q=0' })
  t.equal(refused.headers['content-encoding'], undefined)
})

void t.test('/probe reads only what is allowed, and says why it could not', async t => {
  const dead = await startNtpServer(t, () => undefined)
  const { exporter, edge02, reference } = await started(t, { probe: { allow: ['127.0.0.9/32'] } })
  const probe = (query: string, headers = {}) => exporter.get(`/probe?${query}`, { headers })

  const good = await probe(`target=${at(edge02)}&module=ntp`)
  t.equal(good.status, 200)
  const page = await good.text()
  t.match(page, /^probe_success 1$/m)
  const offset = Number(/^probe_clock_offset_seconds (\S+)$/m.exec(page)?.[1])
  const error = Number(/^probe_clock_offset_error_seconds (\S+)$/m.exec(page)?.[1])
  // The server stamps with this process's clock, which is true to 1 ms.
  t.ok(Math.abs(offset + 21_600) <= error + 0.001, `${offset} ± ${error}`)
  t.match(page, /^probe_duration_seconds /m)
  t.notMatch(page, 'edgeclock_', 'the exporter itself is on /metrics')

  const bad = await probe(`target=127.0.0.1:${dead.port}&module=ntp`, {
    'x-prometheus-scrape-timeout-seconds': '0.8',
  })
  t.equal(bad.status, 200, 'a failed reading is an answer')
  const failed = await bad.text()
  t.match(failed, /^probe_success 0$/m)
  t.match(failed, /^probe_failure_info\{reason="timeout"\} 1$/m)
  const took = Number(/^probe_duration_seconds (\S+)$/m.exec(failed)?.[1])
  t.ok(took >= 0.29 && took < 0.9, `0.8 s less the offset of 0.5 s, not the module's 1 s: ${took}`)

  const debug = await (await probe(`target=${at(edge02)}&module=ntp&debug=true`)).text()
  t.match(debug, 'offset: -21')

  for (const [query, status] of [
    ['module=ntp', 400],
    [`target=${at(edge02)}&module=nonsense`, 400],
    [`target=${at(edge02)}&module=__proto__`, 400],
    [`target=${at(edge02)}&target=127.0.0.9`, 400],
    ['target=127.0.0.1:99999', 400],
    ['target=a%20b', 400],
    ['target=127.0.0.9', 200],
    ['target=192.0.2.99', 403],
    ['target=localhost', 403],
    ['target=[::1]', 403],
    ['target=127.1', 400],
    ['target=2130706433', 400],
    ['target=metadata.contoso.com', 403],
  ] as const) {
    t.equal((await probe(query)).status, status, query)
  }
  t.ok(reference.requests() > 0)
})

void t.test('/config, /sd, the landing page and the status say what is', async t => {
  const { exporter, edge01, edge02 } = await started(t, {
    host: { pool: 'monitoring', name: 'this-host' },
  })
  const config = await exporter.get('/config')
  t.match(config.headers.get('content-type'), 'yaml')
  t.match(await config.text(), `address: 127.0.0.1:${edge02.port}`)

  const groups = (await (await exporter.get('/sd')).json()) as object[]
  t.match(groups, [
    {
      targets: [exporter.address],
      labels: {
        __scheme__: 'http',
        __metrics_path__: '/probe',
        __param_target: at(edge01),
        __param_module: 'quick',
        pool: 'edgepool1',
        server: 'edge01',
      },
    },
    { labels: { server: 'edge02' } },
  ])

  const page = await (await exporter.get('/')).text()
  t.match(page, /edge01<td class="number">right \(± /)
  t.match(page, /edge02<td class="number bad">6 h 0 min 0 s behind \(± /)

  const status = (await (await exporter.get('/api/v1/status')).json()) as object
  t.match(status, { reference: { synchronized: true }, servers: [{}, { server: 'edge02' }] })
  t.equal((await exporter.get('/-/healthy')).status, 200)
  t.equal((await exporter.get('/-/ready')).status, 200)
  const boot = (await exporter.metrics()).value('edgeclock_server_boot_timestamp_seconds', {
    pool: 'monitoring',
    server: 'this-host',
  })
  t.ok(Math.abs((boot ?? 0) + uptime() - Date.now() / 1000) < 5, 'when this machine started')
  t.equal((await exporter.get('/nowhere')).status, 404)
})

const reloads = {
  'POST /-/reload': (exporter: RunningExporter) => exporter.get('/-/reload', { method: 'POST' }),
  SIGHUP: async (exporter: RunningExporter) => {
    process.kill(exporter.pid, 'SIGHUP')
    return undefined
  },
}

for (const [how, reload] of Object.entries(reloads)) {
  void t.test(`${how} takes a good file and keeps the old one for a bad one`, async t => {
    const { exporter, reference, edge01 } = await started(t)
    const successful = 'edgeclock_config_last_reload_successful'
    const names = async () =>
      (await exporter.metrics())
        .all('edgeclock_clock_steps_total')
        .map(({ labels }) => labels['server'])
    await exporter.writeConfig({ reference: { servers: [] }, pools: 7, extra: 1 })
    const refused = await reload(exporter)
    await until(async () => (await exporter.metrics()).value(successful) === 0, {
      what: 'the bad file to be noticed',
    })
    t.same(await names(), ['edge01', 'edge02'], 'the old one stays')
    if (refused) {
      t.equal(refused.status, 500)
      const why = await refused.text()
      t.match(why, /:3:.*reference\.servers/)
      t.match(why, /extra/)
    }
    t.match(exporter.output(), 'configuration refused')
    await exporter.writeConfig(poolOf([reference], { edge01, edge03: edge01 }))
    t.match((await reload(exporter))?.status ?? 200, 200)
    await until(async () => (await names()).includes('edge03'), { what: 'the new server' })
    t.same(await names(), ['edge01', 'edge03'])
    t.equal((await exporter.metrics()).value(successful), 1)
  })
}

void t.test(
  'SIGTERM stops listening, answers what is in flight, and exits 0 in a second',
  async t => {
    const dead = await startNtpServer(t, () => undefined)
    const { exporter } = await started(t)
    const inFlight = exporter.get(`/probe?target=127.0.0.1:${dead.port}&module=ntp`, {
      headers: { 'x-prometheus-scrape-timeout-seconds': '1' },
    })
    await until(() => dead.requests() > 0, { what: 'the reading to be under way' })
    const before = performance.now()
    process.kill(exporter.pid, 'SIGTERM')
    await until(() => exporter.output().includes('edgeclock stops'), { what: 'the signal' })
    await t.rejects(exporter.get('/metrics'), 'a new connection is refused')
    process.kill(exporter.pid, 'SIGTERM')
    t.match(await (await inFlight).text(), 'probe_success 0', 'the one in flight is answered')
    t.same(await exporter.exited, { code: 0, signal: null })
    const took = performance.now() - before
    t.ok(took < 1500, `ended after ${took} ms`)
  },
)

void t.test('a client that sends nothing does not hold up the end', async t => {
  const { exporter } = await started(t)
  const [host = '', port = ''] = exporter.address.split(':')
  const idle = connect(Number(port), host)
  await new Promise(resolve => idle.once('connect', resolve))
  const before = performance.now()
  process.kill(exporter.pid, 'SIGTERM')
  t.same(await exporter.exited, { code: 0, signal: null })
  t.ok(performance.now() - before < 1500)
  idle.destroy()
})

void t.test(
  'TLS, basic authentication and headers come from the web configuration file',
  async t => {
    if (skipUnless(t, 'openssl')) return
    const folder = await temporaryFolder(t, 'web')
    const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
    const { path, env } = requirePeer('openssl')
    await promisify(execFile)(
      path,
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
        .concat(['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'])
        .concat(['-keyout', key, '-out', cert]),
      { env: { ...process.env, ...env } },
    )
    const web = join(folder, 'web.yml')
    await writeFile(
      web,
      JSON.stringify({
        tls_server_config: { cert_file: 'cert.pem', key_file: 'key.pem' },
        http_server_config: { headers: { 'X-Frame-Options': 'deny' } },
        basic_auth_users: { prometheus: await hash('correct horse', 4) },
      }),
    )
    const exporter = await startExporter(
      t,
      { reference: { servers: ['192.0.2.1'] } },
      {
        args: [`--web.config.file=${web}`],
      },
    )
    t.match(exporter.url, /^https:/)
    const ask = async (credentials?: string) => {
      const headers = credentials ? { authorization: `Basic ${btoa(credentials)}` } : {}
      const ca = await readFile(cert)
      return await new Promise<IncomingMessage>((resolve, reject) => {
        get(`${exporter.url}/metrics`, { ca, headers }, answer => resolve(answer.resume())).on(
          'error',
          reject,
        )
      })
    }
    t.equal((await ask()).statusCode, 401)
    t.equal((await ask('prometheus:wrong')).statusCode, 401)
    t.equal((await ask('nobody:correct horse')).statusCode, 401)
    const letIn = await ask('prometheus:correct horse')
    t.equal(letIn.statusCode, 200)
    t.equal(letIn.headers['x-frame-options'], 'deny')
    t.equal((await ask('prometheus:correct horse')).statusCode, 200, 'remembered')
    t.equal((await ask('prometheus:wrong')).statusCode, 401, 'and not for another password')
    const sd = await new Promise<string>((resolve, reject) => {
      const headers = { authorization: `Basic ${btoa('prometheus:correct horse')}` }
      get(`${exporter.url}/sd`, { rejectUnauthorized: false, headers }, answer => {
        void text(answer).then(resolve, reject)
      }).on('error', reject)
    })
    t.same(JSON.parse(sd), [], 'no servers, no targets')
  },
)

void t.test('signals during the start: SIGHUP is no end, SIGTERM ends it with 0', async t => {
  const child = spawn(process.execPath, [
    CLI,
    '--config.file=edgeclock.yml',
    '--web.listen-address=127.0.0.1:0',
  ])
  t.teardown(() => child.kill('SIGKILL'))
  const exit = once(child, 'exit')
  // Its first line, before it listens.
  await once(child.stderr, 'data')
  child.kill('SIGHUP')
  child.kill('SIGTERM')
  t.same(await exit, [0, null])
})
