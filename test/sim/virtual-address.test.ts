import t, { type Test } from 'tap'
import { type DurationNs, durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { passing, references, serverIn, startIn, usual } from './clock-side.js'
import { certificateOf, tlsServer, winrmServer } from './tcp-servers.js'
import { type Conversation, type SimServer, World, hours } from './world.js'

const VIP = '192.0.2.11'

/** One address whose requests go to two servers in turn; the second one's clock is ahead of the first's. */
const alternating = (ahead: DurationNs) => {
  const world = new World()
  for (const name of references) world.add(name)
  let turn = 0
  const server = world.add(VIP, {
    out: () => {
      server.offset = turn++ % 2 === 0 ? durationNs(0n) : ahead
      return milliseconds(1)
    },
  })
  return world
}

for (const ahead of [seconds(40), seconds(0.3), hours(-6)]) {
  void t.test(`two clocks ${Number(ahead) / 1e9} s apart at one address are no clock`, async t => {
    const world = alternating(ahead)
    const side = startIn(t, world, usual([VIP]))
    await world.pass(seconds(61))
    const server = serverIn(side.snapshot(), VIP)
    t.equal(server.consistent, false)
    t.equal(server.offset, undefined, 'neither the one nor the other, nor what lies between')
    t.same(server.contradicting, [['ntp']])
    for (let i = 0; i < 20; i++) {
      await world.pass(seconds(15))
      t.match(serverIn(side.snapshot(), VIP), { consistent: false, offset: undefined })
    }
  })
}

void t.test('several readings at once of such an address are no reading', async t => {
  const world = alternating(seconds(0.3))
  const side = startIn(t, world, { reference: { servers: references } })
  await world.pass(seconds(10))
  const module = { name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(1) } as const
  const reading = side.probe({ host: VIP, module, timeout: seconds(3), burst: 8 })
  t.match(await passing(world, reading), {
    ok: false,
    reason: 'implausible',
    detail: /several clocks/,
  })
})

for (const ahead of [seconds(0.1), seconds(0.3), seconds(40)]) {
  void t.test(
    `hellos that two clocks ${Number(ahead) / 1e9} s apart answer in turn are no clock`,
    async t => {
      const world = new World()
      for (const name of references) world.add(name)
      let turn = 0
      const one = tlsServer(certificateOf(1_500_000_000, 1_900_000_000))
      const converse = (): Conversation => (request, clock) =>
        one(request, turn++ % 2 === 0 ? clock : unixNs(clock + ahead))
      world.add(`${VIP}:443`, { converse })
      const side = startIn(t, world, {
        reference: { servers: references },
        pools: [{ name: 'p', modules: ['tls'], servers: [{ name: 'e', address: VIP }] }],
      })
      await world.pass(seconds(120))
      for (let i = 0; i < 8; i++) {
        await world.pass(seconds(15))
        t.match(serverIn(side.snapshot(), VIP), { consistent: false, offset: undefined })
      }
    },
  )
}

const winrmPorts = [5985, 5986, 5987] as const

/** One address that three modules read by Windows authentication; each connection is a conversation of its own. */
const threeModules = (t: Test, converse: (module: number) => Conversation) => {
  const world = new World()
  for (const name of references) world.add(name)
  let connections = 0
  const servers: SimServer[] = winrmPorts.map((port, i) =>
    world.add(`${VIP}:${port}`, {
      // One ends its reading when another is done with it.
      out: () => milliseconds(1 + 100 * i),
      converse: () => {
        connections++
        return converse(i)
      },
    }),
  )
  const side = startIn(t, world, {
    reference: { servers: references },
    modules: Object.fromEntries(
      winrmPorts.map(port => [`w${port}`, { prober: 'winrm', port, tls: false }]),
    ),
    pools: [
      {
        name: 'p',
        modules: winrmPorts.map(port => `w${port}`),
        servers: [{ name: 'e', address: VIP }],
      },
    ],
  })
  return {
    world,
    side,
    servers,
    server: () => serverIn(side.snapshot(), VIP),
    count: () => connections,
  }
}

/** The connections of so much time. */
const connectionsIn = async (
  { world, count }: ReturnType<typeof threeModules>,
  length: DurationNs,
): Promise<number> => {
  const before = count()
  await world.pass(length)
  return count() - before
}

for (const [what, isForwarded] of [
  ['several modules', () => true],
  ['one of several modules', (module: number) => module === 2],
] as const) {
  void t.test(`where two clocks answer to ${what}, none is read more often`, async t => {
    let turn = 0
    const virtual = threeModules(t, module => {
      const ahead = isForwarded(module) && turn++ % 2 === 1 ? hours(1) : hours(0)
      return (request, clock) => winrmServer('NODE1')(request, unixNs(clock + ahead))
    })
    const plain = threeModules(t, () => winrmServer('NODE1'))
    const length = seconds(150)
    const expected = await connectionsIn(plain, length)
    t.ok(expected >= 10 * winrmPorts.length)
    const connections = await connectionsIn(virtual, length)
    // Twice nobody knows yet that it is no step, and the two others look once more.
    const most = expected + 4
    t.ok(connections <= most, `${connections} connections in place of ${expected}`)
    t.equal(virtual.server().consistent, false)
    t.equal(await connectionsIn(virtual, length), expected, 'and none more later')
  })
}

void t.test(
  'what a server says of itself is not told while its modules contradict each other',
  async t => {
    const world = alternating(hours(1))
    const side = startIn(t, world, usual([VIP]))
    await world.pass(seconds(2))
    t.match(serverIn(side.snapshot(), VIP), { consistent: true, service: { stratum: 2 } })
    await world.pass(seconds(120))
    t.match(serverIn(side.snapshot(), VIP), { consistent: false })
    t.same(serverIn(side.snapshot(), VIP).service, {}, 'it is of several computers')
  },
)

void t.test(
  'a server that nobody has read lately is neither consistent nor inconsistent',
  async t => {
    const { world, servers, server } = threeModules(t, () => winrmServer('NODE1'))
    await world.pass(seconds(31))
    t.equal(server().consistent, true)
    for (const one of servers) one.refuses = true
    await world.pass(seconds(60))
    t.equal(server().consistent, true, 'what was read counts for some intervals')
    await world.pass(seconds(60))
    t.notOk('consistent' in server())
    for (const one of servers) one.refuses = false
    await world.pass(seconds(16))
    t.equal(server().consistent, true)
  },
)

void t.test('a server with a new name at each reading makes no more than some series', async t => {
  let turn = 0
  const { world, server } = threeModules(t, () => winrmServer(`NODE${turn++}`))
  const names = new Map<string, Set<string>>()
  const look = (): void => {
    for (const { module, identity } of server().modules) {
      const told = names.get(module) ?? new Set<string>()
      names.set(module, identity ? told.add(JSON.stringify(identity)) : told)
    }
  }
  for (let i = 0; i < 40; i++) {
    await world.pass(seconds(15))
    look()
  }
  for (const told of names.values()) {
    t.equal(told.size, 17)
    t.ok(told.has('{"computer":"other"}'))
  }
  t.equal(server().modules[0]?.answersAs?.length, 8, 'the last few are known all the same')
})
