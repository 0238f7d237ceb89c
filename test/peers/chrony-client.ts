import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { joinEnv, requirePeer } from './peer.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

export type ChronyClientOptions = {
  /** Polled four times a second; each on an address of its own. */
  servers?: { address: string; port: number }[]
  /** More lines of its configuration. */
  directives?: string[]
}

export type ChronyClient = {
  pid: number
  /** What comes before chronyc's other arguments for this one to be asked. */
  chronyc: string[]
  stop: () => Promise<void>
}

/** A real chronyd as a client of others. It never touches this machine's clock (`-x`), and serves nothing. */
export const startChronyClient = async (
  scope: Scope,
  { servers = [], directives = [] }: ChronyClientOptions = {},
): Promise<ChronyClient> => {
  const chronyd = requirePeer('chronyd')
  const folder = await temporaryFolder(scope, 'chrony-client')
  const socket = join(folder, 'chronyd.sock')
  const file = join(folder, 'chrony.conf')
  const lines = [
    'port 0',
    'cmdport 0',
    `bindcmdaddress ${socket}`,
    `pidfile ${join(folder, 'chronyd.pid')}`,
    'user root',
    ...servers.map(one => `server ${one.address} port ${one.port} minpoll -2 maxpoll -2 iburst`),
    ...directives,
    '',
  ]
  await writeFile(file, lines.join('\n'))
  const { pid, stop } = await startProcess(scope, {
    name: 'chronyd as a client',
    command: chronyd.path,
    args: ['-x', '-d', '-U', '-4', '-f', file],
    env: joinEnv(chronyd.env),
    ready: () => access(socket).then(() => true),
  })
  return { pid, chronyc: ['-h', socket], stop }
}
