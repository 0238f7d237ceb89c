import { z } from 'zod'
import { seconds, type DurationNs } from '../time/units.js'
import { formatListenAddress, parseListenAddress, type ListenAddress } from './endpoint.js'
import { choice, duration, fileName, filePattern, label, MAX_NAME, size } from './leaves.js'
import type { Option } from './modules.js'
import { quote } from './problem.js'
import { bad, choose, good, isMapping, leaf, section, text, type Leaf } from './schema.js'

/** Each way to learn of calls. */
export type SourceKind = 'trace' | 'events' | 'hep' | 'push'

const TRANSPORTS = ['udp', 'tcp'] as const

interface Details {
  /** `path`: a file or a glob; a relative one starts at the working directory. */
  readonly trace: { readonly path: string }
  /** XML files, or an event log that Windows' wevtutil is asked for every `interval`. */
  readonly events:
    { readonly path: string } | { readonly log: string; readonly interval: DurationNs }
  readonly hep: { readonly listen: ListenAddress; readonly transport: (typeof TRANSPORTS)[number] }
  /** `tokenFile` holds the bearer token that a push must have; `maxBytes`: of one push. */
  readonly push: { readonly tokenFile: string | undefined; readonly maxBytes: number }
}

type Unnamed<K extends SourceKind = SourceKind> = {
  [P in K]: { readonly kind: P; readonly pool: string } & Details[P]
}[K]

/** A source of calls. `name` is its `source` label; `pool` is what its calls are counted under. */
export type SourceConfig<K extends SourceKind = SourceKind> = Unnamed<K> & { readonly name: string }

const MAX_LOG_NAME = 255
// What Windows allows in no channel's name, %, and what wevtutil would take for an option.
const LOG_NAME = /^(?![/-])[^<>&"|\\:'?*%\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+$/u

const eventLog = text("an event log's name", (value): Leaf<string> => {
  if (LOG_NAME.test(value) && value.length <= MAX_LOG_NAME) return good(value)
  return bad('path', `${quote(value)} is not the name of a Windows event log`)
})

const listenAddress = text('an address and port to listen on', (value): Leaf<ListenAddress> => {
  const parsed = parseListenAddress(value)
  if (parsed !== undefined) return good(parsed)
  return bad('address', `${quote(value)}: write :9060, 0.0.0.0:9060 or [::]:9060`)
})

type Options = Readonly<Record<string, Option<unknown>>>
const option = <T>(schema: z.ZodType<T>, doc: string): Option<T> => ({ schema, doc })

const RELATIVE = 'relative to the working directory'

/** What every source has. */
export const commonSourceOptions = {
  pool: option(label, 'what its calls are counted under; need not be one of `pools`'),
  name: option(
    label.optional(),
    'the `source` label of its metrics (default: made of what it reads)',
  ),
} as const satisfies Options

/** Every kind's own options. A new kind is a member of SourceKind, and the compiler lists the rest. */
export const sourceOptions = {
  trace: {
    path: option(filePattern, `the trace, or a glob of traces; ${RELATIVE}`),
  },
  events: {
    path: option(filePattern, `events exported as XML, a file or a glob; ${RELATIVE}`),
    log: option(eventLog, 'instead of `path`, on Windows: the event log, such as `Lync Server`'),
    interval: option(
      duration(seconds(1), seconds(86_400)).prefault('15s'),
      'how often the log is read (default 15s)',
    ),
  },
  hep: {
    listen: option(listenAddress, 'where HEP comes in, such as `:9060`; port 0 takes a free one'),
    transport: option(choice(TRANSPORTS, ['tls']).prefault('udp'), '`udp` or `tcp` (default udp)'),
  },
  push: {
    token_file: option(
      fileName.optional(),
      `its first line is the bearer token that a push must have; ${RELATIVE} (default: one is made, in the state directory)`,
    ),
    max_size: option(
      size(2 ** 10, 4 * 2 ** 30).prefault('64MiB'),
      'bytes of one push at most (default 64MiB)',
    ),
  },
} as const satisfies { readonly [K in SourceKind]: Options }

const isSourceKind = (value: unknown): value is SourceKind =>
  typeof value === 'string' && Object.hasOwn(sourceOptions, value)

export const SOURCE_KINDS: readonly SourceKind[] = Object.keys(sourceOptions).filter(isSourceKind)

const usualText = (source: Unnamed): string => {
  switch (source.kind) {
    case 'trace':
      return source.path
    case 'events':
      return 'log' in source ? source.log : source.path
    case 'hep':
      return `${source.transport}/${formatListenAddress(source.listen)}`
    case 'push':
      return source.pool
  }
}

/** `trace:/var/log/cls/*.log`, `hep:udp/:9060`; of a long one the end, which tells more. */
const usualName = (source: Unnamed): string => {
  const whole = `${source.kind}:${usualText(source)}`
  if (whole.length <= MAX_NAME) return whole
  const end = whole.slice(source.kind.length + 2 - MAX_NAME).replace(/^\p{Cs}/u, '')
  return `${source.kind}:…${end}`
}

const named = <U extends Unnamed>(name: string | undefined, source: U) => ({
  ...source,
  name: name ?? usualName(source),
})

type Fields<O extends Options> = { readonly [N in keyof O]: O[N]['schema'] }

/** No declared type follows Object.entries; the tests hold this. */
const fields = <O extends Options>(options: O): Fields<O> =>
  Object.fromEntries(
    Object.entries(options).map(([key, { schema }]) => [key, schema]),
  ) as unknown as Fields<O>

const common = fields(commonSourceOptions)
const refused = (why: string) => leaf('nothing', () => bad('choice', why)).optional()

const eventFiles = section({
  kind: z.literal('events'),
  ...common,
  ...fields(sourceOptions.events),
  log: refused('not beside path'),
  interval: refused('is of no use without log: files are read as they grow'),
}).transform(({ name, kind, pool, path }) => named(name, { kind, pool, path }))

const eventsOfLog = section({
  kind: z.literal('events'),
  ...common,
  ...fields(sourceOptions.events),
  path: refused('not beside log: a source reads either files or a log'),
}).transform(({ name, kind, pool, log, interval }) => named(name, { kind, pool, log, interval }))

const schemas: { readonly [K in SourceKind]: z.ZodType<SourceConfig<K>> } = {
  trace: section({
    kind: z.literal('trace'),
    ...common,
    ...fields(sourceOptions.trace),
  }).transform(({ name, ...source }) => named(name, source)),
  events: choose<SourceConfig<'events'>>(value =>
    isMapping(value) && 'log' in value ? eventsOfLog : eventFiles,
  ),
  hep: section({
    kind: z.literal('hep'),
    ...common,
    ...fields(sourceOptions.hep),
  }).transform(({ name, ...source }) => named(name, source)),
  push: section({
    kind: z.literal('push'),
    ...common,
    ...fields(sourceOptions.push),
  }).transform(({ name, kind, pool, token_file: tokenFile, max_size: maxBytes }) =>
    named(name, { kind, pool, tokenFile, maxBytes }),
  ),
}

const noKind = z.looseObject({ kind: choice(SOURCE_KINDS) }).transform(() => z.NEVER)

/** One of `calls.sources`, told apart by `kind`. */
export const sourceSchema: z.ZodType<SourceConfig> = choose<SourceConfig>(value => {
  const kind = isMapping(value) ? value['kind'] : undefined
  return isSourceKind(kind) ? schemas[kind] : noKind
})
