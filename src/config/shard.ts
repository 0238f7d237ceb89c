import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { CallsConfig, Config } from './config.js'
import { deepFreeze } from './freeze.js'

/** One part of a configuration that several exporters share: the `index`th, from 1 on, of `count`. */
export interface Shard {
  readonly index: number
  readonly count: number
}

/** Far more than anyone runs: one exporter watches 10,000 servers. */
export const MAX_SHARDS = 1000

/** `2/3`; undefined for anything else. */
export const parseShard = (text: string): Shard | undefined => {
  const [, index, count] = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text)?.map(Number) ?? []
  if (index === undefined || count === undefined) return undefined
  return index <= count && count <= MAX_SHARDS ? { index, count } : undefined
}

const MULTIPLIER = 2862933555777941757n

/**
 * From 1 to `count`, by the key alone: restarts, the order in the file and what else is in it change
 * nothing. Jump consistent hash (Lamping and Veach, arXiv:1406.2294) of a SHA-256: with one shard more,
 * what moves moves to the new one, and keeps its series and its counts elsewhere. A remainder, which
 * would move nearly all, was refused.
 */
export const shardOf = (key: string, count: number): number => {
  let hash = createHash('sha256').update(key).digest().readBigUInt64BE()
  let shard = 0
  for (let next = 0; next < count;) {
    shard = next
    hash = BigInt.asUintN(64, hash * MULTIPLIER + 1n)
    next = Math.floor((shard + 1) * (2 ** 31 / (Number(hash >> 33n) + 1)))
  }
  return shard + 1
}

/**
 * What one shard does of a configuration: its servers, by pool and name; `host`, by the same; the call
 * sources of its pools, all of a pool's, since a call is joined of all of them. Of the other servers it
 * still knows (`elsewhere`), for /probe and for the names in traces. All shards together do everything,
 * and nothing twice.
 */
export const shardConfig = (config: Config, shard: Shard): Config => {
  const { index, count } = shard
  if (count === 1) return config
  // No name has a NUL in it.
  const ours = (...names: string[]): boolean => shardOf(names.join('\0'), count) === index
  const { host, calls } = config
  return deepFreeze({
    ...config,
    pools: config.pools.map(pool => {
      const isOurs = ({ name }: { readonly name: string }): boolean => ours(pool.name, name)
      return {
        ...pool,
        servers: pool.servers.filter(isOurs),
        elsewhere: pool.servers.filter(server => !isOurs(server)),
      }
    }),
    host: host && ours(host.pool, host.name) ? host : undefined,
    calls: calls && shardCalls(calls, ours, index),
  })
}

/**
 * Shards on one machine read one file, and a state directory belongs to one process. So the first keeps
 * what an exporter without shards has counted, and each other has a folder in it.
 */
const shardCalls = (
  calls: CallsConfig,
  ours: (pool: string) => boolean,
  index: number,
): CallsConfig | undefined => {
  const sources = calls.sources.filter(({ pool }) => ours(pool))
  if (sources.length === 0) return undefined
  const { stateDirectory: whole } = calls
  return { ...calls, sources, stateDirectory: index === 1 ? whole : join(whole, `shard-${index}`) }
}

/** How much a configuration gives to do, for the log. */
export const workOf = ({ pools, host, calls }: Config) => ({
  servers: pools.reduce((sum, pool) => sum + pool.servers.length, 0),
  host: host === undefined ? 0 : 1,
  call_sources: calls?.sources.length ?? 0,
})
