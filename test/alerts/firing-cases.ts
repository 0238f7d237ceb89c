import { callCases } from './firing-calls.js'
import { clockCases } from './firing-clock.js'
import { exporterCases } from './firing-exporter.js'
import { farOffCases } from './firing-far-off.js'
import { timeServiceCases } from './firing-time-service.js'
import type { Case } from './firing.js'

export const firingCases: readonly Case[] = [
  ...farOffCases,
  ...clockCases,
  ...timeServiceCases,
  ...callCases,
  ...exporterCases,
]
