import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSystemError } from '../calls/follow/system-error.js'
import { type Course, type EdgeAt, backAt, rebootAt } from '../demo/reboot.js'
import { SimulatedCalls } from '../demo/simulated-calls.js'
import { SimulatedEvents } from '../demo/simulated-events.js'
import { SimulatedServer } from '../demo/simulated-server.js'
import { TraceFiles } from '../demo/trace-files.js'
import { mulberry32 } from '../demo/trace-text.js'
import { type UnixNs, durationNs, toMilliseconds } from '../time/units.js'

/** The same calls each time. */
const SEED = 1
const PROCEED_EVERY_MS = 250

export interface PoolOptions {
  readonly course: Course
  /** True time. */
  readonly now: () => UnixNs
  readonly folder: string
  readonly tell: (line: string) => void
}

/** Starts three references and the two Edges; the text of a configuration that watches them. */
export const startPool = async ({ course, now, folder }: PoolOptions): Promise<string> => {
  for (const name of ['traces', 'events']) mkdirSync(join(folder, name))
  const edgeAt = rebootAt(course)
  const references = [1, 2, 3].map(() => new SimulatedServer(now))
  const edges = (['edge01', 'edge02'] as const).map(
    edge => new SimulatedServer(now, at => edgeAt(edge, at)),
  )
  const ports = await Promise.all([...references, ...edges].map(server => server.listen()))
  return configText(ports, folder)
}

/** `ports`: of the references, then of the two Edges. */
const configText = (ports: readonly number[], folder: string): string => {
  const addresses = ports.map(port => `127.0.0.1:${port}`)
  const [edge01, edge02] = addresses.slice(-2)
  const pool = 'edgepool1'
  return JSON.stringify({
    reference: { servers: addresses.slice(0, -2), interval: '4s' },
    host: { pool, name: 'edge02' },
    pools: [
      {
        name: pool,
        interval: '5s',
        servers: [
          { name: 'edge01', address: edge01 },
          { name: 'edge02', address: edge02 },
        ],
      },
    ],
    calls: {
      state_directory: folder,
      settle_after: '2s',
      sources: [
        { kind: 'trace', name: 'traces', pool, path: join(folder, 'traces', '*.log') },
        { kind: 'events', name: 'events', pool, path: join(folder, 'events', '*.log') },
      ],
    },
  })
}

/** Tells of the incident as it takes its course; calls and events go on all the while. */
export const beginIncident = (options: PoolOptions): void => {
  const { course, now, tell } = options
  const tellAt = (at: UnixNs, line: string): void => {
    setTimeout(() => tell(line), toMilliseconds(durationNs(at - now())))
  }
  tellAt(course.down, 'edge02 goes down for a reboot.')
  tellAt(
    backAt(course),
    'edge02 is back. Its clock is six hours behind, and nothing keeps it: look at the page.',
  )
  if (course.repair !== undefined) {
    tellAt(
      course.repair,
      'edge02 is repaired: its time service found its servers and set the clock. Calls succeed again.',
    )
  }
  simulate(options, rebootAt(course))
}

const simulate = ({ course, now, folder, tell }: PoolOptions, edgeAt: EdgeAt): void => {
  const traces = new TraceFiles(join(folder, 'traces'))
  const logs = new TraceFiles(join(folder, 'events'))
  const calls = new SimulatedCalls({
    edgeAt,
    random: mulberry32(SEED),
    now,
    write: (server, text) => traces.append(server, text),
  })
  const events = new SimulatedEvents({
    edgeAt,
    course,
    now,
    write: (server, xml) => logs.append(server, xml),
  })
  const timer = setInterval(() => {
    try {
      calls.proceed()
      events.proceed()
    } catch (error) {
      if (!isSystemError(error)) throw error
      clearInterval(timer)
      tell(`The calls end, since their traces cannot be written: ${error.message}`)
    }
  }, PROCEED_EVERY_MS)
}
