import { isDeepStrictEqual } from 'node:util'
import type { PoolIdentities } from './calls/messages.js'
import type { Snapshot } from './clockside/snapshot.js'
import { OTHER_COMPUTERS } from './pools/told-identities.js'

/** Names of one server: its own, and those of all that answered in its place. */
const MAX_NAMES = 16

/**
 * What the watched servers call themselves, gathered from one snapshot after the other. A name stays claimed
 * once it was: of two servers that answer by it in turn neither may have it, not each for a moment.
 */
export class IdentityBook {
  /** By pool, server and address: behind another address is another computer. */
  #names: ReadonlyMap<string, readonly string[]> = new Map()
  #told: readonly PoolIdentities[] = []
  /** What was given out last to be told. */
  #underWay: readonly PoolIdentities[] | undefined

  /** All that is known, where that is not what was told last. */
  news({ servers }: Pick<Snapshot, 'servers'>): readonly PoolIdentities[] | undefined {
    const names = new Map<string, readonly string[]>()
    const pools = new Map<string, [string, readonly string[]][]>()
    for (const { pool, server, address, modules } of servers) {
      const key = [pool, server, address].join('\0')
      const seen = modules.flatMap(({ identity: { computer, dnsName } = {} }) => [
        computer,
        dnsName,
      ])
      const all = new Set([...(this.#names.get(key) ?? []), ...seen.filter(isKnown)])
      if (all.size === 0) continue
      const kept = [...all].slice(0, MAX_NAMES)
      names.set(key, kept)
      pools.set(pool, [...(pools.get(pool) ?? []), [server, kept]])
    }
    this.#names = names
    const now = Array.from(pools, ([pool, claims]) => ({ pool, names: claims }))
    if (isDeepStrictEqual(now, this.#told)) return undefined
    if (!isDeepStrictEqual(now, this.#underWay)) this.#underWay = now
    return this.#underWay
  }

  /** These, which are what {@link news} gave out, have arrived; unless that was before the last {@link forget}. */
  told(identities: readonly PoolIdentities[]): void {
    if (identities === this.#underWay) this.#told = identities
  }

  /** Whoever heard of them may be gone. */
  forget(): void {
    this.#told = []
    this.#underWay = undefined
  }
}

const isKnown = (name: string | undefined): name is string =>
  name !== undefined && name !== OTHER_COMPUTERS
