import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import * as fc from 'fast-check'
import t from 'tap'
import { durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { configOf, holdsFor, references, serverIn, startIn, usual } from './clock-side.js'
import { World, hours } from './world.js'

const EDGE1 = '192.0.2.11'
const EDGE2 = '192.0.2.12'

const pool = (change1: object = {}, change2: object = {}) => {
  const world = new World()
  for (const name of references) world.add(name)
  return { world, edge1: world.add(EDGE1, change1), edge2: world.add(EDGE2, change2) }
}

void t.test('each server is read on its own schedule, spread evenly over the interval', async t => {
  const world = new World()
  for (const name of references) world.add(name)
  const names = [11, 12, 13, 14, 15].map(last => `192.0.2.${last}`)
  const servers = names.map(name => world.add(name))
  const start = world.mono()
  startIn(t, world, usual(names))
  await world.pass(seconds(61))
  servers.forEach(({ asked }, i) => {
    const due = [0, 15, 30, 45, 60].map(at => at + 3 * i).filter(at => at <= 61)
    t.same(
      asked.map(at => Number(at - start) / 1e9),
      due,
    )
  })
})

void t.test('a clock six hours behind is told as −21600 s within its error', async t => {
  const { world, edge1, edge2 } = pool({}, { offset: hours(-6) })
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(seconds(61))
  const snapshot = side.snapshot()
  t.ok(holdsFor(world, serverIn(snapshot, EDGE1).offset, edge1))
  t.ok(holdsFor(world, serverIn(snapshot, EDGE2).offset, edge2))
  t.ok((serverIn(snapshot, EDGE2).offset?.error ?? 1) < 0.005)
})

void t.test('a step is told within one interval, as offset and as a step', async t => {
  const { world, edge1, edge2 } = pool()
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(seconds(61))
  edge2.offset = hours(-6)
  await world.pass(seconds(15))
  const snapshot = side.snapshot()
  t.match(serverIn(snapshot, EDGE2), { steps: 1, contradictions: 1, consistent: true })
  t.ok(Math.abs((serverIn(snapshot, EDGE2).lastStep ?? 0) + 21_600) < 0.01)
  t.ok(holdsFor(world, serverIn(snapshot, EDGE2).offset, edge2))
  t.match(serverIn(snapshot, EDGE1), { steps: 0 })
  t.ok(holdsFor(world, serverIn(snapshot, EDGE1).offset, edge1))
})

void t.test('drift is told against true time, not against our own clock', async t => {
  const { world } = pool({ driftPpm: 30 }, { driftPpm: -80 })
  world.monoDriftPpm = 25
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(seconds(600))
  const snapshot = side.snapshot()
  t.ok(Math.abs((serverIn(snapshot, EDGE1).driftRatio ?? 0) - 30e-6) < 1e-6)
  t.ok(Math.abs((serverIn(snapshot, EDGE2).driftRatio ?? 0) + 80e-6) < 1e-6)
})

void t.test('an unsynchronised server is read, and said to be unsynchronised', async t => {
  for (const says of [{ leap: 3 }, { stratum: 16 }, { stratum: 0, referenceId: 0 }] as const) {
    const { world, edge2 } = pool({}, { offset: hours(-6), says })
    const side = startIn(t, world, usual([EDGE1, EDGE2]))
    await world.pass(seconds(31))
    const server = serverIn(side.snapshot(), EDGE2)
    t.match(server.service, { synchronized: false, ...('leap' in says && { leap: 3 }) })
    t.ok(holdsFor(world, server.offset, edge2))
    t.equal(serverIn(side.snapshot(), EDGE1).service.synchronized, true)
  }
})

void t.test('each way to fail has its reason, and is over within the timeout', async t => {
  const cases = [
    [{ up: false }, 'timeout'],
    [{ refuses: true }, 'refused'],
    [{ says: { stratum: 0, referenceId: 0x52415445 } }, 'kiss_of_death'],
    [{ says: { transmit: undefined } }, 'implausible'],
    [{ says: { transmit: unixNs(0n) } }, 'implausible'],
    [{ says: { precision: 20 } }, 'implausible'],
    [{ instead: (honest: Uint8Array) => [honest.subarray(0, 47)] }, 'protocol'],
    [{ instead: () => [new Uint8Array(48)] }, 'protocol'],
    [{ instead: () => [new Uint8Array(2000)] }, 'protocol'],
  ] as const
  for (const [change, reason] of cases) {
    const { world } = pool({}, change)
    const side = startIn(t, world, usual([EDGE1, EDGE2]))
    await world.pass(seconds(9))
    const server = serverIn(side.snapshot(), EDGE2)
    t.match(server.modules[0], { success: false, reason }, reason)
    t.equal(server.modules[0]?.failures[reason], 1)
    t.ok((server.modules[0]?.duration ?? 9) <= 1)
    t.equal(server.offset, undefined)
  }
})

void t.test(
  'forged packets before the true one are thrown away, counted, and harmless',
  async t => {
    const forged = (honest: Uint8Array) => {
      const cookie = Uint8Array.from(honest)
      cookie[24]! ^= 1
      const mode = Uint8Array.from(honest)
      mode[0] = 0x23
      return [cookie, mode, honest.subarray(0, 40), honest]
    }
    const { world, edge2 } = pool({}, { instead: forged, offset: seconds(7) })
    const side = startIn(t, world, usual([EDGE1, EDGE2]))
    await world.pass(seconds(9))
    const server = serverIn(side.snapshot(), EDGE2)
    t.ok(holdsFor(world, server.offset, edge2))
    t.same(server.modules[0]?.discards, { length: 1, mode: 1, cookie: 1 })
  },
)

void t.test(
  'names that do not resolve, or never answer, fail as dns within the timeout',
  async t => {
    const { world } = pool()
    world.resolves = (host, signal) => {
      if (host === EDGE2) {
        return new Promise(resolve => {
          signal.addEventListener('abort', () =>
            resolve({ ok: false, reason: 'dns', detail: 'no address in time' }),
          )
        })
      }
      return Promise.resolve({ ok: true, address: host, family: 4 })
    }
    const side = startIn(t, world, usual([EDGE1, EDGE2]))
    await world.pass(seconds(9))
    t.match(serverIn(side.snapshot(), EDGE2).modules[0], { success: false, reason: 'dns' })
    t.match(serverIn(side.snapshot(), EDGE1).modules[0], { success: true })
  },
)

void t.test('an address behind which two clocks answer is inconsistent, not averaged', async t => {
  const { world, edge2 } = pool()
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  for (let i = 0; i < 12; i++) {
    edge2.offset = i % 2 === 0 ? hours(-6) : durationNs(0n)
    await world.pass(seconds(15))
  }
  const server = serverIn(side.snapshot(), EDGE2)
  t.equal(server.consistent, false)
  t.equal(server.offset, undefined)
  edge2.offset = durationNs(0n)
  await world.pass(seconds(150))
  t.equal(serverIn(side.snapshot(), EDGE2).consistent, true)
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE2).offset, edge2))
})

void t.test('a server that falls silent is told with a growing error, then not at all', async t => {
  const { world, edge2 } = pool({}, { offset: hours(-6), driftPpm: 60 })
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(seconds(61))
  edge2.up = false
  const errors: number[] = []
  for (let i = 0; i < 4; i++) {
    await world.pass(seconds(15))
    const server = serverIn(side.snapshot(), EDGE2)
    t.ok(holdsFor(world, server.offset, edge2))
    t.match(server.modules[0], { success: false })
    errors.push(server.offset?.error ?? 0)
  }
  t.same(
    errors,
    errors.toSorted((a, b) => a - b),
  )
  await world.pass(seconds(20))
  const gone = serverIn(side.snapshot(), EDGE2)
  t.equal(gone.offset, undefined)
  t.ok(gone.lastReadingTimestamp, 'when it was last read stays')
})

void t.test('a reload keeps the counts and readings of servers that did not change', async t => {
  const { world, edge1, edge2 } = pool()
  const side = startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(seconds(31))
  edge1.offset = hours(1)
  edge2.offset = hours(1)
  await world.pass(seconds(31))
  side.apply(
    configOf({
      ...usual([]),
      pools: [
        {
          name: 'edgepool1',
          servers: [
            { name: `edge-${EDGE1}`, address: EDGE1 },
            { name: 'renamed', address: EDGE2 },
          ],
        },
      ],
    }),
  )
  const snapshot = side.snapshot()
  t.match(serverIn(snapshot, EDGE1), { steps: 1 })
  t.ok(holdsFor(world, serverIn(snapshot, EDGE1).offset, edge1), 'still known')
  t.match(serverIn(snapshot, EDGE2), { server: 'renamed', steps: 0 })
  t.equal(snapshot.servers.length, 2)
  await world.pass(seconds(31))
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE2).offset, edge2))
})

void t.test('a kissed server is left alone for longer and longer', async t => {
  const { world, edge2 } = pool({}, { says: { stratum: 0, referenceId: 0x52415445 } })
  startIn(t, world, usual([EDGE1, EDGE2]))
  await world.pass(hours(1))
  t.ok(edge2.asked.length < 12, `asked ${edge2.asked.length} times in an hour`)
})

void t.test('100 dead servers cost two live ones nothing, and memory stays flat', async t => {
  const world = new World()
  for (const name of references) world.add(name)
  const dead = Array.from({ length: 100 }, (_, i) => `198.51.100.${i + 1}`)
  for (const name of dead) world.add(name, { up: false })
  const live = [EDGE1, EDGE2].map(name => world.add(name, { offset: seconds(3) }))
  const side = startIn(t, world, usual([...dead, EDGE1, EDGE2]))
  await world.pass(seconds(60))
  const early = heapUsed()
  let worst = 0
  for (let i = 0; i < 40; i++) {
    await world.pass(seconds(15))
    const snapshot = side.snapshot()
    for (const name of [EDGE1, EDGE2]) worst = Math.max(worst, ageOf(world, snapshot, name))
  }
  const grown = heapUsed() - early
  t.ok(worst <= 15, `the oldest reading was ${worst} s old`)
  for (const { asked } of live) {
    const pauses = asked.slice(1).map((at, i) => at - asked[i]!)
    t.ok(
      pauses.every(pause => pause === seconds(15)),
      'read exactly on time',
    )
  }
  // 100 × 40 failed readings: a leak of 1 KiB each would be 4 MiB.
  t.ok(grown < 2 * 1024 * 1024, `the heap grew by ${grown} bytes in ten minutes`)
})

const ageOf = (world: World, snapshot: Parameters<typeof serverIn>[0], name: string): number =>
  Number(world.trueTime()) / 1e9 - (serverIn(snapshot, name).lastReadingTimestamp ?? 0)

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** mulberry32: numbers from 0 to 1, evenly; fast-check's own favour the ends, here the shortest waits. */
const evenly = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}

void t.test(
  'the interval always holds the truth: delays, jitter, loss and drift at random',
  async t => {
    const delay = fc.record({ base: fc.nat(150), jitter: fc.nat(250) })
    const link = fc.record({
      out: delay,
      back: delay,
      loss: fc.double({ min: 0, max: 0.4, noNaN: true }),
    })
    const clock = fc.record({
      offsetMs: fc.integer({ min: -40_000_000, max: 40_000_000 }),
      driftPpm: fc.integer({ min: -60, max: 60 }),
      link,
    })
    let told = 0
    let exchanges = 0
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(clock, clock),
        fc.tuple(link, link, link),
        fc.integer({ min: -35, max: 35 }),
        fc.integer(),
        async (clocks, links, monoDriftPpm, seed) => {
          const random = evenly(seed)
          const way =
            ({ base, jitter }: { base: number; jitter: number }, loss: number) =>
            () =>
              random() < loss ? hours(24) : milliseconds(base + jitter * random())
          const world = new World()
          world.monoDriftPpm = monoDriftPpm
          links.forEach(({ out, back, loss }, i) =>
            world.add(references[i]!, { out: way(out, 0), back: way(back, loss) }),
          )
          const edges = clocks.map((one, i) =>
            world.add([EDGE1, EDGE2][i]!, {
              offset: milliseconds(one.offsetMs),
              driftPpm: one.driftPpm,
              out: way(one.link.out, 0),
              back: way(one.link.back, one.link.loss),
            }),
          )
          const side = startIn(t, world, usual([EDGE1, EDGE2]))
          for (let i = 0; i < 30; i++) {
            await world.pass(milliseconds(20_000 * random()))
            for (const edge of edges) world.slew(edge, 120 * random() - 60)
            const snapshot = side.snapshot()
            edges.forEach((edge, n) => {
              const { offset } = serverIn(snapshot, [EDGE1, EDGE2][n]!)
              if (!offset) return
              told++
              if (!holdsFor(world, offset, edge))
                throw new Error(`missed: ${JSON.stringify(offset)}`)
            })
          }
          side.stop()
          for (const { asked } of world.servers.values()) exchanges += asked.length
        },
      ),
      { numRuns: 150 },
    )
    t.ok(exchanges > 10_000 && told > 5000, `${exchanges} exchanges, ${told} offsets told`)
  },
)
