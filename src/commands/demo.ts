import { parseConfig } from '../config/config.js'
import { parseDuration } from '../config/duration.js'
import { nodeClock } from '../net/node-platform.js'
import { type Flags, misuse, parseFlags } from './options.js'
import { runExporter, runFlags, runSettings } from './run.js'
import { describeDuration } from '../text.js'
import {
  type DurationNs,
  durationNs,
  milliseconds,
  seconds,
  toMilliseconds,
  toSeconds,
} from '../time/units.js'
import { SimulatedServer } from '../demo/simulated-server.js'

export const demoFlags = {
  'reboot-after': { value: 'string', default: '1m', help: 'when edge02 goes down for its reboot' },
  ...runFlags,
  'web.listen-address': { ...runFlags['web.listen-address'], default: '127.0.0.1:10429' },
} as const satisfies Flags

const DOWN_FOR = seconds(10)
const OFF_BY = durationNs(-6n * 3600n * 1_000_000_000n)

/** `edgeclock demo`: the incident, on loopback, watched by the real exporter. */
export const demo = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, demoFlags)
  if (!flags.ok) return misuse(flags.why)
  const settings = runSettings(flags.value)
  if (!settings.ok) return misuse(settings.why)
  const rebootAfter = parseDuration(flags.value.text('reboot-after'))
  if (rebootAfter === undefined) return misuse('--reboot-after is a duration such as 1m')

  const references = [
    new SimulatedServer(nodeClock),
    new SimulatedServer(nodeClock),
    new SimulatedServer(nodeClock),
  ]
  const edge01 = new SimulatedServer(nodeClock)
  const edge02 = new SimulatedServer(nodeClock)
  edge01.behaviour = { ...edge01.behaviour, offset: milliseconds(0.4) }
  edge02.behaviour = { ...edge02.behaviour, offset: milliseconds(-1.2) }
  const ports = await Promise.all([...references, edge01, edge02].map(server => server.listen()))
  const text = configText(ports)
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
      reboot(edge02, rebootAfter)
    },
  )
}

const configText = (ports: readonly number[]): string => {
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
  })
}

/** The incident: down, then back with a clock six hours behind that no time source keeps. */
const reboot = (server: SimulatedServer, after: DurationNs): void => {
  setTimeout(() => {
    server.behaviour = { ...server.behaviour, up: false }
    tell('edge02 goes down for a reboot.')
  }, toMilliseconds(after))
  setTimeout(
    () => {
      server.behaviour = { up: true, offset: OFF_BY, synchronized: false }
      tell('edge02 is back. Its clock is six hours behind, and nothing keeps it: look at the page.')
    },
    toMilliseconds(durationNs(after + DOWN_FOR)),
  )
}

const tell = (line: string): void => void process.stdout.write(`${line}\n`)
