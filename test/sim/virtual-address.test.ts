import t from 'tap'
import { type DurationNs, durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { passing, references, serverIn, startIn, usual } from './clock-side.js'
import { World, hours } from './world.js'

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
