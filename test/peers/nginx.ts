import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { shiftedEnv } from './faketime.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

export type NginxOptions = {
  address?: string
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
  tls?: boolean
  /** So many requests a connection, then it is closed. */
  keepAliveRequests?: number
}

export type Nginx = {
  address: string
  port: number
  pid: number
  /** What it logged of each request. */
  accessLog: string
  stop: () => Promise<void>
}

const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

/**
 * One process in the foreground: no user is changed to, and stopping it leaves nobody behind. nginx empties its
 * environment, and libfaketime looks there again every 10 s: without `env` the shift is over then.
 */
const configuration = (folder: string, listen: string, options: NginxOptions): string => `
env FAKETIME;
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 4096; }
http {
  ${TEMPORARY.map(name => `${name}_temp_path ${folder}/${name};`).join(' ')}
  access_log ${folder}/access.log combined;
  keepalive_requests ${options.keepAliveRequests ?? 1000};
  server {
    listen ${listen}${options.tls ? ' ssl' : ''};
    ${options.tls ? `ssl_certificate ${folder}/cert.pem; ssl_certificate_key ${folder}/key.pem;` : ''}
    location / { return 204; }
    location /moved { return 301 http://192.0.2.1/; }
    location /broken { return 503; }
    location /cached { add_header Age 0; return 200 ''; }
    location /proxied { add_header Via '1.1 cache'; return 200 ''; }
  }
}
`

/** A key and a certificate by itself: `key.pem` and `cert.pem` in the folder. */
const selfSign = async (folder: string): Promise<void> => {
  const openssl = requirePeer('openssl')
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
  const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  const args = ['req', '-x509', ...key, ...files, '-days', '2', '-subj', '/CN=localhost']
  await promisify(execFile)(openssl.path, args, { env: { ...process.env, ...openssl.env } })
}

/** A real web server on loopback. */
export const startNginx = async (scope: Scope, options: NginxOptions = {}): Promise<Nginx> => {
  const { address = '127.0.0.1', offset } = options
  const nginx = requirePeer('nginx')
  const port = await freeTcpPort(address)
  const folder = await temporaryFolder(scope, 'nginx')
  const file = join(folder, 'nginx.conf')
  const listen = `${isIPv6(address) ? `[${address}]` : address}:${port}`
  if (options.tls) await selfSign(folder)
  await writeFile(file, configuration(folder, listen, options))
  const { pid, stop } = await startProcess(scope, {
    name: 'nginx',
    command: nginx.path,
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    env: joinEnv(offset === undefined ? {} : shiftedEnv(offset), nginx.env),
    // Written once it listens.
    ready: output => /start worker|using the|nginx\//.test(output),
  })
  return { address, port, pid, accessLog: join(folder, 'access.log'), stop }
}
