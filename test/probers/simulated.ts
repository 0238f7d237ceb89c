import type { Test } from 'tap'
import type { Module, ProberKind } from '../../src/config/modules.js'
import type { Connection } from '../../src/net/platform.js'
import type { ProbeReading, ProbeResult } from '../../src/probers/prober.js'
import { contains } from '../../src/time/interval.js'
import { type UnixNs, durationNs, milliseconds, seconds, unixNs } from '../../src/time/units.js'
import { type SimServer, World } from '../sim/world.js'
import { outcomeOf, readOnce } from './one-reading.js'
import { closing } from './closing.js'
import { keepingSent } from './sent-bytes.js'

const HOST = '192.0.2.12'

/** One reading of a server in a world of its own. */
export interface Simulated {
  readonly result: ProbeResult
  /** All that was sent to it. */
  readonly sent: readonly Uint8Array[]
  readonly traced: readonly string[]
  readonly world: World
  readonly server: SimServer
}

/**
 * Some 50.3 s ahead, but at no whole microsecond; a millisecond away in each direction.
 * @throws Error where a connection is left open.
 */
export const simulate = async <K extends ProberKind>(
  kind: K,
  converse: SimServer['converse'],
  change: Partial<SimServer> & { readonly options?: Partial<Module<K>> } = {},
): Promise<Simulated> => {
  const { options, ...fields } = change
  const world = new World()
  const server = world.add(HOST, { offset: seconds(50.300_000_1), converse, ...fields })
  const sent: Uint8Array[] = []
  const traced: string[] = []
  const open = new Set<Connection>()
  const reading = readOnce({
    kind,
    host: HOST,
    platform: closing(keepingSent(world.platform, sent), open),
    trace: line => traced.push(line),
    ...(options && { options }),
  })
  await world.pass(seconds(20))
  const result = await reading
  if (open.size > 0) throw new Error(`left open after ${outcomeOf(result)}`)
  return { result, sent, traced, world, server }
}

/** The server's clock − our monotonic clock has to be inside, and the reading as wide as its bound is. */
export const mustHold = (
  t: Pick<Test, 'ok'>,
  { result, world, server }: Simulated,
  { later = durationNs(0n), name = 'the truth is inside' } = {},
): ProbeReading => {
  if (!result.ok) throw new Error(outcomeOf(result))
  const truth = world.clockOf(server) - world.mono() + later
  t.ok(contains(result.interval, truth), name)
  return result
}

/** How often the clock of Windows goes on when nobody asks for more: it stands still in between. */
const TICK = 15_625_000n

/** What such a clock shows at a moment. */
export const tickOf = (at: bigint): UnixNs => unixNs(at - (at % TICK))

/**
 * Reads a server whose clock stands still between its ticks, at many moments within one, and from so near that
 * nothing but the staleness of its stamps makes up for that.
 */
export const mustHoldTicks = async (
  t: Pick<Test, 'ok'>,
  kind: ProberKind,
  converse: SimServer['converse'],
): Promise<void> => {
  const near = () => durationNs(100_000n)
  for (let phase = 0n; phase < TICK; phase += TICK / 25n) {
    const offset = durationNs(seconds(50.300_000_1) + phase)
    const seen = await simulate(kind, converse, { offset, out: near, back: near })
    mustHold(t, seen, { name: `${phase} ns on` })
  }
}

/** There and back, and what the stamp may be stale. */
export const ONE_EXCHANGE = durationNs(milliseconds(2) + milliseconds(16) + 100n)
