import { writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { shiftedEnv } from './faketime.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

export type LighttpdOptions = {
  /** mbedTLS puts its clock into ServerHello, GnuTLS random bytes. */
  tls: 'mbedtls' | 'gnutls'
  /** Key and certificate. */
  pemFile: string
  /** The only one that it takes, by mbedTLS' name for it. */
  cipher?: string
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
}

export type Lighttpd = {
  address: string
  port: number
  /** What it logged. */
  output: () => string
  stop: () => Promise<void>
}

const ADDRESS = '127.0.0.1'

const configuration = (
  folder: string,
  port: number,
  { tls, pemFile, cipher }: LighttpdOptions,
): string =>
  [
    `server.modules = ("mod_${tls}")`,
    `server.document-root = "${folder}"`,
    `server.bind = "${ADDRESS}"`,
    `server.port = ${port}`,
    'ssl.engine = "enable"',
    `ssl.pemfile = "${pemFile}"`,
    ...(cipher === undefined ? [] : [`ssl.openssl.ssl-conf-cmd = ("CipherString" => "${cipher}")`]),
    '',
  ].join('\n')

/** Whether somebody listens. Nothing is said, so that no handshake is asked for. */
export const isListening = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const socket = connect(port, ADDRESS)
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })

/** A real web server over TLS on loopback. */
export const startLighttpd = async (scope: Scope, options: LighttpdOptions): Promise<Lighttpd> => {
  const { path, env } = requirePeer('lighttpd')
  const modules = dirname(requirePeer('lighttpd-mod-mbedtls').path)
  const folder = await temporaryFolder(scope, 'lighttpd')
  const port = await freeTcpPort(ADDRESS)
  const file = join(folder, 'lighttpd.conf')
  await writeFile(file, configuration(folder, port, options))
  const shifted = options.offset === undefined ? {} : shiftedEnv(options.offset)
  const { output, stop } = await startProcess(scope, {
    name: `lighttpd with ${options.tls}`,
    command: path,
    args: ['-D', '-m', modules, '-f', file],
    env: joinEnv(shifted, env),
    ready: () => isListening(port),
  })
  return { address: ADDRESS, port, output, stop }
}
