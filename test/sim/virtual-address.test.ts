import t from 'tap'
import { type DurationNs, durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { passing, references, serverIn, startIn, usual } from './clock-side.js'
import { certificateOf, tlsServer } from './tcp-servers.js'
import { type Conversation, World, hours } from './world.js'

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
