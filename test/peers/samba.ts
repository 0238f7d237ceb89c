import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { shiftedEnv } from './faketime.js'
import { glob } from './files.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { takesConnections } from './tcp-open.js'

export type SambaOptions = {
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
  /** More lines of its section `[global]`. */
  settings?: readonly string[]
}

export type Samba = {
  port: number
  pid: number
  /** What it wrote to its logs, at its default level. */
  log: () => Promise<string>
  stop: () => Promise<void>
}

/** What it calls itself in its challenges. */
export const SAMBA_NAME = 'EDGE01'

const FOLDERS = ['state directory', 'lock directory', 'private dir', 'pid directory']

const configuration = (folder: string, port: number, settings: readonly string[]): string =>
  [
    '[global]',
    `smb ports = ${port}`,
    'interfaces = lo',
    'bind interfaces only = yes',
    `netbios name = ${SAMBA_NAME}`,
    'server role = standalone server',
    ...[...FOLDERS, 'cache directory'].map(name => `${name} = ${folder}`),
    `ncalrpc dir = ${join(folder, 'ncalrpc')}`,
    `log file = ${join(folder, 'log', 'smbd')}`,
    'load printers = no',
    'printcap name = /dev/null',
    'disable spoolss = yes',
    ...settings,
    '',
  ].join('\n')

/** Unpacked it does not find the libraries of its own, which lie in a folder beside the others. */
const environment = (): Record<string, string> => {
  const { path, env } = requirePeer('smbd')
  if (Object.keys(env).length === 0) return env
  const root = join(dirname(path), '..', '..')
  const own = glob(root, 'usr/lib/*/samba').join(':')
  return joinEnv(env, { LD_LIBRARY_PATH: own })
}

/**
 * A file server on loopback, with a session and a process group of its own (`setsid` becomes smbd, so
 * that the process id is its own): at its end it ends its whole group.
 */
export const startSamba = async (
  scope: Scope,
  { offset, settings = [] }: SambaOptions = {},
): Promise<Samba> => {
  const smbd = requirePeer('smbd')
  const port = await freeTcpPort()
  const folder = await temporaryFolder(scope, 'samba')
  const logs = join(folder, 'log')
  await mkdir(logs)
  const file = join(folder, 'smb.conf')
  await writeFile(file, configuration(folder, port, settings))
  const { pid, stop } = await startProcess(scope, {
    name: basename(smbd.path),
    command: 'setsid',
    // Its first lines would go to a folder that is there only where the package is installed.
    args: [smbd.path, '-F', '--no-process-group', '-s', file, '-l', logs],
    env: joinEnv(offset === undefined ? {} : shiftedEnv(offset), environment()),
    ready: () => takesConnections(port),
  })
  const log = async () => {
    const entries = await readdir(logs, { withFileTypes: true })
    const files = entries.filter(entry => entry.isFile()).map(({ name }) => join(logs, name))
    return (await Promise.all(files.toSorted().map(path => readFile(path, 'utf8')))).join('')
  }
  return { port, pid, log, stop }
}
