import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whoever releases what a helper started, last first: tap's `t`, or a benchmark's own. */
export type Scope = { teardown: (release: () => unknown) => unknown }

/** A scope for what is not a tap test: `close` releases everything, last first. */
export const openScope = (): Scope & { close: () => Promise<void> } => {
  const releases: (() => unknown)[] = []
  return {
    teardown: release => releases.push(release),
    close: async () => {
      for (const release of releases.splice(0).toReversed()) await release()
    },
  }
}

/** A folder of its own for a peer, outside the project, removed with the scope. */
export const temporaryFolder = async (scope: Scope, name: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), `edgeclock-${name}-`))
  scope.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}
