import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { startChronyd } from '../peers/chronyd.js'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { skipUnless } from '../peers/peer.js'
import { temporaryFolder } from '../peers/scope.js'
import { edgeclock } from './run.js'

const local = (port: number) => `127.0.0.1:${port}`

void t.test('a clock six hours behind, against a reference, in each format', async t => {
  if (skipUnless(t, 'chronyd', 'libfaketime')) return
  const [reference, edge02] = await Promise.all([
    startChronyd(t),
    startChronyd(t, { offset: '-6h' }),
  ])
  const ask = (...more: string[]) =>
    edgeclock('read', local(edge02.port), `--reference=${local(reference.port)}`, ...more)

  const text = await ask()
  t.equal(text.code, 2)
  t.match(text.stdout, /is 6 h 0 min 0 s behind \(± .*\), against true time\n/)

  const json = await ask('--format=json')
  t.equal(json.code, 2)
  const answer = JSON.parse(json.stdout) as { offset_seconds: number; error_seconds: number }
  t.match(answer, { target: local(edge02.port), module: 'ntp', ok: true, stratum: 3 })
  t.match(Object.keys(answer), ['target', 'module', 'ok', 'offset_seconds', 'error_seconds'])
  t.ok(Math.abs(answer.offset_seconds + 21_600) <= answer.error_seconds)
  t.ok(answer.error_seconds < 0.005)

  const nagios = await ask('--format=nagios')
  t.match(nagios.stdout, /^CLOCK CRITICAL - \S+ is 6 h .*\|offset=-2\d+\.\d+s;-5:5;-60:60 error=/)
  t.equal((await ask('--critical=30000')).code, 1)
  t.equal((await ask('--critical=30000', '--warning=25000')).code, 0)
})

void t.test("without a reference it compares with this host's clock, and says so", async t => {
  const edge01 = await startNtpServer(t, request => honestReply(request))
  const { code, stdout } = await edgeclock('read', local(edge01.port))
  t.equal(code, 0)
  t.match(stdout, "against this host's own clock")
  t.match(JSON.parse((await edgeclock('read', local(edge01.port), '--format=json')).stdout), {
    ok: true,
    against: 'host',
  })
})

void t.test('reference servers and modules come from a configuration file too', async t => {
  const liar = await startNtpServer(t, request => honestReply(request, { offsetSeconds: 3600 }))
  const refs = await Promise.all(
    [0, 0].map(() => startNtpServer(t, request => honestReply(request))),
  )
  const edge01 = await startNtpServer(t, request => honestReply(request, { offsetSeconds: 30 }))
  const file = join(await temporaryFolder(t, 'read'), 'edgeclock.yml')
  await writeFile(
    file,
    JSON.stringify({
      reference: { servers: [liar, ...refs].map(({ port }) => local(port)) },
      modules: { mine: { prober: 'ntp', port: edge01.port } },
    }),
  )
  const { code, stdout } = await edgeclock(
    'read',
    '127.0.0.1',
    '--module=mine',
    `--config.file=${file}`,
  )
  t.equal(code, 1, stdout)
  t.match(stdout, /30(\.0+\d)? s ahead|29\.9\d+ s ahead/)
})

void t.test('a prober that aims is read until its aim is found', async t => {
  const server = createServer((_, response) => {
    response.setHeader('Date', new Date(Date.now() + 90_500).toUTCString())
    response.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const { port } = server.address() as AddressInfo
  const file = join(await temporaryFolder(t, 'read'), 'edgeclock.yml')
  await writeFile(
    file,
    JSON.stringify({
      reference: {
        servers: [local((await startNtpServer(t, request => honestReply(request))).port)],
      },
      modules: { web: { prober: 'http', staleness: '0s' } },
    }),
  )
  const asked = await edgeclock(
    'read',
    local(port),
    '--module=web',
    `--config.file=${file}`,
    '--format=json',
  )
  const told = JSON.parse(asked.stdout) as { offset_seconds: number; error_seconds: number }
  t.equal(asked.code, 2, asked.stdout)
  // Both servers stamp with a clock of whole milliseconds.
  t.ok(Math.abs(told.offset_seconds - 90.5) <= told.error_seconds + 0.002, asked.stdout)
  t.ok(told.error_seconds < 0.1, asked.stdout)
  const host = await edgeclock('read', local(port), '--module=http', '--format=json')
  const alone = JSON.parse(host.stdout) as { offset_seconds: number; error_seconds: number }
  t.ok(Math.abs(alone.offset_seconds - 90.5) <= alone.error_seconds + 0.002, host.stdout)
  t.ok(alone.error_seconds < 0.6, 'its Date may be a second old')
})

void t.test('a clock that is not read: exit 3 and the reason', async t => {
  const dead = await startNtpServer(t, () => undefined)
  const { code, stdout } = await edgeclock('read', local(dead.port), '--format=json')
  t.equal(code, 3)
  t.same(JSON.parse(stdout), {
    target: local(dead.port),
    module: 'ntp',
    ok: false,
    reason: 'timeout',
    detail: 'no reply in time',
  })
  const text = await edgeclock('read', local(dead.port))
  t.match(text.stdout, 'could not be read by ntp: timeout')
})

void t.test('references that are silent: the clock is not judged', async t => {
  const dead = await startNtpServer(t, () => undefined)
  const edge01 = await startNtpServer(t, request => honestReply(request))
  const { code, stdout } = await edgeclock(
    'read',
    local(edge01.port),
    `--reference=${local(dead.port)}`,
  )
  t.equal(code, 3)
  t.match(stdout, 'true time is not known')
})

void t.test('a question that makes no sense is UNKNOWN, not CRITICAL', async t => {
  for (const args of [
    [],
    ['a', 'b'],
    ['127.1'],
    ['h', '--module=nonsense'],
    ['h', '--warning=x'],
  ]) {
    const { code, stderr } = await edgeclock('read', ...args)
    t.equal(code, 3, args.join(' '))
    t.match(stderr, /^edgeclock: /)
  }
})
