import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from '../calls/follow/system-error.js'
import { parseConfig } from '../config/config.js'
import { parseDuration } from '../config/duration.js'
import { nodeClock } from '../net/node-platform.js'
import { type Flags, type Parsed, misuse, parseFlags } from './options.js'
import { runExporter, runFlags, runSettings } from './run.js'
import { describeDuration } from '../text.js'
import {
  type DurationNs,
  type UnixNs,
  durationNs,
  toMilliseconds,
  toSeconds,
  unixNs,
} from '../time/units.js'
import { BEFORE, DOWN_FOR, type EdgeAt, rebootAt } from '../demo/reboot.js'
import { SimulatedCalls } from '../demo/simulated-calls.js'
import { SimulatedServer, trueTimeOf } from '../demo/simulated-server.js'
import { TraceFiles } from '../demo/trace-files.js'
import { mulberry32 } from '../demo/trace-text.js'

export const demoFlags = {
  'reboot-after': { value: 'string', default: '1m', help: 'when edge02 goes down for its reboot' },
  ...runFlags,
  'web.listen-address': { ...runFlags['web.listen-address'], default: '127.0.0.1:10429' },
} as const satisfies Flags

/** The same calls each time. */
const SEED = 1
const TRACE_EVERY_MS = 250
const FAILED = 1

/** `edgeclock demo`: the incident, on loopback, watched by the real exporter. */
export const demo = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, demoFlags)
  if (!flags.ok) return misuse(flags.why)
  const settings = runSettings(flags.value)
  if (!settings.ok) return misuse(settings.why)
  const rebootAfter = parseDuration(flags.value.text('reboot-after'))
  if (rebootAfter === undefined) return misuse('--reboot-after is a duration such as 1m')

  const folder = temporaryFolder()
  if (!folder.ok) return fail(`the demo needs a temporary folder: ${folder.why}`)
  const { edge02, ports } = await startServers()
  const text = configText(ports, folder.value)
  const parsed = parseConfig(text)
  if (!parsed.ok)
    throw new Error(`the demo's own configuration: ${JSON.stringify(parsed.problems)}`)
  return await runExporter(
    {
      ...settings.value,
      config: parsed.config,
      configName: 'demo',
      loadConfig: async () => parseConfig(text),
      web: undefined,
      telemetryPath: '/metrics',
      timeoutOffset: 0.5,
    },
    urls => {
      tell(`A simulated Edge pool is being watched. Open ${urls.join(' or ')}`)
      tell(`In ${describeDuration(toSeconds(rebootAfter))} edge02 reboots. Ctrl-C ends the demo.`)
      tell(
        'Its calls are simulated too: see edgeclock_um_call_failures_total on /metrics after the reboot.',
      )
      begin(edge02, rebootAfter, tracesIn(folder.value))
    },
  )
}

/** Three references, then the two Edges; `ports` in this order. */
const startServers = async () => {
  const references = [
    new SimulatedServer(nodeClock),
    new SimulatedServer(nodeClock),
    new SimulatedServer(nodeClock),
  ]
  const edge01 = new SimulatedServer(nodeClock)
  const edge02 = new SimulatedServer(nodeClock)
  edge01.behaviour = BEFORE.edge01
  edge02.behaviour = BEFORE.edge02
  const ports = await Promise.all([...references, edge01, edge02].map(server => server.listen()))
  return { edge02, ports }
}

/** Gone with the process, however it ends, unless it is killed. Its name is short: a socket is made in it. */
const temporaryFolder = (): Parsed<string> => {
  try {
    const folder = mkdtempSync(join(tmpdir(), 'edgeclock-'))
    process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
    mkdirSync(tracesIn(folder))
    return { ok: true, value: folder }
  } catch (error) {
    if (!isSystemError(error)) throw error
    return { ok: false, why: error.message }
  }
}

const tracesIn = (folder: string): string => join(folder, 'traces')

const configText = (ports: readonly number[], folder: string): string => {
  const addresses = ports.map(port => `127.0.0.1:${port}`)
  const [edge01, edge02] = addresses.slice(-2)
  return JSON.stringify({
    reference: { servers: addresses.slice(0, -2), interval: '4s' },
    pools: [
      {
        name: 'edgepool1',
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
        { kind: 'trace', name: 'traces', pool: 'edgepool1', path: join(tracesIn(folder), '*.log') },
      ],
    },
  })
}

/** The incident takes its course, and calls go on all the while. */
const begin = (edge02: SimulatedServer, rebootAfter: DurationNs, traces: string): void => {
  const now = trueTimeOf(nodeClock)
  const down = unixNs(now() + rebootAfter)
  const back = unixNs(down + DOWN_FOR)
  const edgeAt = rebootAt(down)
  const turn = (at: UnixNs, what: string): void => {
    setTimeout(
      () => {
        edge02.behaviour = edgeAt('edge02', at)
        tell(what)
      },
      toMilliseconds(durationNs(at - now())),
    )
  }
  turn(down, 'edge02 goes down for a reboot.')
  turn(
    back,
    'edge02 is back. Its clock is six hours behind, and nothing keeps it: look at the page.',
  )
  simulateCalls(traces, edgeAt, now)
}

const simulateCalls = (folder: string, edgeAt: EdgeAt, now: () => UnixNs): void => {
  const files = new TraceFiles(folder)
  const calls = new SimulatedCalls({
    edgeAt,
    random: mulberry32(SEED),
    now,
    write: (server, text) => files.append(server, text),
  })
  const timer = setInterval(() => {
    try {
      calls.proceed()
    } catch (error) {
      if (!isSystemError(error)) throw error
      clearInterval(timer)
      tell(`The calls end, since their traces cannot be written: ${error.message}`)
    }
  }, TRACE_EVERY_MS)
}

const fail = (why: string): number => {
  process.stderr.write(`edgeclock: ${why}\n`)
  return FAILED
}

const tell = (line: string): void => void process.stdout.write(`${line}\n`)
