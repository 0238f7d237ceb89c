import type { Offset } from '../clockside/snapshot.js'
import type { TimeServiceFacts } from '../protocol/time-service.js'
import type { Boot } from './boot.js'
import type { HostReading, ToolReport } from './reading.js'

/** What is known of this machine's own time service, under the name that the configuration gives it. */
export interface HostReport {
  readonly pool: string
  readonly server: string
  /** Whether there is a time service that we know; absent while that is not known. */
  readonly found?: boolean
  readonly facts: TimeServiceFacts
  /** Empty until the first round is over. */
  readonly tools: readonly ToolReport[]
  /** Set where it is of no machine but simulated; then with the offset of the simulated wall clock. */
  readonly simulated?: { readonly offset?: Offset }
}

/** Only where each tool has answered that it knows of none, there is none. */
export const isFound = ({ name, tools }: HostReading): boolean | undefined => {
  if (name !== undefined) return true
  return tools.every(({ ok }) => ok) ? false : undefined
}

/** A stamp and a start may come from clocks that were read apart, and one of them in whole seconds. */
const BOOT_MARGIN_SECONDS = 5

/**
 * Whether the service's word on a synchronisation since boot stands. A stamp from before the start is none
 * since then: it has to lie before it on true time and on the wall clock, as either may be what it is of.
 * While true time is not known, the wall clock may have been set ahead since: then nobody can say.
 */
export const sinceBoot = (
  { synchronizedSinceBoot, lastSyncTimestamp }: TimeServiceFacts,
  { byWall, truly }: Boot,
): boolean | undefined => {
  if (!synchronizedSinceBoot || lastSyncTimestamp === undefined) return synchronizedSinceBoot
  if (lastSyncTimestamp >= Math.min(byWall, truly ?? byWall) - BOOT_MARGIN_SECONDS) return true
  return truly === undefined ? undefined : false
}

/**
 * The facts of a round with what only this process can add. A synchronisation that it saw counts until the
 * machine stops, whatever the service says after a restart of its own: this process is no older than the boot.
 */
export const judge = (
  facts: TimeServiceFacts,
  seenSynchronized: boolean,
  boot: Boot,
): TimeServiceFacts => {
  const since = seenSynchronized || sinceBoot(facts, boot)
  const { synchronizedSinceBoot: _, ...others } = facts
  return {
    ...others,
    ...(since !== undefined && { synchronizedSinceBoot: since }),
    ...(boot.truly !== undefined && { bootTimestamp: boot.truly }),
  }
}
