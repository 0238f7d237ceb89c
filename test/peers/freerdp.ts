import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shiftedEnv } from './faketime.js'
import { glob } from './files.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { takesConnections } from './tcp-open.js'

export type FreerdpOptions = {
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
  /** What it speaks and nothing else; `nla` when left out. */
  security?: 'nla' | 'tls' | 'rdp'
}

export type Freerdp = { port: number; pid: number; output: () => string; stop: () => Promise<void> }

const KEYBOARDS = 'usr/share/X11/xkb'

/**
 * The keyboards' folder, as an option. The X server has `/usr/bin/xkbcomp` compiled in, and looks nowhere else
 * for it; but it puts this option, between quotation marks, into the shell's command that runs it. So an
 * unpacked one is brought to try the folders of PATH after that.
 */
const keyboards = async (folder: string): Promise<string[]> => {
  const { path, env } = requirePeer('Xvfb')
  if (Object.keys(env).length === 0) return []
  const root = join(dirname(path), '..', '..')
  const [data = join('/', KEYBOARDS)] = glob(root, KEYBOARDS)
  const option = 'xkb" || xkbcomp "-Rxkb'
  for (const name of ['xkb', option]) await symlink(data, join(folder, name))
  return ['-xkbdir', option]
}

/**
 * A screen that nobody sees: 24 bits, and no port. It chooses a number that is free, and tells it. Without
 * `-noreset` it begins anew when its last client is gone, as one of FreeRDP's is before the next comes.
 */
const startXvfb = async (scope: Scope, folder: string): Promise<string> => {
  const { path, env } = requirePeer('Xvfb')
  const screen = ['-screen', '0', '640x480x24', '-noreset', '-nolisten', 'tcp', '-displayfd', '1']
  const { output } = await startProcess(scope, {
    name: 'Xvfb',
    command: path,
    args: [...screen, ...(await keyboards(folder))],
    cwd: folder,
    env: { ...env, PATH: `${process.env['PATH'] ?? ''}:${dirname(path)}` },
    ready: written => displayOf(written) !== undefined,
  })
  return displayOf(output()) ?? ''
}

const displayOf = (output: string): string | undefined => {
  const number = /^\d+$/m.exec(output)?.[0]
  return number === undefined ? undefined : `:${number}`
}

/**
 * A server of Remote Desktop on loopback, with a screen of its own and a certificate that it makes. Its NTLM
 * challenges have whole seconds.
 */
export const startFreerdp = async (
  scope: Scope,
  { offset, security = 'nla' }: FreerdpOptions = {},
): Promise<Freerdp> => {
  const peer = requirePeer('freerdp-shadow')
  const port = await freeTcpPort()
  const folder = await temporaryFolder(scope, 'freerdp')
  const display = await startXvfb(scope, folder)
  const home = join(folder, 'home')
  await mkdir(home)
  const users = join(folder, 'sam')
  await writeFile(users, 'user:::31d6cfe0d16ae931b73c59d7e0c089c0:::\n')
  const { pid, output, stop } = await startProcess(scope, {
    name: 'freerdp-shadow-cli',
    command: peer.path,
    args: [`/sec:${security}`, `/sam-file:${users}`, '/bind-address:127.0.0.1', `/port:${port}`],
    env: {
      ...joinEnv(offset === undefined ? {} : shiftedEnv(offset), peer.env),
      HOME: home,
      XDG_CONFIG_HOME: home,
      DISPLAY: display,
    },
    ready: () => takesConnections(port),
  })
  return { port, pid, output, stop }
}
