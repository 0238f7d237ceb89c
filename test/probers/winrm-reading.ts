import type { Module } from '../../src/config/modules.js'
import { nodeClock } from '../../src/net/node-platform.js'
import type { ProbeReading, ProbeResult } from '../../src/probers/prober.js'
import { type Interval, minus } from '../../src/time/interval.js'
import { readWall } from '../../src/time/tick.js'
import { type Asked, readOnce } from './one-reading.js'

/** One reading of a server on loopback, over real sockets. */
export const readWinrm = (
  options: Partial<Module<'winrm'>>,
  more: Pick<Asked<'winrm'>, 'trace' | 'signal'> = {},
): Promise<ProbeResult> => readOnce({ kind: 'winrm', options, ...more })

/** The server's clock − this machine's wall clock. */
export const shiftOf = ({ interval }: ProbeReading): Interval =>
  minus(interval, readWall(nodeClock).offset)
