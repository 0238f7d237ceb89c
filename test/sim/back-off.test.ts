import t from 'tap'
import { seconds } from '../../src/time/units.js'
import { holdsFor, references, serverIn, startIn, usual } from './clock-side.js'
import { type SimServer, World, hours } from './world.js'

const EDGE = '192.0.2.11'

const watched = (change: Partial<SimServer>) => {
  const world = new World()
  for (const name of references) world.add(name)
  const start = world.mono()
  const edge = world.add(EDGE, change)
  const askedAt = (): number[] => edge.asked.map(at => Math.round(Number(at - start) / 1e9))
  return { world, edge, askedAt }
}

const WRONG: Partial<SimServer> = { instead: () => [new Uint8Array(2000)] }

void t.test('who answers with an error is asked after 1, 2, 4, then every 8 intervals', async t => {
  const { world, askedAt } = watched(WRONG)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(600))
  t.same(askedAt(), [0, 15, 45, 105, 225, 345, 465, 585])
  t.match(serverIn(side.snapshot(), EDGE).modules[0], {
    success: false,
    reason: 'protocol',
    failures: { protocol: 8 },
  })
})

void t.test('the failure is told while the server is left alone', async t => {
  const { world } = watched(WRONG)
  const side = startIn(t, world, usual([EDGE]))
  for (let i = 0; i < 20; i++) {
    await world.pass(seconds(15))
    t.match(serverIn(side.snapshot(), EDGE).modules[0], { success: false, reason: 'protocol' })
  }
})

void t.test(
  'who answers again is read at each interval, and begins anew when it fails',
  async t => {
    const { world, edge, askedAt } = watched(WRONG)
    const side = startIn(t, world, usual([EDGE]))
    await world.pass(seconds(100))
    edge.instead = undefined
    await world.pass(seconds(40))
    t.same(askedAt(), [0, 15, 45, 105, 120, 135])
    t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE).offset, edge))
    Object.assign(edge, WRONG)
    await world.pass(seconds(60))
    t.same(askedAt().slice(6), [150, 165, 195])
  },
)

void t.test('who is silent or refuses is asked at each interval', async t => {
  for (const change of [{ up: false }, { refuses: true }]) {
    const { world, askedAt } = watched(change)
    startIn(t, world, usual([EDGE]))
    await world.pass(seconds(91))
    t.same(askedAt(), [0, 15, 30, 45, 60, 75, 90])
  }
})

void t.test('after a sleep of ours, and a step of its clock, it is asked at once', async t => {
  const { world, edge, askedAt } = watched(WRONG)
  startIn(t, world, usual([EDGE]))
  await world.pass(seconds(110))
  world.suspend(seconds(3600))
  await world.pass(seconds(5))
  t.equal(askedAt().length, 5)

  const PORT = 1123
  world.add(`${EDGE}:${PORT}`, WRONG)
  const good = world.add(EDGE)
  const other = world.servers.get(`${EDGE}:${PORT}`)
  const side = startIn(t, world, {
    reference: { servers: references },
    modules: { other: { prober: 'ntp', port: PORT } },
    pools: [{ name: 'p', modules: ['ntp', 'other'], servers: [{ name: 'edge01', address: EDGE }] }],
  })
  await world.pass(seconds(110))
  const before = other?.asked.length ?? 0
  good.offset = hours(-6)
  await world.pass(seconds(14))
  t.match(serverIn(side.snapshot(), EDGE), { steps: 1 })
  t.equal(other?.asked.length, before + 1)
  t.ok(edge.asked.length > 0)
})
