import t from 'tap'
import { durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { holds, holdsFor, references, serverIn, startIn } from './clock-side.js'
import { World, hours } from './world.js'

const EDGE = '192.0.2.11'
const PORT = 1123

/** One server read in two ways, which differ in their delays. */
const twoWays = (coarse: object = {}) => {
  const world = new World()
  for (const name of references) world.add(name)
  const fine = world.add(EDGE)
  const other = world.add(`${EDGE}:${PORT}`, {
    out: () => milliseconds(200),
    back: () => milliseconds(100),
    ...coarse,
  })
  return { world, fine, other }
}

const config = {
  reference: { servers: references },
  modules: { other: { prober: 'ntp', port: PORT } },
  pools: [
    {
      name: 'edgepool1',
      modules: ['other', 'ntp'],
      servers: [{ name: 'edge01', address: EDGE }],
    },
  ],
}

void t.test('a coarse module beside a fine one costs nothing in accuracy', async t => {
  const { world, fine } = twoWays()
  const side = startIn(t, world, config)
  await world.pass(seconds(2))
  const server = serverIn(side.snapshot(), EDGE)
  t.ok(holdsFor(world, server.offset, fine))
  t.ok((server.offset?.error ?? 1) < 0.003)
  t.same(
    server.modules.map(({ module }) => module),
    ['other', 'ntp'],
  )
  t.ok((server.modules[0]?.offset?.error ?? 0) > 0.14)
})

void t.test(
  'modules that contradict each other are inconsistent, and no offset is told',
  async t => {
    const { world, fine, other } = twoWays({ offset: seconds(40) })
    const side = startIn(t, world, config)
    await world.pass(seconds(17))
    const server = serverIn(side.snapshot(), EDGE)
    t.match(server, { consistent: false, steps: 0 })
    t.equal(server.offset, undefined)
    t.ok(holdsFor(world, server.modules[1]?.offset, fine), 'each module’s own word is there')
    t.ok(holdsFor(world, server.modules[0]?.offset, other))
  },
)

void t.test('a step that one module sees has the others look at once', async t => {
  const { world, fine, other } = twoWays()
  const side = startIn(t, world, config)
  await world.pass(seconds(20))
  fine.offset = other.offset = hours(-6)
  await world.pass(seconds(11))
  const server = serverIn(side.snapshot(), EDGE)
  t.match(server, { consistent: true, steps: 1 })
  t.ok(holdsFor(world, server.offset, fine))
})

void t.test('what a module read before a step that another saw does not count', async t => {
  const { world, fine, other } = twoWays()
  const side = startIn(t, world, config)
  await world.pass(seconds(20))
  other.up = false
  fine.offset = other.offset = hours(-6)
  await world.pass(seconds(12))
  const server = serverIn(side.snapshot(), EDGE)
  t.match(server, { consistent: true, steps: 1 })
  t.ok(holds(server.offset, durationNs(hours(-6))))
})
