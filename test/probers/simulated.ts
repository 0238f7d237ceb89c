import type { Test } from 'tap'
import type { Module, ProberKind } from '../../src/config/modules.js'
import type { ProbeReading, ProbeResult } from '../../src/probers/prober.js'
import { contains } from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { type SimServer, World } from '../sim/world.js'
import { outcomeOf, readOnce } from './one-reading.js'
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

/** Some 50.3 s ahead, but at no whole microsecond; a millisecond away in each direction. */
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
  const reading = readOnce({
    kind,
    host: HOST,
    platform: keepingSent(world.platform, sent),
    trace: line => traced.push(line),
    ...(options && { options }),
  })
  await world.pass(seconds(20))
  return { result: await reading, sent, traced, world, server }
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

/** There and back, and what the stamp may be stale. */
export const ONE_EXCHANGE = durationNs(milliseconds(2) + milliseconds(16) + 100n)
