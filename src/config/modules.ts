import assert from 'node:assert/strict'
import { z } from 'zod'
import { milliseconds, seconds, type DurationNs } from '../time/units.js'
import { duration, flag, hostName, port, urlPath } from './leaves.js'
import { quote } from './problem.js'
import { bad, choose, isMapping, section, text, type Leaf } from './schema.js'
import { didYouMean } from './suggest.js'

/** Each way to read a clock. */
export type ProberKind = 'ntp' | 'tls' | 'rdp' | 'winrm' | 'smb' | 'http' | 'exporter'

/** One option of a prober: its schema with the default in it, and its line in the manual. */
export interface Option<T> {
  readonly schema: z.ZodType<T>
  readonly doc: string
}

type Options = Readonly<Record<string, Option<unknown>>> & {
  readonly port: Option<number>
  readonly timeout: Option<DurationNs>
}

/** `byDefault` is written as it would be in the file. */
const option = <T>(
  schema: z.ZodType<T>,
  byDefault: number | string | boolean,
  doc: string,
): Option<T> => ({
  schema: schema.prefault(byDefault),
  doc: `${doc} (default ${byDefault === '' ? 'none' : byDefault})`,
})

/** Least and most that any timeout can be. */
export const timeout = duration(milliseconds(1), seconds(86_400))

/** How old what the server reads as the time may be. */
const staleness = duration(milliseconds(0), seconds(3600))
const stalenessDoc = 'how stale the time may be that the server stamps'
const aimedTimeout =
  'how long one reading may take, with all its requests, which wait for second edges'
const wholeTimeout = 'how long one reading may take'
const server_name = option(
  hostName,
  '',
  'what the server is called in SNI and Host, where that is not the name that it is reached by',
)

/** Where the port is not written: the usual one inside TLS. */
const TLS_PORTS: { readonly [kind: string]: number } = { winrm: 5986, http: 443 }

const withTlsPort = (kind: ProberKind, value: unknown): unknown => {
  const usual = TLS_PORTS[kind]
  const applies = isMapping(value) && value['tls'] === true && !('port' in value)
  return applies && usual !== undefined ? { ...value, port: usual } : value
}

/**
 * Every prober's options. A new prober is a member of ProberKind and an entry here; its module type,
 * schema and built-in module follow. An option's key is the same in the file and in the Module.
 */
export const proberOptions = {
  ntp: {
    port: option(port, 123, 'UDP port that the server answers NTP on'),
    timeout: option(timeout, '1s', 'how long an answer may take'),
  },
  tls: {
    port: option(port, 443, 'TCP port; an Edge server also has 5061, 50001, 4443 and 8057'),
    timeout: option(timeout, '5s', aimedTimeout),
    staleness: option(staleness, '16ms', `${stalenessDoc}; Windows ticks every 15.625 ms at most`),
    server_name,
  },
  rdp: {
    port: option(port, 3389, 'TCP port of Remote Desktop'),
    timeout: option(timeout, '5s', wholeTimeout),
    staleness: option(staleness, '16ms', stalenessDoc),
  },
  winrm: {
    port: option(
      port,
      5985,
      'TCP port of WinRM or of another web server; 5986 by default with tls',
    ),
    timeout: option(timeout, '5s', wholeTimeout),
    staleness: option(staleness, '16ms', stalenessDoc),
    tls: option(flag, false, 'whether the port speaks TLS'),
    path: option(urlPath, '/wsman', 'any path that wants Windows authentication'),
    server_name,
  },
  smb: {
    port: option(port, 445, 'TCP port of file sharing'),
    timeout: option(timeout, '5s', wholeTimeout),
    staleness: option(staleness, '16ms', stalenessDoc),
  },
  http: {
    port: option(port, 80, 'TCP port; 443 by default with tls'),
    timeout: option(timeout, '5s', aimedTimeout),
    staleness: option(
      staleness,
      '1s',
      `${stalenessDoc}; some servers renew their Date once a second only, nginx and Apache at once`,
    ),
    tls: option(flag, false, 'whether the port speaks TLS'),
    path: option(urlPath, '/', 'what is asked for, with HEAD'),
    server_name,
  },
  exporter: {
    port: option(port, 9182, 'TCP port; of node_exporter 9100'),
    timeout: option(
      timeout,
      '10s',
      `${wholeTimeout}; windows_exporter tells whole seconds, which are aimed at`,
    ),
    staleness: option(staleness, '16ms', `${stalenessDoc}; 0s is true of node_exporter on Linux`),
    tls: option(flag, false, 'whether the port speaks TLS'),
    path: option(urlPath, '/metrics', 'where the page is'),
    server_name,
  },
} as const satisfies { readonly [K in ProberKind]: Options }

type ValuesOf<O> = { readonly [N in keyof O]: O[N] extends Option<infer T> ? T : never }

type Unnamed<K extends ProberKind = ProberKind> = {
  [P in K]: { readonly kind: P } & ValuesOf<(typeof proberOptions)[P]>
}[K]

/** A module as declared or built in: its prober and every option, defaults filled in. */
export type Module<K extends ProberKind = ProberKind> = { readonly name: string } & Unnamed<K>

const isProberKind = (value: unknown): value is ProberKind =>
  typeof value === 'string' && Object.hasOwn(proberOptions, value)

export const PROBER_KINDS: readonly ProberKind[] = Object.keys(proberOptions).filter(isProberKind)

/** No declared type follows a table's entry that is picked at run time; the tests hold this. */
const isUnnamed = (value: object): value is Unnamed =>
  'kind' in value && isProberKind(value.kind) && 'port' in value && 'timeout' in value

const schemaOf = (kind: ProberKind): z.ZodType<Unnamed> => {
  const options = Object.entries<Option<unknown>>(proberOptions[kind])
  const shape = Object.fromEntries(options.map(([key, { schema }]) => [key, schema] as const))
  const module = section({ prober: z.literal(kind), ...shape })
  return z
    .preprocess(value => withTlsPort(kind, value), module)
    .transform(({ prober, ...values }) => {
      const unnamed = { kind: prober, ...values }
      assert(isUnnamed(unnamed))
      return unnamed
    })
}

const schemas: { readonly [kind: string]: z.ZodType<Unnamed> } = Object.fromEntries(
  PROBER_KINDS.map(kind => [kind, schemaOf(kind)]),
)

const noProber = z.looseObject({
  prober: text(`one of ${PROBER_KINDS.join(', ')}`, (value): Leaf<never> => {
    const there = `there are: ${PROBER_KINDS.join(', ')}${didYouMean(value, PROBER_KINDS)}`
    const message = `prober ${quote(value)} is not supported by this version; ${there}`
    return bad('unsupported', message)
  }),
})

/** A module's options under its name in the file, told apart by `prober`. */
export const moduleOptions: z.ZodType<Unnamed> = choose(value => {
  const prober = isMapping(value) ? value['prober'] : undefined
  return (isProberKind(prober) ? schemas[prober] : undefined) ?? noProber.transform(() => z.NEVER)
})

export const namedModule = (name: string, options: Unnamed): Module => ({
  name,
  ...options,
})

/** The modules that are there without being declared: each prober under its own name. */
export const builtInModules = (): readonly Module[] =>
  PROBER_KINDS.map(kind => namedModule(kind, schemaOf(kind).parse({ prober: kind })))
