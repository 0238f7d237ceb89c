import { BEFORE, type EdgeAt } from '../../src/demo/reboot.js'
import { SimulatedCalls } from '../../src/demo/simulated-calls.js'
import { trueTimeOf } from '../../src/demo/simulated-server.js'
import { TraceFiles } from '../../src/demo/trace-files.js'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { nodeClock } from '../../src/net/node-platform.js'
import { seconds } from '../../src/time/units.js'
import type { Scope } from '../peers/scope.js'

/** As often as the demo. */
const EVERY_MS = 250

export interface TracedCalls {
  /** From now on calls go through an edge02 whose clock is off by so much. */
  skew(offsetSeconds: number): void
  /** What began, by how it ends. */
  readonly simulated: SimulatedCalls['simulated']
}

/** Calls through two Edges and two Front Ends, which write their traces into the folder all the while. */
export const traceCalls = (scope: Scope, folder: string): TracedCalls => {
  let skewed = BEFORE.edge02
  const edgeAt: EdgeAt = edge => (edge === 'edge02' ? skewed : BEFORE[edge])
  const files = new TraceFiles(folder)
  const calls = new SimulatedCalls({
    edgeAt,
    random: mulberry32(1),
    now: trueTimeOf(nodeClock),
    write: (server, text) => files.append(server, text),
  })
  const timer = setInterval(() => calls.proceed(), EVERY_MS)
  scope.teardown(() => clearInterval(timer))
  return {
    skew: offset => (skewed = { ...skewed, offset: seconds(offset) }),
    simulated: calls.simulated,
  }
}
