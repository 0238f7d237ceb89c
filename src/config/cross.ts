import type { DurationNs } from '../time/units.js'
import { checkCalls } from './calls.js'
import { duplicates } from './duplicates.js'
import { formatDuration } from './duration.js'
import { canonicalHost } from './endpoint.js'
import { address, label } from './leaves.js'
import { builtInModules, moduleOptions, timeout as timeoutField } from './modules.js'
import { quote, type Finding, type Path } from './problem.js'
import { isMapping, valid } from './schema.js'
import {
  DEFAULT_MODULE,
  MAX_MODULES,
  moduleName,
  poolShape,
  referenceServer,
  referenceShape,
} from './sections.js'
import { didYouMean, nearest } from './suggest.js'

/** The most servers that one exporter watches; several share more with --shard. */
const MAX_SERVERS = 10_000
const QUORUM = 3

type Raw = Readonly<Record<string, unknown>>
/** Module name → its timeout; undefined where the module itself is wrong. */
type Timeouts = ReadonlyMap<string, DurationNs | undefined>

const mapping = (value: unknown): Raw => (isMapping(value) ? value : {})
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const quorum = (count: number): readonly Finding[] => {
  const path = ['reference', 'servers']
  if (count === 0 || count >= QUORUM) return []
  const message =
    count === 1
      ? 'one reference server: if it is wrong, nothing will show it; three or more outvote a liar'
      : 'two reference servers: both must agree, a liar cannot be outvoted; use three or more'
  return [{ path, rule: 'quorum', message, warning: true }]
}

const checkReference = (raw: Raw): readonly Finding[] => {
  const servers = list(raw['servers'])
  const endpoints = servers.map(server => valid(referenceServer, server))
  const keys = endpoints.map(e => e && `${canonicalHost(e.host)} ${e.port}`)
  const interval = valid(referenceShape.interval, raw['interval'])
  const timeout = valid(referenceShape.timeout, raw['timeout'])
  const findings = [
    ...duplicates(
      keys,
      index => ['reference', 'servers', index],
      () => 'this server is already there above; it has one vote',
    ),
    ...quorum(servers.length),
  ]
  if (interval === undefined || timeout === undefined || timeout <= interval) return findings
  const message = `the timeout ${formatDuration(timeout)} is longer than the interval ${formatDuration(interval)}`
  const key = 'timeout' in raw ? 'timeout' : 'interval'
  return [...findings, { path: ['reference', key], rule: 'timeout', message }]
}

const timeoutsOf = (raw: Raw): Timeouts => {
  const timeouts = new Map<string, DurationNs | undefined>()
  for (const module of builtInModules()) timeouts.set(module.name, module.timeout)
  for (const [name, options] of Object.entries(raw))
    timeouts.set(
      name,
      valid(moduleOptions, options)?.timeout ?? valid(timeoutField, mapping(options)['timeout']),
    )
  return timeouts
}

const checkModuleNames = (raw: Raw): readonly Finding[] =>
  Object.keys(raw).flatMap((name): readonly Finding[] => {
    const message = moduleName.safeParse(name).error?.issues[0]?.message
    return message === undefined ? [] : [{ path: ['modules', name], rule: 'name', message }]
  })

const tooSlow = (
  module: string,
  timeouts: Timeouts,
  interval: DurationNs | undefined,
): string | undefined => {
  const timeout = timeouts.get(module)
  if (timeout === undefined || interval === undefined || timeout <= interval) return undefined
  return `${module}'s timeout ${formatDuration(timeout)} is longer than the pool's interval ${formatDuration(interval)}`
}

const checkModules = (
  names: readonly unknown[],
  path: Path,
  timeouts: Timeouts,
  interval: DurationNs | undefined,
): readonly Finding[] => {
  const texts = names
    .slice(0, MAX_MODULES)
    .map(name => (typeof name === 'string' ? name : undefined))
  const findings = texts.flatMap((name, index): readonly Finding[] => {
    if (name === undefined || !moduleName.safeParse(name).success) return []
    if (!timeouts.has(name)) {
      const message = `${quote(name)} is neither built in nor under modules${didYouMean(name, timeouts.keys())}`
      return [{ path: [...path, index], rule: 'unknown-module', message }]
    }
    const message = tooSlow(name, timeouts, interval)
    return message === undefined ? [] : [{ path: [...path, index], rule: 'timeout', message }]
  })
  const repeated = duplicates(
    texts,
    index => [...path, index],
    index => `${quote(texts[index])} is already in this list`,
  )
  return [...findings, ...repeated]
}

/** One port for several ways to read a server is hardly meant: each has a port of its own. */
const checkPort = (server: Raw, usual: unknown, path: Path): readonly Finding[] => {
  const port = valid(address, server['address'])?.port
  const names = list(server['modules'] ?? usual)
  if (port === undefined || names.length < 2) return []
  const message = `all ${names.length} modules are asked at port ${port}; give each its own under modules`
  return [{ path: [...path, 'address'], rule: 'address', message, warning: true }]
}

const checkPool = (raw: Raw, path: Path, timeouts: Timeouts): readonly Finding[] => {
  const interval = valid(poolShape.interval, raw['interval'])
  const servers = list(raw['servers']).map(mapping)
  const names = servers.map(server => valid(label, server['name']))
  const usual = tooSlow(DEFAULT_MODULE, timeouts, interval)
  const byDefault = !('modules' in raw) && servers.some(server => !('modules' in server))
  return [
    ...checkModules(list(raw['modules']), [...path, 'modules'], timeouts, interval),
    ...(byDefault && usual !== undefined
      ? [{ path: [...path, 'interval'], rule: 'timeout', message: usual } as const]
      : []),
    ...duplicates(
      names.map(name => name?.toLowerCase()),
      index => [...path, 'servers', index, 'name'],
      index => `this pool already has a server ${quote(names[index])}`,
    ),
    ...servers.flatMap((server, index) =>
      checkPort(server, raw['modules'], [...path, 'servers', index]),
    ),
    ...servers.flatMap((server, index) =>
      checkModules(
        list(server['modules']),
        [...path, 'servers', index, 'modules'],
        timeouts,
        interval,
      ),
    ),
  ]
}

const checkSize = (pools: readonly Raw[]): readonly Finding[] => {
  let servers = 0
  for (const [index, pool] of pools.entries()) {
    servers += list(pool['servers']).length
    if (servers <= MAX_SERVERS) continue
    const message = `there are more than ${MAX_SERVERS} servers from here on`
    return [{ path: ['pools', index, 'servers'], rule: 'range', message }]
  }
  return []
}

/** The host's pool need not be under pools; but a near miss of one that is would split its series. */
const checkHost = (raw: Raw, pools: readonly string[]): readonly Finding[] => {
  const pool = raw['pool']
  if (typeof pool !== 'string' || pools.includes(pool)) return []
  const near = nearest(pool, pools)
  if (near === undefined) return []
  const message = `no pool ${quote(pool)}; did you mean ${near}?`
  return [{ path: ['host', 'pool'], rule: 'unknown-pool', message, warning: true }]
}

/** What is wrong between the parts of the file. Takes any value; wrong parts are passed over. */
export const crossCheck = (value: unknown): readonly Finding[] => {
  const file = mapping(value)
  const modules = mapping(file['modules'])
  const timeouts = timeoutsOf(modules)
  const pools = list(file['pools']).map(mapping)
  const names = pools.map(pool => valid(label, pool['name']))
  const known = names.filter(name => name !== undefined)
  return [
    ...checkReference(mapping(file['reference'])),
    ...checkModuleNames(modules),
    ...duplicates(
      names.map(name => name?.toLowerCase()),
      index => ['pools', index, 'name'],
      index => `there is already a pool ${quote(names[index])}`,
    ),
    ...pools.flatMap((pool, index) => checkPool(pool, ['pools', index], timeouts)),
    ...checkSize(pools),
    ...checkHost(mapping(file['host']), known),
    ...checkCalls(list(mapping(file['calls'])['sources']), known),
  ]
}
