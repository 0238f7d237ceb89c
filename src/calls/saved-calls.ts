import type { SourceConfig } from '../config/sources.js'
import { PoolCalls, type SavedPool } from './pool-calls.js'
import type { SavedSource, Source } from './sources/source.js'

/** All that survives: what was counted and where each source was, in one piece. */
export interface SavedCalls {
  readonly seed: number
  readonly pools: { readonly [pool: string]: SavedPool }
  readonly sources: { readonly [source: string]: SavedSource }
}

/** Whether a state that was read is one: what it is made of can be restored. @throws Error if not */
export const checkState = ({ seed, pools, sources }: SavedCalls): void => {
  const restored = Object.entries(pools).map(
    ([name, pool]) => new PoolCalls(name, [], seed, 0, pool),
  )
  const counts = Object.values(sources).map(({ counts: { readBytes } }) => readBytes)
  const numbers = [seed, ...restored.map(({ open }) => open), ...counts]
  if (!numbers.every(Number.isFinite)) throw new TypeError('what should be a number is none')
}

/** What a source reads, and for which pool: whose position it is. */
export const readOf = (config: SourceConfig): string => {
  const { kind, pool } = config
  switch (kind) {
    case 'trace':
      return JSON.stringify([kind, pool, config.path])
    case 'events':
      return JSON.stringify([kind, pool, 'log' in config ? { log: config.log } : config.path])
    case 'hep':
    case 'push':
      return JSON.stringify([kind, pool])
  }
}

/** What survives of a source, as it is now. */
export const savedSource = ({
  config,
  source,
}: {
  readonly config: SourceConfig
  readonly source: Source
}): SavedSource => {
  const { records, malformed, dropped, readBytes } = source.status()
  return {
    counts: { records, malformed, dropped, readBytes },
    of: readOf(config),
    position: source.save(),
  }
}
