import type { Test } from 'tap'
import { type Module, type ProberKind, builtInModules } from '../../src/config/modules.js'
import { nodePlatform } from '../../src/net/node-platform.js'
import type { Platform } from '../../src/net/platform.js'
import type { ProbeReading, ProbeResult } from '../../src/probers/prober.js'
import { openProbe } from '../../src/probers/table.js'
import { contains, halfWidth, minus } from '../../src/time/interval.js'
import { readWall } from '../../src/time/tick.js'
import { type DurationNs, seconds, toMilliseconds, toSeconds } from '../../src/time/units.js'
import { offsetSeconds } from '../peers/faketime.js'
import { until } from '../peers/wait.js'

/** What is not the default of the built-in module, and where it is read. */
export interface Asked<K extends ProberKind> {
  readonly kind: K
  readonly options?: Partial<Module<K>>
  readonly host?: string
  readonly platform?: Platform
  readonly trace?: (line: string) => void
  readonly signal?: AbortSignal
}

const moduleOf = <K extends ProberKind>(kind: K): Module<K> => {
  const found = builtInModules().find(one => one.kind === kind)
  if (!found) throw new Error(`${kind} is no module`)
  return found as Module<K>
}

/** One reading with a session of its own; of a server on loopback over real sockets when nothing else is said. */
export const readOnce = async <K extends ProberKind>(asked: Asked<K>): Promise<ProbeResult> => {
  const { kind, options, host = '127.0.0.1', platform = nodePlatform(), trace } = asked
  const module = { ...moduleOf(kind), ...options }
  const session = openProbe(platform, { host, module, ...(trace && { trace }) })
  try {
    return await session.read(asked.signal ?? new AbortController().signal)
  } finally {
    session.close()
  }
}

/** "ok", or the reason and what it says to people. */
export const outcomeOf = (result: ProbeResult): string =>
  result.ok ? 'ok' : `${result.reason}: ${result.detail}`

export const mustRead = async <K extends ProberKind>(asked: Asked<K>): Promise<ProbeReading> => {
  const result = await readOnce(asked)
  if (!result.ok) throw new Error(outcomeOf(result))
  return result
}

/**
 * Reads a server whose clock is `offset` ahead of this machine's, until a reading is as narrow as it has to be:
 * a machine with other work may hold one up. Each one has to hold the truth.
 */
export const holdsTruth = async <K extends ProberKind>(
  t: Pick<Test, 'ok' | 'fail' | 'comment'>,
  asked: Asked<K>,
  { offset, narrow }: { readonly offset: string; readonly narrow: DurationNs },
): Promise<void> => {
  const platform = asked.platform ?? nodePlatform()
  const truth = seconds(offsetSeconds(offset))
  const isNarrow = async (): Promise<boolean> => {
    const reading = await mustRead({ ...asked, platform })
    const shift = minus(reading.interval, readWall(platform.clock).offset)
    const half = halfWidth(shift)
    const said = `${toSeconds(shift.lo)} s to ${toSeconds(shift.hi)} s, ± ${toMilliseconds(half)} ms`
    t.comment(`${asked.kind} at ${offset}: ${said}, ${toMilliseconds(reading.rtt)} ms on the way`)
    if (!contains(shift, truth)) t.fail(`${offset} is not in ${said}`)
    return half <= narrow
  }
  t.ok(await until(isNarrow, { what: `a reading of ± ${toMilliseconds(narrow)} ms` }))
}
