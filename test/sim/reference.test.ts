import t from 'tap'
import { encodeReply } from '../../src/protocol/ntp.js'
import { durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { holds, holdsFor, references, serverIn, startIn, usual } from './clock-side.js'
import { World, hours } from './world.js'

const EDGE = '192.0.2.11'

/** Three honest reference servers and one watched server that is right. */
const peaceful = () => {
  const world = new World()
  const refs = references.map(name => world.add(name))
  const edge = world.add(EDGE)
  return { world, refs, edge }
}

void t.test('three honest servers give true time within a second of the start', async t => {
  const { world, edge } = peaceful()
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(1))
  const { reference, servers } = side.snapshot()
  t.match(reference, { synchronized: true, agreeing: 3 })
  t.ok((reference.error ?? 1) < 0.0012, 'half the round trip and a little for drift')
  t.ok(holdsFor(world, servers[0]?.offset, edge))
})

void t.test('a server that lies by an hour is a falseticker and moves nothing', async t => {
  const { world, refs, edge } = peaceful()
  refs[1]!.offset = hours(1)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(60))
  const { reference, servers } = side.snapshot()
  t.match(reference, { synchronized: true, agreeing: 2 })
  t.same(
    reference.servers.map(({ falseticker }) => falseticker),
    [false, true, false],
  )
  t.ok(Math.abs((reference.servers[1]?.offset?.offset ?? 0) - 3600) < 0.01)
  t.ok(holdsFor(world, servers[0]?.offset, edge))
})

void t.test('servers that all lie differently give no time, and no offset is told', async t => {
  const { world, refs } = peaceful()
  refs.forEach((ref, i) => (ref.offset = hours(i + 1)))
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(60))
  const snapshot = side.snapshot()
  t.match(snapshot.reference, { synchronized: false, agreeing: 0 })
  t.equal(snapshot.reference.error, undefined)
  const edge = serverIn(snapshot, EDGE)
  t.equal(edge.offset, undefined)
  t.equal(edge.modules[0]?.offset, undefined)
  t.equal(edge.modules[0]?.success, true, 'the server itself is still read')
  t.equal(snapshot.host.offset, undefined)
  const probed = side.probe({ host: EDGE, ...moduleNtp })
  await world.pass(seconds(2))
  t.match(await probed, { ok: false, reason: 'aborted' })
})

void t.test('agreement that is lost is not told any more', async t => {
  const { world, refs } = peaceful()
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(60))
  t.equal(side.snapshot().reference.synchronized, true)
  refs.forEach((ref, i) => (ref.offset = hours(i)))
  await world.pass(seconds(40))
  t.equal(side.snapshot().reference.synchronized, false)
  t.equal(serverIn(side.snapshot(), EDGE).offset, undefined)
})

void t.test('one server of three that still answers is no majority', async t => {
  const { world, refs } = peaceful()
  refs[0]!.up = refs[1]!.up = false
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(60))
  t.match(side.snapshot().reference, { synchronized: false, agreeing: 0 })
})

void t.test('in silence the error grows with its age and still holds the truth', async t => {
  const { world, refs, edge } = peaceful()
  world.monoDriftPpm = 40
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(300))
  const before = side.snapshot().reference.error ?? 0
  for (const ref of refs) ref.up = false
  await world.pass(hours(2))
  const { reference, servers } = side.snapshot()
  const grown = (reference.error ?? 0) - before
  t.ok(grown > 0.7 && grown < 0.75, `2 h at 100 ppm are 0.72 s: ${grown}`)
  t.equal(reference.synchronized, true, 'below max_error')
  t.equal(reference.agreeing, 0)
  t.ok((reference.age ?? 0) > 7000)
  t.ok(holdsFor(world, servers[0]?.offset, edge))
  await world.pass(hours(1))
  t.equal(side.snapshot().reference.synchronized, false, 'above max_error')
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE).offset, edge), 'the bound stays true')
  for (const ref of refs) ref.up = true
  await world.pass(seconds(40))
  t.match(side.snapshot().reference, { synchronized: true, agreeing: 3 })
})

void t.test('a monotonic clock that is slewed by 300 ppm is aged by twice that', async t => {
  const { world, refs, edge } = peaceful()
  world.monoDriftPpm = 300
  edge.driftPpm = 0
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(300))
  for (const ref of refs) ref.up = false
  await world.pass(seconds(1200))
  const { reference, servers } = side.snapshot()
  t.ok((reference.error ?? 0) > 0.6, '1,200 s at 600 ppm and more')
  t.ok(holdsFor(world, servers[0]?.offset, edge))
})

void t.test('a step of our own wall clock moves no offset', async t => {
  const { world, edge } = peaceful()
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(61.2))
  const before = serverIn(side.snapshot(), EDGE).offset
  world.wallOffset = hours(-6)
  const snapshot = side.snapshot()
  const after = serverIn(snapshot, EDGE).offset
  t.same(after, before)
  t.match(snapshot.reference, { synchronized: true, agreeing: 3 })
  t.match(snapshot.host, { steps: 1, suspends: 0 })
  t.ok(Math.abs((snapshot.host.lastStep ?? 0) + 21_600) < 0.01)
  t.ok(holds(snapshot.host.offset, world.wallOffset))
  await world.pass(seconds(60))
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE).offset, edge))
  t.equal(serverIn(side.snapshot(), EDGE).steps, 0)
})

void t.test('our own clock wrong by years at the start has no effect', async t => {
  const { world, edge } = peaceful()
  world.wallOffset = hours(-24 * 365 * 20)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(30))
  const { reference, host, servers } = side.snapshot()
  t.equal(reference.synchronized, true)
  t.ok(holdsFor(world, servers[0]?.offset, edge))
  t.ok(holds(host.offset, world.wallOffset))
})

void t.test('after a sleep nothing is told until all is taken again', async t => {
  const { world, edge } = peaceful()
  edge.offset = seconds(90)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(61))
  world.suspend(hours(8))
  const asleep = side.snapshot()
  t.equal(asleep.host.suspends, 1)
  t.equal(asleep.reference.synchronized, false)
  t.equal(serverIn(asleep, EDGE).offset, undefined, 'what was known is from before the sleep')
  await world.pass(seconds(1))
  const awake = side.snapshot()
  t.equal(awake.reference.synchronized, true)
  t.ok(holdsFor(world, serverIn(awake, EDGE).offset, edge))
  t.match(serverIn(awake, EDGE), { steps: 0, contradictions: 0 })
})

void t.test('an exchange that a sleep went through is given up', async t => {
  const { world, edge } = peaceful()
  edge.back = () => milliseconds(400)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(15.2))
  world.suspend(hours(1))
  await world.pass(seconds(0.5))
  const snapshot = side.snapshot()
  t.equal(serverIn(snapshot, EDGE).modules[0]?.failures.aborted, 1)
  t.notOk(serverIn(snapshot, EDGE).offset)
  await world.pass(seconds(16))
  t.ok(holdsFor(world, serverIn(side.snapshot(), EDGE).offset, edge))
})

void t.test('a burst of eight, then one question an interval', async t => {
  const { world, refs } = peaceful()
  startIn(t, world, usual([EDGE]))
  await world.pass(seconds(15.9))
  t.equal(refs[0]!.asked.length, 8)
  await world.pass(seconds(160))
  t.equal(refs[0]!.asked.length, 18)
})

const kissOf = (code: string) => (_: Uint8Array, request: Uint8Array) => [
  encodeReply(request, {
    leap: 3,
    stratum: 0,
    precision: -24,
    rootDelay: durationNs(0n),
    rootDispersion: durationNs(0n),
    referenceId: Buffer.from(code).readUInt32BE(),
    receive: unixNs(1n),
    transmit: unixNs(1n),
  }),
]

void t.test('RATE backs off, and its stamps are never used', async t => {
  const { world, refs } = peaceful()
  refs[2]!.instead = kissOf('RATE')
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(16 + 32 + 64 + 128 + 256 + 512 + 1024))
  const asked = refs[2]!.asked
  const pauses = asked.slice(1).map((at, i) => Math.round(Number(at - asked[i]!) / 1e9))
  t.same(pauses.slice(0, 6), [32, 64, 128, 256, 512, 1024])
  const { reference } = side.snapshot()
  t.match(reference, { synchronized: true, agreeing: 2 })
  t.equal(reference.servers[2]?.failures.kiss_of_death, asked.length)
})

for (const code of ['DENY', 'RSTR']) {
  void t.test(`${code} stops that server until the next reload`, async t => {
    const { world, refs } = peaceful()
    refs[0]!.instead = kissOf(code)
    const side = startIn(t, world, usual([EDGE]))
    await world.pass(hours(1))
    t.equal(refs[0]!.asked.length, 1)
    t.match(side.snapshot().reference.servers[0], { reachable: false })
    refs[0]!.instead = undefined
    const { configOf } = await import('./clock-side.js')
    side.apply(configOf(usual([EDGE])))
    t.equal(side.snapshot().reference.synchronized, true, 'the consensus is kept through a reload')
    await world.pass(seconds(30))
    t.match(side.snapshot().reference, { agreeing: 3 })
  })
}

void t.test('an unsynchronised or far-off server is no reference', async t => {
  const bad = [
    { leap: 3 },
    { stratum: 16 },
    { stratum: 0, referenceId: 0 },
    { rootDispersion: seconds(10) },
    { rootDelay: seconds(3) },
  ] as const
  for (const says of bad) {
    const { world, refs } = peaceful()
    refs[1]!.says = says
    const side = startIn(t, world, usual([EDGE]))
    await world.pass(seconds(20))
    const { agreeing, servers } = side.snapshot().reference
    t.equal(agreeing, 2, JSON.stringify(Object.keys(says)))
    t.match(servers[1], { reachable: true, falseticker: undefined, offset: undefined })
    t.match(
      servers[1],
      'leap' in says ? { leap: 3 } : 'stratum' in says ? { stratum: says.stratum } : {},
    )
    t.ok((servers[1]?.failures.no_time ?? 0) > 0)
  }
})

void t.test('the root distance is part of the error', async t => {
  const { world, refs } = peaceful()
  for (const ref of refs)
    ref.says = { rootDelay: milliseconds(40), rootDispersion: milliseconds(5) }
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(20))
  const error = side.snapshot().reference.error ?? 0
  t.ok(error > 0.026 && error < 0.028, `20 + 5 + 1 ms: ${error}`)
})

void t.test(
  'a paused virtual machine: the first contradiction has all servers asked at once',
  async t => {
    const { world, refs, edge } = peaceful()
    const side = startIn(t, world, usual([EDGE]))
    await world.pass(seconds(64.05))
    // Neither our wall clock nor the time since boot shows it: only the servers do.
    for (const server of [...refs, edge]) server.offset = hours(1)
    world.wallOffset = hours(1)
    const offBefore = refs.map(ref => ref.asked.length)
    await world.pass(seconds(16.1))
    t.ok(refs.every((ref, i) => ref.asked.length > (offBefore[i] ?? 0)))
    const { reference } = side.snapshot()
    t.match(reference, { synchronized: true, agreeing: 3 })
  },
)

void t.test('the witness agrees with the truth and contradicts a shifted consensus', async t => {
  for (const [shift, agrees] of [
    [0n, true],
    [5_000_000n, false],
    [-5_000_000n, false],
  ] as const) {
    const { world } = peaceful()
    world.witness = async () => {
      const at = unixNs(((world.trueTime() + shift) / 1_000_000n) * 1_000_000n)
      return { receive: at, transmit: at }
    }
    const side = startIn(t, world, usual([EDGE]))
    await world.pass(seconds(20))
    t.equal(side.snapshot().reference.witnessAgrees, agrees, `shifted by ${shift} ns`)
    world.witness = async () => undefined
    await world.pass(seconds(64 * 3 + 1))
    t.equal(side.snapshot().reference.witnessAgrees, undefined, 'a silent witness says nothing')
  }
})

const moduleNtp = {
  module: { name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(1) },
  timeout: seconds(1),
} as const

void t.test('a sleep is never blamed on a server, whenever it comes', async t => {
  for (let after = 20; after < 26; after += 0.37) {
    const { world, edge } = peaceful()
    const side = startIn(t, world, {
      reference: { servers: references },
      pools: [
        { name: 'edgepool1', interval: '1700ms', servers: [{ name: 'edge01', address: EDGE }] },
      ],
    })
    await world.pass(seconds(after))
    world.suspend(hours(8))
    await world.pass(seconds(5))
    const server = serverIn(side.snapshot(), EDGE)
    t.match(server, { steps: 0, contradictions: 0 }, `after ${after} s`)
    t.ok(holdsFor(world, server.offset, edge))
    t.equal(side.snapshot().host.suspends, 1)
  }
})

void t.test('a short step ahead of our wall clock is a step where that can be told', async t => {
  const { world } = peaceful()
  world.uptimeResolution = milliseconds(10)
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(30))
  world.wallOffset = milliseconds(500)
  const fine = side.snapshot()
  t.match(fine.host, { steps: 1, suspends: 0 })
  t.equal(fine.reference.synchronized, true)
  world.uptimeResolution = seconds(1)
  await world.pass(seconds(2))
  world.wallOffset = milliseconds(900)
  const coarse = side.snapshot()
  t.match(coarse.host, { steps: 2, suspends: 1 }, 'else it counts as both')
  t.equal(coarse.reference.synchronized, false, 'and all is taken again')
})

void t.test('the age of the reference only grows while the servers are silent', async t => {
  const { world, refs } = peaceful()
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(100))
  for (const ref of refs) ref.up = false
  let before = side.snapshot().reference.age ?? 0
  for (let i = 0; i < 30; i++) {
    await world.pass(seconds(16))
    const age = side.snapshot().reference.age ?? 0
    t.ok(Math.abs(age - before - 16) < 0.001, `${before} → ${age}`)
    before = age
  }
})

void t.test('a silent reference leaves the witness without a word', async t => {
  const { world, refs } = peaceful()
  world.witness = async () => {
    const at = unixNs((world.trueTime() / 1_000_000n) * 1_000_000n)
    return { receive: at, transmit: at }
  }
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(20))
  t.equal(side.snapshot().reference.witnessAgrees, true)
  for (const ref of refs) ref.up = false
  await world.pass(seconds(600))
  t.equal(side.snapshot().reference.witnessAgrees, undefined)
})

void t.test('a liar’s drift is nobody’s drift', async t => {
  const { world, refs } = peaceful()
  for (const ref of refs) ref.out = ref.back = () => milliseconds(5)
  refs[0]!.out = refs[0]!.back = () => durationNs(1000n)
  refs[0]!.offset = hours(1)
  refs[0]!.driftPpm = 90
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(900))
  const drift = serverIn(side.snapshot(), EDGE).driftRatio
  t.ok(Math.abs(drift ?? 1) < 20e-6, `${drift}`)
  refs.forEach((ref, i) => (ref.offset = hours(i + 1)))
  await world.pass(seconds(200))
  t.equal(serverIn(side.snapshot(), EDGE).driftRatio, undefined, 'without a quorum none is told')
})

void t.test('after the pause of a virtual machine a wrong offset lasts for moments', async t => {
  const { world, refs, edge } = peaceful()
  const side = startIn(t, world, usual([EDGE]))
  await world.pass(seconds(70))
  for (const server of [...refs, edge]) server.offset = hours(1)
  world.wallOffset = hours(1)
  await world.pass(seconds(5.1))
  const { offset } = serverIn(side.snapshot(), EDGE)
  t.ok(Math.abs(offset?.offset ?? 1) < 0.01, 'the server’s jump has the references asked at once')
})

void t.test('a server that asked for less is not asked more after a sleep or a jump', async t => {
  const { world, refs } = peaceful()
  refs[2]!.instead = kissOf('RATE')
  startIn(t, world, usual([EDGE]))
  await world.pass(seconds(16 + 32 + 64 + 128 + 1))
  const asked = refs[2]!.asked.length
  world.suspend(hours(1))
  refs[0]!.offset = hours(1)
  await world.pass(seconds(60))
  t.equal(refs[2]!.asked.length, asked)
  t.ok(refs[1]!.asked.length > 8, 'the others are')
})
