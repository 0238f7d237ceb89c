import { existsSync } from 'node:fs'
import { readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Peer } from './debian.js'
import { requirePeer } from './peer.js'
import { type Scope, temporaryFolder } from './scope.js'

/** Debian's Alertmanager reads its own templates from here; others have them in the program. */
const BUILT_IN_FOLDER = '/usr/share/prometheus/alertmanager'
const OWN_TEMPLATES = ['default.tmpl', 'email.tmpl']
/** As long as the folder's name, for the program to stay as it is otherwise. */
const CURRENT_FOLDER = '/proc/self/cwd'.padEnd(BUILT_IN_FOLDER.length, '/.')

const quoted = (path: string): string => `'${path.replaceAll("'", String.raw`'\''`)}'`

/**
 * An Alertmanager that runs, also where Debian's is unpacked and not installed. Then a copy of it
 * looks for its templates in its current folder, which a script enters; all paths given to it have
 * to be absolute. To put the folder under its name into a namespace of its own was refused: an
 * ordinary user may not everywhere.
 */
export const alertmanagerProgram = async (scope: Scope): Promise<Peer> => {
  const peer = requirePeer('alertmanager')
  const program = await readFile(peer.path)
  const isBuiltIn = program.includes(BUILT_IN_FOLDER)
  if (!isBuiltIn || existsSync(join(BUILT_IN_FOLDER, 'default.tmpl'))) return peer
  const folder = await temporaryFolder(scope, 'alertmanager-program')
  for (let at = 0; (at = program.indexOf(BUILT_IN_FOLDER, at)) !== -1;) {
    program.write(CURRENT_FOLDER, at, 'latin1')
  }
  await writeFile(join(folder, 'alertmanager'), program, { mode: 0o755 })
  const share = resolve(dirname(peer.path), '..', 'share', 'prometheus', 'alertmanager')
  for (const name of OWN_TEMPLATES) await symlink(join(share, name), join(folder, name))
  const path = join(folder, 'prometheus-alertmanager')
  const script = `#!/bin/sh\ncd ${quoted(folder)} && exec ./alertmanager "$@"\n`
  await writeFile(path, script, { mode: 0o755 })
  return { path, env: peer.env }
}
