import { type Module, builtInModules } from '../../src/config/modules.js'
import { nodePlatform } from '../../src/net/node-platform.js'
import type { Platform } from '../../src/net/platform.js'
import { exporter } from '../../src/probers/exporter.js'
import type { ProbeReading, ProbeResult, ProbeSession } from '../../src/probers/prober.js'
import { type Interval, minus } from '../../src/time/interval.js'
import { readWall } from '../../src/time/tick.js'
import { milliseconds } from '../../src/time/units.js'
import type { World } from '../sim/world.js'

type Options = Partial<Module<'exporter'>>

export const platform = nodePlatform()

export const openExporter = (
  options: Options,
  more: {
    readonly host?: string
    readonly platform?: Platform
    readonly trace?: (line: string) => void
  } = {},
): ProbeSession => {
  const module = builtInModules().find(one => one.kind === 'exporter')
  if (module?.kind !== 'exporter') throw new Error('exporter is no module')
  const { host = '127.0.0.1', platform: on = platform, ...rest } = more
  return exporter.open(on, { host, module: { ...module, ...options }, ...rest })
}

export const readNow = (session: ProbeSession): Promise<ProbeResult> =>
  session.read(new AbortController().signal)

/** One reading of a server on loopback, over real sockets. */
export const readExporter = async (options: Options): Promise<ProbeResult> => {
  const session = openExporter(options)
  try {
    return await readNow(session)
  } finally {
    session.close()
  }
}

/** One reading in a simulated world. */
export const readIn = async (world: World, session: ProbeSession): Promise<ProbeResult> => {
  const results: ProbeResult[] = []
  void readNow(session).then(one => results.push(one))
  for (let i = 0; i < 8000 && results.length === 0; i++) await world.pass(milliseconds(5))
  const [result] = results
  if (!result) throw new Error('a reading that does not end')
  return result
}

/** The server's clock − this machine's wall clock. */
export const shiftOf = ({ interval }: ProbeReading): Interval =>
  minus(interval, readWall(platform.clock).offset)

export const readingOf = (result: ProbeResult): ProbeReading => {
  if (result.ok) return result
  throw new Error(`${result.reason}: ${result.detail}`)
}
