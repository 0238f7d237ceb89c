import { callCases } from './firing-calls.js'
import { clockCases } from './firing-clock.js'
import { exporterCases } from './firing-exporter.js'
import { farOffCases } from './firing-far-off.js'
import { poolCases } from './firing-pool.js'
import { hostSkewCases } from './firing-skew-host.js'
import { timeServiceCases } from './firing-time-service.js'
import type { Case } from './firing.js'
import { inTwoShards } from './healthy.js'

const cases: readonly Case[] = [
  ...farOffCases,
  ...clockCases,
  ...poolCases,
  ...timeServiceCases,
  ...callCases,
  ...hostSkewCases,
  ...exporterCases,
]

/** Those of pools, and of servers of which several exporters tell: they name no exporter, and must not miss one. */
const ofSeveralExporters = new Set([
  'EdgeclockPoolClocksDisagree',
  'EdgeclockCorrectionImpossible',
  'EdgeclockSkewBreaksCalls',
  'EdgeclockUnseenSkewBreaksCalls',
  'EdgeclockUmFailureRatio',
  'EdgeclockTraceClocksDisagree',
])

export const firingCases: readonly Case[] = [
  ...cases,
  ...cases
    .filter(({ alert }) => ofSeveralExporters.has(alert))
    .map(({ alert, what, changes, fires, quiet }) => ({
      alert,
      what: `${what}, in two shards`,
      changes: [...changes, inTwoShards],
      fires,
      quiet,
    })),
]
