import { normalize } from 'node:path'
import { duplicates } from './duplicates.js'
import { canonicalHost } from './endpoint.js'
import { quote, type Finding, type Path } from './problem.js'
import { valid } from './schema.js'
import { sourceSchema, type SourceConfig } from './sources.js'

const at = (index: number, ...rest: Path): Path => ['calls', 'sources', index, ...rest]

/** One spelling for each; "every address" is one host, be it IPv4's or that of both families. */
const listenHost = (host: string | undefined): string => {
  const canonical = canonicalHost(host ?? '::')
  return canonical === '0.0.0.0' ? '::' : canonical
}

/** The key that holds what a source reads, and that in one spelling; undefined: never the same. */
const readBy = (source: SourceConfig): readonly [key: string, what: string | undefined] => {
  switch (source.kind) {
    case 'trace':
      return ['path', normalize(source.path)]
    case 'events':
      return 'log' in source ? ['log', source.log.toLowerCase()] : ['path', normalize(source.path)]
    case 'hep': {
      const { listen, transport } = source
      const what = `${transport} ${listenHost(listen.host)} ${listen.port}`
      return ['listen', listen.port === 0 ? undefined : what]
    }
    case 'push':
      return ['pool', source.pool.toLowerCase()]
  }
}

const TWICE: Readonly<Record<string, string>> = {
  path: 'a source above already reads these files',
  log: 'a source above already reads this log',
  listen: 'a source above already listens there',
  pool: 'there is already a push source of this pool; one takes the pushes of all its servers',
}

/** Two spellings of a pool would be two pools, and nothing of one would be joined to the other. */
const poolCase = (
  sources: readonly (SourceConfig | undefined)[],
  pools: readonly string[],
): readonly Finding[] => {
  const spelt = new Map(pools.map(name => [name.toLowerCase(), name]))
  return sources.flatMap((source, index): readonly Finding[] => {
    if (source === undefined) return []
    const { pool } = source
    const first = spelt.get(pool.toLowerCase())
    if (first === undefined) spelt.set(pool.toLowerCase(), pool)
    if (first === undefined || first === pool) return []
    const message = `${quote(pool)} is written ${quote(first)} elsewhere; these are two pools`
    return [{ path: at(index, 'pool'), rule: 'unknown-pool', message, warning: true }]
  })
}

/** What is wrong between sources. Takes any values; what is wrong by itself is passed over. */
export const checkCalls = (
  raw: readonly unknown[],
  pools: readonly string[],
): readonly Finding[] => {
  const sources = raw.map(source => valid(sourceSchema, source))
  const keys = sources.map(source => source && readBy(source))
  const key = (index: number): string => keys[index]?.[0] ?? ''
  const twice = duplicates(
    keys.map(pair => pair?.[1] && pair.join(' ')),
    index => at(index, key(index)),
    index => TWICE[key(index)] ?? '',
  )
  const told = new Set(twice.map(({ path }) => path[2]))
  const names = duplicates(
    sources.map((source, index) => (told.has(index) ? undefined : source?.name)),
    index => at(index, 'name'),
    index => `a source above already has the name ${quote(sources[index]?.name)}; write another`,
  )
  return [...twice, ...names, ...poolCase(sources, pools)]
}
