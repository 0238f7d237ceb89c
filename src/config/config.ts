import type { DurationNs } from '../time/units.js'
import { checkText } from './check.js'
import { crossCheck } from './cross.js'
import type { Address, Endpoint } from './endpoint.js'
import { deepFreeze } from './freeze.js'
import { builtInModules, namedModule, type Module } from './modules.js'
import type { Problem } from './problem.js'
import { fileSchema, type ConfigFile } from './sections.js'
import type { SourceConfig } from './sources.js'

/** The servers that true time is taken from, and how they are asked. */
export interface ReferenceConfig {
  readonly servers: readonly Endpoint[]
  readonly interval: DurationNs
  readonly timeout: DurationNs
  /** Beyond this error bound we no longer claim to know the time. */
  readonly maxError: DurationNs
}

/** One watched server. Its address's port, if there is one, is already in its modules. */
export interface ServerConfig {
  readonly name: string
  readonly address: Address
  readonly modules: readonly Module[]
}

/** Servers that are read alike. `modules` is what a server without its own list is read with. */
export interface PoolConfig {
  readonly name: string
  readonly interval: DurationNs
  readonly modules: readonly Module[]
  readonly servers: readonly ServerConfig[]
  /** Servers of this pool that another shard reads; see `shardConfig`. */
  readonly elsewhere?: readonly ServerConfig[]
}

/** What this machine is called in the series about its own time service, and how often that is asked. */
export interface HostConfig {
  readonly pool: string
  readonly name: string
  readonly interval: DurationNs
}

/** Where calls are learnt of, and the directory in which what was counted survives a restart. */
export interface CallsConfig {
  readonly stateDirectory: string
  /** A call that is over counts once nothing was heard of it for so long: by then all servers have told. */
  readonly settleAfter: DurationNs
  /** A call that is not over and of which nothing was heard for so long is counted as it stands. */
  readonly openLimit: DurationNs
  readonly sources: readonly SourceConfig[]
}

/** edgeclock.yml, checked and resolved. Deeply frozen; plain enough for structuredClone. */
export interface Config {
  readonly reference: ReferenceConfig
  /** By name, the built-in ones included. Look one up with `moduleNamed`. */
  readonly modules: Readonly<Record<string, Module>>
  readonly pools: readonly PoolConfig[]
  readonly host: HostConfig | undefined
  readonly calls: CallsConfig | undefined
  readonly probe: { readonly allow: readonly string[] }
}

/** The Config, or all problems in the order of the file. Warnings do not stand in its way. */
export type ParsedConfig =
  | { readonly ok: true; readonly config: Config; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** All servers of a pool, also those that another shard reads. */
export const wholePool = ({
  servers,
  elsewhere = [],
}: Pick<PoolConfig, 'servers' | 'elsewhere'>): readonly ServerConfig[] => [...servers, ...elsewhere]

/** A module by its name; undefined for what only the record's prototype has. */
export const moduleNamed = (config: Pick<Config, 'modules'>, name: string): Module | undefined =>
  Object.hasOwn(config.modules, name) ? config.modules[name] : undefined

const modulesOf = (file: ConfigFile['modules']): Readonly<Record<string, Module>> => {
  const declared = Object.entries(file).map(([name, options]) => namedModule(name, options))
  return Object.fromEntries([...builtInModules(), ...declared].map(m => [m.name, m]))
}

const atPort = (module: Module, port: number | undefined): Module =>
  port === undefined ? module : { ...module, port }

const resolve = ({ reference, pools, host, calls, probe, ...file }: ConfigFile): Config => {
  const modules = modulesOf(file.modules)
  const named = (names: readonly string[], port?: number): readonly Module[] =>
    names.flatMap(name => moduleNamed({ modules }, name) ?? []).map(m => atPort(m, port))
  return {
    reference: {
      servers: reference.servers,
      interval: reference.interval,
      timeout: reference.timeout,
      maxError: reference.max_error,
    },
    modules,
    pools: pools.map(({ name, interval, modules: usual, servers }) => ({
      name,
      interval,
      modules: named(usual),
      servers: servers.map(server => ({
        name: server.name,
        address: server.address,
        modules: named(server.modules ?? usual, server.address.port),
      })),
    })),
    host,
    calls: calls && {
      stateDirectory: calls.state_directory,
      settleAfter: calls.settle_after,
      openLimit: calls.open_limit,
      sources: calls.sources,
    },
    probe,
  }
}

/** The text of edgeclock.yml → Config. Takes any text; every problem is given at once. */
export const parseConfig = (text: string): ParsedConfig => {
  const checked = checkText(text, fileSchema, crossCheck)
  if (!checked.ok) return checked
  return { ok: true, config: deepFreeze(resolve(checked.value)), warnings: checked.warnings }
}
