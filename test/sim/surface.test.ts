import t, { type Test } from 'tap'
import { builtInModules } from '../../src/config/modules.js'
import type { ProbeRequest } from '../../src/clockside/clock-side.js'
import { seconds, toSeconds, unixNs } from '../../src/time/units.js'
import { holdsFor, passing, references, serverIn, startIn } from './clock-side.js'
import { certificateOf, httpServer, tlsServer, winrmServer } from './tcp-servers.js'
import { type Conversation, type SimServer, World, hours } from './world.js'

const EDGE = '192.0.2.11'
const DAY = 86_400

const moduleOf = (name: string) => {
  const found = builtInModules().find(one => one.name === name)
  if (!found) throw new Error(`no module ${name}`)
  return found
}

/** One server that is read by TLS and by Windows authentication, of which its own clock decides. */
const edge = (
  t: Test,
  change: Partial<SimServer> = {},
  modules: readonly string[] = ['tls', 'winrm'],
) => {
  const world = new World()
  for (const name of references) world.add(name)
  const now = Math.floor(toSeconds(world.trueTime()))
  const certificate = certificateOf(now - DAY, now + DAY)
  const tls = world.add(`${EDGE}:443`, { converse: () => tlsServer(certificate), ...change })
  const winrm = world.add(`${EDGE}:5985`, { converse: () => winrmServer('EDGE02'), ...change })
  world.add(`${EDGE}:123`, change)
  const http = world.add(`${EDGE}:80`, { converse: () => httpServer, ...change })
  const side = startIn(t, world, {
    reference: { servers: references },
    ...(modules.length > 0 && {
      pools: [{ name: 'p', modules, servers: [{ name: 'edge02', address: EDGE }] }],
    }),
  })
  const server = () => serverIn(side.snapshot(), EDGE)
  return { world, side, tls, winrm, http, server, now }
}

void t.test('certificate and identity are of the module that was told them', async t => {
  const { world, server, now, tls } = edge(t)
  await world.pass(seconds(60))
  const { modules, service, offset } = server()
  t.same(service, {})
  t.ok(holdsFor(world, offset, tls))
  t.same(modules[0]?.certificate, {
    notBefore: now - DAY,
    notAfter: now + DAY,
    validAtServerTime: true,
  })
  t.equal(modules[0]?.identity, undefined)
  t.same(modules[1]?.identity, {
    computer: 'EDGE02',
    dnsName: 'edge02.contoso.com',
    domain: 'CONTOSO',
  })
  t.equal(modules[1]?.certificate, undefined)
})

void t.test('a certificate that is valid may not be so at the server’s own time', async t => {
  const { world, server, tls, winrm } = edge(t, { offset: hours(-25) })
  await world.pass(seconds(60))
  t.equal(server().modules[0]?.certificate?.validAtServerTime, false)
  tls.offset = winrm.offset = seconds(0)
  await world.pass(seconds(60))
  t.equal(server().modules[0]?.certificate?.validAtServerTime, true, 'after its clock was set')
  tls.refuses = true
  await world.pass(seconds(20))
  t.equal(server().modules[0]?.certificate, undefined, 'and only while it is read')
})

void t.test('computers that answer in turn at one address are named', async t => {
  let turn = 0
  const { world, server } = edge(
    t,
    { converse: () => winrmServer(turn++ % 2 === 0 ? 'NODE1' : 'NODE2') },
    ['winrm'],
  )
  await world.pass(seconds(60))
  t.same(server().modules[0]?.answersAs, ['NODE1', 'NODE2'])
  t.equal(server().consistent, true, 'their clocks agree')
})

void t.test('modules that contradict each other are named', async t => {
  const { world, server, winrm } = edge(t)
  winrm.offset = hours(1)
  await world.pass(seconds(60))
  t.match(server(), { consistent: false, contradicting: [['tls', 'winrm']] })
  winrm.offset = seconds(0)
  await world.pass(seconds(60))
  t.match(server(), { consistent: true })
  t.equal(server().contradicting, undefined)
})

for (const [name, server] of [
  ['tls', tlsServer(certificateOf(1_500_000_000, 1_900_000_000))],
  ['http', httpServer],
] as const) {
  for (const ahead of [seconds(40), hours(-6)]) {
    void t.test(`${name}: two clocks ${toSeconds(ahead)} s apart are no clock`, async t => {
      let turn = 0
      const converse = (): Conversation => (request, clock) =>
        server(request, turn++ % 2 === 0 ? clock : unixNs(clock + ahead))
      const { world, server: told } = edge(t, { converse }, [name])
      await world.pass(seconds(90))
      t.match(told(), { consistent: false, contradicting: [[name]] })
      t.equal(told().offset, undefined)
    })
  }
}

void t.test('winrm: two clocks 0.3 s apart, of two computers, are no clock', async t => {
  let turn = 0
  const converse = (): Conversation => {
    const isOther = turn++ % 2 === 0
    const server = winrmServer(isOther ? 'NODE2' : 'NODE1')
    return (request, clock) => server(request, isOther ? unixNs(clock + seconds(0.3)) : clock)
  }
  const { world, server } = edge(t, { converse }, ['winrm'])
  await world.pass(seconds(90))
  t.match(server(), { consistent: false, offset: undefined, contradicting: [['winrm']] })
  t.same(server().modules[0]?.answersAs, ['NODE1', 'NODE2'])
})

void t.test('readings on demand keep their aim from one to the next', async t => {
  const { world, side, tls } = edge(t, { offset: seconds(90.5) }, [])
  await world.pass(seconds(5))
  const request: ProbeRequest = { host: EDGE, module: moduleOf('tls'), timeout: seconds(9) }
  const requests: number[] = []
  for (let i = 0; i < 8; i++) {
    const before = tls.asked.length
    const reading = await passing(world, side.probe(request))
    requests.push(tls.asked.length - before)
    if (!reading.ok) return t.fail(reading.detail)
    t.ok(holdsFor(world, reading, tls))
    await world.pass(seconds(10))
  }
  t.ok(
    requests.slice(4).every(count => count <= 4),
    String(requests),
  )
  const before = tls.asked.length
  await passing(world, side.probe({ ...request, debug: true }))
  t.ok(tls.asked.length - before > 4, 'one that shows the exchange begins anew')
})

void t.test('a burst goes on until the aim is found', async t => {
  const { world, side, tls } = edge(t, { offset: hours(-6) }, [])
  await world.pass(seconds(5))
  const module = moduleOf('tls')
  const reading = await passing(
    world,
    side.probe({ host: EDGE, module, timeout: seconds(15), burst: 8 }),
  )
  if (!reading.ok) return t.fail(reading.detail)
  t.ok(holdsFor(world, reading, tls))
  t.ok(reading.error < 0.02, `± ${reading.error} s`)
  t.match(reading.certificate, { validAtServerTime: true })
})

void t.test('a request’s own deadline ends a reading that would take longer', async t => {
  const { world, side } = edge(t, { up: false }, [])
  await world.pass(seconds(5))
  const started = world.mono()
  const reading = await passing(
    world,
    side.probe({ host: EDGE, module: moduleOf('tls'), timeout: seconds(0.5) }),
  )
  t.match(reading, { ok: false, reason: 'timeout' })
  t.ok(Number(world.mono() - started) < 0.6e9)
})

void t.test('the exchange is told where it was asked for, with what was made of it', async t => {
  const { world, side } = edge(t, { offset: seconds(90.5) }, [])
  await world.pass(seconds(5))
  for (const [name, sent] of [
    ['tls', '16 03'],
    ['winrm', '50 4f 53 54'],
    ['http', '48 45 41 44'],
    ['ntp', '23 00'],
  ] as const) {
    const request = { host: EDGE, module: moduleOf(name), timeout: seconds(9) }
    const reading = await passing(world, side.probe({ ...request, debug: true }))
    t.match(reading, { ok: true }, name)
    const trace = reading.trace?.join('\n') ?? ''
    t.match(trace, /out(?: to UDP \S+)?: \d+ bytes/)
    t.match(trace, `\n    ${sent} `)
    t.match(trace, /in: \d+ bytes/)
    t.match(trace, /known to ±|monotonic clock is from/, 'what was made of it')
    t.ok((reading.trace?.length ?? 0) < 1000)
    const plain = await passing(world, side.probe(request))
    t.equal(plain.trace, undefined)
  }
})

void t.test('kept sessions are closed after a sleep, and opened anew', async t => {
  const { world, side, http } = edge(t, {}, [])
  let connections = 0
  const { converse } = http
  http.converse = () => {
    connections++
    return converse?.() ?? httpServer
  }
  await world.pass(seconds(5))
  const request: ProbeRequest = { host: EDGE, module: moduleOf('http'), timeout: seconds(9) }
  await passing(world, side.probe(request))
  await passing(world, side.probe(request))
  t.equal(connections, 1, 'one connection for both')
  world.suspend(seconds(3600))
  await world.pass(seconds(30))
  t.match(await passing(world, side.probe(request)), { ok: true })
  t.equal(connections, 2)
})
