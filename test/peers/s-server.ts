import { requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import type { MadeCertificate } from './certificate.js'
import type { Scope } from './scope.js'

export type SServerOptions = {
  certificate: MadeCertificate
  /** Of the protocol: `-tls1_2`, `-tls1_3`; all that it knows when left out. */
  args?: readonly string[]
}

export type SServer = {
  address: string
  port: number
  /** What it says of each connection. */
  output: () => string
}

const ADDRESS = '127.0.0.1'

/** OpenSSL's own test server, which puts random bytes where others put their time. */
export const startSServer = async (
  scope: Scope,
  { certificate: { keyFile, certificateFile }, args = [] }: SServerOptions,
): Promise<SServer> => {
  const { path, env } = requirePeer('openssl')
  const port = await freeTcpPort(ADDRESS)
  const files = ['-key', keyFile, '-cert', certificateFile]
  const { output } = await startProcess(scope, {
    name: 'openssl s_server',
    command: path,
    args: ['s_server', '-www', '-accept', `${ADDRESS}:${port}`, ...files, ...args],
    env,
    ready: written => written.includes('ACCEPT'),
  })
  return { address: ADDRESS, port, output }
}
