import t from 'tap'
import { seconds } from '../../src/time/units.js'
import { configOf, holdsFor, references, serverIn, startIn, usual } from './clock-side.js'
import { World, hours } from './world.js'

const EDGES = ['192.0.2.11', '192.0.2.12', '192.0.2.13'] as const

const peaceful = () => {
  const world = new World()
  return {
    world,
    refs: references.map(name => world.add(name)),
    edges: EDGES.map(name => world.add(name)),
  }
}

const poolsOf = (servers: readonly string[], interval = '15s', name = 'edgepool1') => ({
  name,
  interval,
  servers: servers.map(address => ({ name: `edge-${address}`, address })),
})

void t.test('reloads, however many, move nobody’s turn', async t => {
  const { world, edges } = peaceful()
  const config = { reference: { servers: references }, pools: [poolsOf(EDGES, '2m')] }
  const side = startIn(t, world, config)
  for (let i = 0; i < 60; i++) {
    await world.pass(seconds(30))
    side.apply(configOf(config))
  }
  t.same(
    edges.map(({ asked }) => asked.length),
    [16, 15, 15],
    'in half an hour, the first one at its beginning and its end',
  )
})

void t.test('a server that is removed is not asked any more, and one that is added is', async t => {
  const { world, edges } = peaceful()
  const side = startIn(t, world, usual(EDGES.slice(0, 2)))
  await world.pass(seconds(31))
  side.apply(configOf(usual(EDGES.slice(1))))
  const asked = edges[0]!.asked.length
  await world.pass(seconds(60))
  t.equal(edges[0]!.asked.length, asked)
  t.ok(edges[2]!.asked.length >= 4)
})

void t.test('each pool is spread over its own interval', async t => {
  const { world, edges } = peaceful()
  const start = world.mono()
  startIn(t, world, {
    reference: { servers: references },
    pools: [poolsOf(EDGES.slice(0, 2), '10s', 'a'), poolsOf(EDGES.slice(2), '60s', 'b')],
  })
  await world.pass(seconds(9))
  t.same(
    edges.map(({ asked }) => asked.map(at => Number(at - start) / 1e9)),
    [[0], [5], [0]],
  )
})

void t.test('the same reference servers go on as they were: no burst, no gap', async t => {
  const { world, refs } = peaceful()
  refs[2]!.up = false
  const side = startIn(t, world, usual(EDGES))
  await world.pass(seconds(100))
  const before = side.snapshot().reference
  const asked = refs.map(ref => ref.asked.length)
  side.apply(configOf(usual(EDGES)))
  const after = side.snapshot().reference
  t.match(after, { synchronized: true, agreeing: 2 })
  t.same(after.servers[2]?.failures, before.servers[2]?.failures)
  await world.pass(seconds(16))
  t.ok(refs.every((ref, i) => ref.asked.length <= asked[i]! + 1))
})

void t.test('reference servers that are removed leave nothing behind', async t => {
  const { world, refs, edges } = peaceful()
  for (const ref of refs) ref.up = false
  const wrong = world.add('192.0.2.99', { offset: hours(2) })
  const side = startIn(t, world, { ...usual(EDGES), reference: { servers: ['192.0.2.99'] } })
  await world.pass(seconds(60))
  t.equal(side.snapshot().reference.synchronized, true)
  side.apply(configOf(usual(EDGES)))
  t.equal(side.snapshot().reference.synchronized, false, 'its word counts no more')
  t.equal(serverIn(side.snapshot(), EDGES[0]).offset, undefined)
  const asked = wrong.asked.length
  await world.pass(seconds(60))
  t.equal(wrong.asked.length, asked)
  for (const ref of refs) ref.up = true
  await world.pass(seconds(60))
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGES[0]).offset, edges[0]!))
})

void t.test('however often it is reloaded, one witness asks, and in its turn', async t => {
  const { world } = peaceful()
  let asked = 0
  world.witness = async () => {
    asked++
    return undefined
  }
  const side = startIn(t, world, usual(EDGES))
  for (let i = 0; i < 16 + 64 * 3; i += 8) {
    await world.pass(seconds(8))
    side.apply(configOf(usual(EDGES)))
  }
  t.equal(asked, 4)
  side.apply(configOf({ reference: { servers: references, interval: '32s' } }))
  await world.pass(seconds(32 + 128))
  t.equal(asked, 6, 'and at its new pace after that has changed')
})
