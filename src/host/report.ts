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
 */
export const sinceBoot = (
  { synchronizedSinceBoot, lastSyncTimestamp }: TimeServiceFacts,
  { byWall, truly = byWall }: Boot,
): boolean | undefined => {
  if (!synchronizedSinceBoot || lastSyncTimestamp === undefined) return synchronizedSinceBoot
  return lastSyncTimestamp >= Math.min(byWall, truly) - BOOT_MARGIN_SECONDS
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
  return {
    ...facts,
    ...(since !== undefined && { synchronizedSinceBoot: since }),
    ...(boot.truly !== undefined && { bootTimestamp: boot.truly }),
  }
}
