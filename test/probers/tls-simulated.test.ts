import { test } from 'tap'
import { type Module, builtInModules } from '../../src/config/modules.js'
import { watchedPlatform } from '../../src/net/around.js'
import { failure } from '../../src/net/failure.js'
import type { Connection } from '../../src/net/platform.js'
import type { ProbeResult } from '../../src/probers/prober.js'
import { tls } from '../../src/probers/tls.js'
import { contains } from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { certificates, joinBytes, randomWith, records, serverHello } from '../protocol/tls-bytes.js'
import { passing } from '../sim/clock-side.js'
import { type Conversation, World, hours } from '../sim/world.js'
import { closing } from './closing.js'
import { outcomeOf } from './one-reading.js'
import { DER, DER_VALIDITY } from './tls-reading.js'

const HOST = '192.0.2.14'
const NS = 1_000_000_000n
/** Where the random ends: heads of a record and of a message, the version, 32 bytes. */
const RANDOM_END = 5 + 4 + 2 + 32
/** Where ServerHello has ended, and the certificate has not. */
const HELLO_END = 200
/** There and back, and what the stamp may be stale, beside its second. */
const WIDTH_SECONDS = 1.018

/** A flight in two pieces. */
const flightCut =
  (end: number): Conversation =>
  (_, clock) => {
    const random = randomWith(Number(clock / NS))
    const bytes = records(
      joinBytes(serverHello({ random }), certificates(DER, new Uint8Array(500))),
    )
    return [bytes.subarray(0, end), bytes.subarray(end)]
  }

/** A millisecond away in each direction; only the second piece of a flight takes longer, by `late`. */
const simulated = (end: number, late = milliseconds(0)) => {
  const state = { late, asleep: false }
  const world = new World()
  let ways = 0
  const back = () => {
    // Each connection has three: of the handshake of TCP, and of each piece.
    const isLast = ++ways % 3 === 0
    return durationNs(milliseconds(1) + (isLast ? state.late : 0n))
  }
  const server = world.add(HOST, { offset: seconds(0.7), converse: () => flightCut(end), back })
  const open = new Set<Connection>()
  const platform = watchedPlatform(closing(world.platform, open), async run => {
    const result = await run()
    return state.asleep ? failure('aborted', 'we slept') : result
  })
  const module = builtInModules().find((one): one is Module<'tls'> => one.kind === 'tls')
  if (!module) throw new Error('tls is no module')
  const lines: string[] = []
  const trace = (line: string): void => void lines.push(line)
  const session = tls.open(platform, { host: HOST, module, trace })
  const read = (): Promise<ProbeResult> =>
    passing(world, session.read(new AbortController().signal))
  const truth = (): bigint => world.clockOf(server) - world.mono()
  const stamps = () => lines.filter(line => line.startsWith('ServerHello.random'))
  const hellos = (): number => server.asked.length
  return { state, read, truth, stamps, hellos, open }
}

void test('a stamp is by the piece that ends its random, however late the certificate is', async t => {
  const { read, truth, stamps, open } = simulated(RANDOM_END, milliseconds(400))
  for (let i = 0; i < 3; i++) {
    const result = await read()
    if (!result.ok) throw new Error(outcomeOf(result))
    t.ok(contains(result.interval, truth()))
    t.equal(result.rtt, milliseconds(2))
    t.strictSame(result.facts, { certificate: DER_VALIDITY })
  }
  for (const line of stamps()) {
    const [, from, to] = /: (\S+) to (\S+) s ahead/.exec(line) ?? []
    t.ok(Math.abs(Number(to) - Number(from) - WIDTH_SECONDS) < 1e-5, line)
  }
  t.ok(stamps().length >= 9)
  t.equal(open.size, 0, 'all connections are closed')
})

void test('a certificate that does not come is waited for once, and after a hundred hellos again', async t => {
  const { state, read, truth, hellos, open } = simulated(HELLO_END, hours(1))
  t.match(outcomeOf(await read()), /^timeout: .*\b1\b.*stamps/)
  t.equal(hellos(), 1)
  state.late = milliseconds(50)
  const impatient = await read()
  if (!impatient.ok) throw new Error(outcomeOf(impatient))
  t.ok(contains(impatient.interval, truth()))
  t.strictSame(impatient.facts, {}, 'nothing is waited for')
  let facts = impatient.facts
  let before = hellos()
  while (!facts.certificate && hellos() < 200) {
    before = hellos()
    const result = await read()
    if (result.ok) ({ facts } = result)
  }
  t.strictSame(facts, { certificate: DER_VALIDITY })
  t.ok(before <= 1 + 100, `${before} hellos before`)
  t.ok(hellos() > 1 + 100, `${hellos()} hellos`)
  t.equal(open.size, 0, 'all connections are closed')
})

void test('a stamp from an exchange during which our machine slept is none', async t => {
  for (const late of [milliseconds(0), hours(1)]) {
    const { state, read, stamps, open } = simulated(HELLO_END, late)
    state.asleep = true
    t.match(outcomeOf(await read()), /^aborted: we slept/)
    t.strictSame(stamps(), [])
    state.asleep = false
    state.late = milliseconds(0)
    t.equal(outcomeOf(await read()), 'ok')
    t.equal(open.size, 0, 'all connections are closed')
  }
})
