import type { Scope } from './scope.js'
import { type HttpScript, startHttpScript } from './http-script.js'

/**
 * What windows_exporter has been: `wmi_exporter` until 0.12, which in its oldest versions has no filters; with the
 * clock in the collector `os`, as 0.13 to 0.28; and in `time`, as 0.31.
 */
export type Generation = 'wmi' | 'os' | 'time'

export type WindowsExporterOptions = {
  generation: Generation
  /** In place of those that are on by default, and `time` where it has the clock. */
  collectors?: readonly string[]
  state?: string
  startMode?: string
  /** Seconds of Unix time, by its own clock. */
  boot?: number
  /** Lines of other services, some 15 each. */
  otherServices?: number
}

const DEFAULTS = ['cpu', 'cs', 'logical_disk', 'net', 'os', 'service', 'system', 'textfile']
const STATES = ['stopped', 'start pending', 'stop pending', 'running', 'continue pending', 'paused']
const START_MODES = ['boot', 'system', 'auto', 'manual', 'disabled']
const NS_PER_SECOND = 1_000_000_000n

/** As Go prints a number: as short as it can be told, and from a million on with an exponent. */
export const goFloat = (value: number): string => {
  if (Math.abs(value) < 1e6) return String(value)
  const [mantissa = '', exponent = ''] = value.toExponential().split('e+')
  return `${mantissa}e+${exponent.padStart(2, '0')}`
}

const stateSet = (
  series: string,
  service: string,
  [label, states, on]: readonly [string, readonly string[], string],
): readonly string[] => [
  `# HELP ${series} The ${label} of the service`,
  `# TYPE ${series} gauge`,
  ...states.map(
    state => `${series}{name="${service}",${label}="${state}"} ${state === on ? 1 : 0}`,
  ),
]

const gauge = (name: string, value: string): readonly string[] => [
  `# HELP ${name} OperatingSystem.LocalDateTime`,
  `# TYPE ${name} gauge`,
  `${name} ${value}`,
]

const serviceLines = (prefix: string, options: WindowsExporterOptions): readonly string[] => {
  const { generation, state = 'running', startMode = 'manual', otherServices = 1 } = options
  const name = generation === 'time' ? 'W32Time' : 'w32time'
  const others = Array.from({ length: otherServices }, (_, i) => `other${i}`)
  return [...others, name].flatMap(service => {
    const isW32Time = service === name
    const stateOf = isW32Time ? state : 'stopped'
    const startModeOf = isW32Time ? startMode : 'disabled'
    const states = ['state', STATES, stateOf] as const
    const startModes = ['start_mode', START_MODES, startModeOf] as const
    return stateSet(`${prefix}_service_state`, service, states).concat(
      stateSet(`${prefix}_service_start_mode`, service, startModes),
    )
  })
}

const enabled = ({ generation, collectors }: WindowsExporterOptions): readonly string[] =>
  collectors ?? (generation === 'time' ? [...DEFAULTS, 'time'] : DEFAULTS)

/** The page with these collectors, by a clock at `now`. */
export const windowsPage = (
  options: WindowsExporterOptions,
  now: bigint,
  collectors = enabled(options),
): string => {
  const { generation, boot = 1_790_000_000.5 } = options
  const prefix = generation === 'wmi' ? 'wmi' : 'windows'
  const clock = goFloat(Number(now / NS_PER_SECOND))
  const bootSeries = generation === 'time' ? 'boot_time_timestamp' : 'system_up_time'
  const parts: Record<string, readonly string[]> = {
    os: generation === 'time' ? [] : gauge(`${prefix}_os_time`, clock),
    time:
      generation === 'time'
        ? [
            ...gauge('windows_time_computed_time_offset_seconds', '0'),
            ...gauge('windows_time_current_timestamp_seconds', clock),
          ]
        : gauge('windows_time_ntp_client_time_sources', '1'),
    system: gauge(`${prefix}_system_${bootSeries}`, goFloat(boot)),
    service: serviceLines(prefix, options),
  }
  const lines = collectors.flatMap(name => [
    ...(parts[name] ?? []),
    `${prefix}_exporter_collector_success{collector="${name}"} 1`,
  ])
  return ['# TYPE go_goroutines gauge', 'go_goroutines 9', ...lines, ''].join('\n')
}

export const pageReply = (body: string, ...headers: readonly string[]): string =>
  reply('200 OK', 'text/plain; version=0.0.4; charset=utf-8', body, headers)

/** As Go's server does: what is longer than its buffer comes in chunks. */
export const reply = (
  status: string,
  type: string,
  body: string,
  headers: readonly string[] = [],
): string => {
  const head = [`HTTP/1.1 ${status}`, `Content-Type: ${type}`, ...headers].join('\r\n')
  if (body.length <= 2048) return `${head}\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  const chunks = body.match(/[^]{1,4096}/g) ?? []
  const chunked = chunks.map(chunk => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join('')
  return `${head}\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}0\r\n\r\n`
}

export const collectorsIn = (head: string): readonly string[] =>
  [...head.matchAll(/[?&]collect(?:%5B%5D|\[\])=(\w+)/g)].map(([, name = '']) => name)

/** What it answers to a request's head. */
export const windowsAnswer = (
  options: WindowsExporterOptions,
  head: string,
  now: bigint,
): string => {
  const asked = collectorsIn(head)
  if (options.generation === 'wmi' || asked.length === 0)
    return pageReply(windowsPage(options, now))
  const missing = asked.find(name => !enabled(options).includes(name))
  if (missing === undefined) return pageReply(windowsPage(options, now, asked))
  const why = `Couldn't create filtered metrics handler: unavailable collector: ${missing}`
  return reply('400 Bad Request', 'text/plain; charset=utf-8', why)
}

/** A simulated one on loopback, whose clock is `shift` nanoseconds ahead of this machine's. */
export const startWindowsExporter = (
  scope: Scope,
  options: WindowsExporterOptions,
  shift = 0n,
): Promise<HttpScript> =>
  startHttpScript(scope, ({ head }) =>
    windowsAnswer(options, head, BigInt(Date.now()) * 1_000_000n + shift),
  )
