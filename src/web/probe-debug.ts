import type {
  GoodReading,
  ModuleSnapshot,
  OneReading,
  ServerSnapshot,
} from '../clockside/snapshot.js'
import { canonicalHost, parseEndpoint } from '../config/endpoint.js'
import { printable } from '../protocol/printable.js'
import { describeDuration, describeOffset } from '../text.js'

export interface Debugged {
  readonly target: string
  /** The target's, without its port. */
  readonly host: string
  readonly module: string
  readonly reading: OneReading
  /** All that are configured: those of this address are told of too. */
  readonly servers: readonly ServerSnapshot[]
}

/** The answer of /probe?…&debug=true: the exchange, what came of it, and what is known of the server besides. */
export const debugText = ({ target, host, module, reading, servers }: Debugged): string => {
  const same = servers.filter(({ address }) => hostOf(address) === canonicalHost(host))
  return [
    `target: ${target}`,
    `module: ${module}`,
    '',
    'The exchange, in seconds from its beginning:',
    ...(reading.trace ?? []),
    '',
    ...(reading.ok ? goodLines(reading) : failedLines(reading)),
    ...(same.length > 0
      ? same.flatMap(serverLines)
      : ['', 'No configured server has this address.']),
  ]
    .map(printable)
    .join('\n')
}

const hostOf = (address: string): string | undefined => {
  const parsed = parseEndpoint(address)
  return parsed.ok ? canonicalHost(parsed.endpoint.host) : undefined
}

const failedLines = ({ reason, detail, duration }: OneReading & { readonly ok: false }) => [
  `verdict: not read: ${reason}, ${detail}`,
  `duration: ${describeDuration(duration)}`,
]

const goodLines = (reading: GoodReading): readonly string[] => {
  const { offset, error, rtt, duration, service, certificate, identity } = reading
  const facts = { ...service, ...certificate, ...identity }
  return [
    `verdict: read: ${describeOffset(reading)}, against true time`,
    `offset: ${offset.toFixed(6)} s`,
    `error: ${error.toFixed(6)} s`,
    `round trip: ${describeDuration(rtt)}`,
    `duration: ${describeDuration(duration)}`,
    ...Object.entries(facts).map(([name, fact]) => `${name}: ${JSON.stringify(fact)}`),
  ]
}

const serverLines = (server: ServerSnapshot): readonly string[] => {
  const { consistent, contradicting = [], modules } = server
  const contradictions = contradicting.map(([one, other]) =>
    other === undefined
      ? `${one}’s own readings contradict each other: several clocks answer`
      : `${one} and ${other} contradict each other: ${[one, other].map(name => byName(modules, name)).join('; ')}`,
  )
  return [
    '',
    `${server.server} in ${server.pool}, by its modules:`,
    ...modules.map(one => `  ${moduleLine(one)}`),
    consistent === undefined
      ? 'edgeclock_clock_consistent is absent: it was not read yet'
      : `edgeclock_clock_consistent ${Number(consistent)}: ${consistent ? 'no two of them contradict each other' : contradictions.join(', ')}`,
  ]
}

const byName = (modules: readonly ModuleSnapshot[], name: string): string => {
  const found = modules.find(({ module }) => module === name)
  return found ? moduleLine(found) : name
}

const moduleLine = ({ module, success, reason, offset, answersAs }: ModuleSnapshot): string => {
  if (success === undefined) return `${module}: not yet read`
  if (!success) return `${module}: not read: ${reason}`
  const clock = offset ? describeOffset(offset) : 'read, but its offset is not known'
  return `${module}: ${clock}${answersAs ? `, answers as ${answersAs.join(' and ')}` : ''}`
}
