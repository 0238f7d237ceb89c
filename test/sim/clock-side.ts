import type { Test } from 'tap'
import { ClockSide } from '../../src/clockside/clock-side.js'
import type { Offset, ServerSnapshot, Snapshot } from '../../src/clockside/snapshot.js'
import { type Config, parseConfig } from '../../src/config/config.js'
import { milliseconds, toSeconds } from '../../src/time/units.js'
import type { SimServer, World } from './world.js'

/** A Config from plain data, as it would stand in the file. */
export const configOf = (data: object): Config => {
  const parsed = parseConfig(JSON.stringify(data))
  if (!parsed.ok) throw new Error(parsed.problems.map(problem => problem.message).join('\n'))
  return parsed.config
}

export const references = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const

/** Three references at the usual interval, and one pool of servers at their own addresses. */
export const usual = (servers: readonly string[], more: object = {}): object => ({
  reference: { servers: references },
  pools: [
    { name: 'edgepool1', servers: servers.map(address => ({ name: `edge-${address}`, address })) },
  ],
  ...more,
})

/** The clock side in a simulated world, stopped when the test ends. */
export const startIn = (t: Test, world: World, data: object): ClockSide => {
  const side = new ClockSide(world.platform, world.log, configOf(data))
  t.teardown(() => side.stop())
  return side
}

export const serverIn = (snapshot: Snapshot, address: string): ServerSnapshot => {
  const found = snapshot.servers.find(server => server.address === address)
  if (!found) throw new Error(`no server ${address} in the snapshot`)
  return found
}

/** Whether the truth is inside offset ± error; a nanosecond is left for the rounding to Numbers. */
export const holds = (told: Offset | undefined, truth: bigint): boolean =>
  told !== undefined && Math.abs(told.offset - toSeconds(truth)) <= told.error + 1e-9

/** The truth about a simulated server is inside what is told of it. */
export const holdsFor = (world: World, told: Offset | undefined, server: SimServer): boolean =>
  holds(told, world.offsetOf(server))

/** What `work` comes to, while time passes in steps of 10 ms. */
export const passing = async <T>(world: World, work: Promise<T>): Promise<T> => {
  const ended: T[] = []
  void work.then(value => ended.push(value))
  for (let i = 0; i < 3000 && ended.length === 0; i++) await world.pass(milliseconds(10))
  if (ended.length === 0) throw new Error('it does not end within half a minute')
  return ended[0] as T
}
