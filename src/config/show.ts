import { stringify } from 'yaml'
import { durationNs } from '../time/units.js'
import type { CallsConfig, Config, HostConfig, PoolConfig, ServerConfig } from './config.js'
import { formatDuration } from './duration.js'
import { formatEndpoint, formatListenAddress } from './endpoint.js'
import { proberOptions, type Module } from './modules.js'
import { formatSize } from './size.js'
import type { SourceConfig } from './sources.js'

/** Keys whose values nobody is shown. */
const SECRET_KEYS: ReadonlySet<string> = new Set(['password', 'token', 'secret', 'bearer_token'])
const MASK = '<secret>'

/** A copy of plain data in which the value of every secret key, at any depth, is `<secret>`. */
export const maskSecrets = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(maskSecrets)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      SECRET_KEYS.has(key) ? MASK : maskSecrets(item),
    ]),
  )
}

const namesOf = (modules: readonly Module[]): readonly string[] => modules.map(m => m.name)

/** The only bigints in a module are its durations. */
const written = (value: unknown): unknown =>
  typeof value === 'bigint' ? formatDuration(durationNs(value)) : value

const moduleFile = (module: Module): object => ({
  prober: module.kind,
  ...Object.fromEntries(
    Object.keys(proberOptions[module.kind]).map(key => [key, written(Reflect.get(module, key))]),
  ),
})

const serverFile = (server: ServerConfig, pool: PoolConfig): object => {
  const modules = namesOf(server.modules)
  const own = modules.join() === namesOf(pool.modules).join() ? {} : { modules }
  return {
    name: server.name,
    address: formatEndpoint(server.address),
    ...own,
  }
}

const poolFile = (pool: PoolConfig): object => ({
  name: pool.name,
  interval: formatDuration(pool.interval),
  modules: namesOf(pool.modules),
  servers: pool.servers.map(server => serverFile(server, pool)),
})

const sourceFile = (source: SourceConfig): object => {
  const { kind, name, pool } = source
  switch (kind) {
    case 'trace':
      return { kind, name, pool, path: source.path }
    case 'events':
      return 'log' in source
        ? { kind, name, pool, log: source.log, interval: formatDuration(source.interval) }
        : { kind, name, pool, path: source.path }
    case 'hep': {
      const { listen, transport } = source
      return { kind, name, pool, listen: formatListenAddress(listen), transport }
    }
    case 'push': {
      const { tokenFile, maxBytes } = source
      const token = tokenFile === undefined ? {} : { token_file: tokenFile }
      return { kind, name, pool, ...token, max_size: formatSize(maxBytes) }
    }
  }
}

const callsFile = ({ stateDirectory, settleAfter, openLimit, sources }: CallsConfig): object => ({
  state_directory: stateDirectory,
  settle_after: formatDuration(settleAfter),
  open_limit: formatDuration(openLimit),
  sources: sources.map(sourceFile),
})

const hostFile = ({ pool, name, interval }: HostConfig): object => ({
  pool,
  name,
  interval: formatDuration(interval),
})

/** The effective configuration as YAML that `parseConfig` reads back to an equal Config. */
export const showConfig = (config: Config): string => {
  const { reference } = config
  const modules = Object.entries(config.modules).map(([name, m]) => [name, moduleFile(m)] as const)
  const file = {
    reference: {
      servers: reference.servers.map(formatEndpoint),
      interval: formatDuration(reference.interval),
      timeout: formatDuration(reference.timeout),
      max_error: formatDuration(reference.maxError),
    },
    modules: Object.fromEntries(modules),
    // A pool of which another shard reads every server.
    pools: config.pools.filter(({ servers }) => servers.length > 0).map(poolFile),
    ...(config.host === undefined ? {} : { host: hostFile(config.host) }),
    ...(config.calls === undefined ? {} : { calls: callsFile(config.calls) }),
    probe: config.probe,
  }
  return stringify(maskSecrets(file), { lineWidth: 0 })
}
