import type {
  GoodReading,
  ModuleSnapshot,
  OneReading,
  ServerSnapshot,
} from '../clockside/snapshot.js'
import { type Address, canonicalHost, parseEndpoint } from '../config/endpoint.js'
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
  const port = endpointOf(target)?.port
  const same = servers.filter(({ address }) => isAsked(endpointOf(address), host, port))
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

const endpointOf = (text: string): Address | undefined => {
  const parsed = parseEndpoint(text)
  return parsed.ok ? parsed.endpoint : undefined
}

/** A server that has no port of its own is asked at those of its modules. */
const isAsked = (server: Address | undefined, host: string, port: number | undefined): boolean =>
  server !== undefined &&
  canonicalHost(server.host) === canonicalHost(host) &&
  (port === undefined || server.port === undefined || server.port === port)

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

const serverLines = (server: ServerSnapshot): readonly string[] => [
  '',
  `${server.server} in ${server.pool}, by its modules:`,
  ...server.modules.map(one => `  ${moduleLine(one)}`),
  ...consistencyLines(server),
]

const consistencyLines = ({
  consistent,
  contradicting = [],
}: ServerSnapshot): readonly string[] => {
  const name = 'edgeclock_clock_consistent'
  if (consistent === undefined) return [`${name} is absent: no module has read it lately`]
  if (consistent) return [`${name} 1: no two of them contradict each other`]
  return [
    `${name} 0:`,
    ...contradicting.map(([one, other]) =>
      other === undefined
        ? `  ${one}’s own readings contradict each other: several clocks answer`
        : `  ${one} and ${other} contradict each other`,
    ),
  ]
}

const moduleLine = (one: ModuleSnapshot): string => {
  const { module, success, reason, offset } = one
  if (success === undefined) return `${module}: not yet read`
  if (!success) return `${module}: not read: ${reason}`
  const clock = offset ? describeOffset(offset) : 'read, but its offset is not known'
  return `${module}: ${clock}${computerOf(one)}`
}

const computerOf = ({
  identity: { computer, dnsName } = {},
  answersAs,
}: ModuleSnapshot): string => {
  if (answersAs) return `, answers as ${answersAs.join(' and ')}`
  const name = computer ?? dnsName
  return name === undefined ? '' : `, answers as ${name}`
}
