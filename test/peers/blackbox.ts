import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { joinEnv, requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

/** Its two plainest modules, as Debian's own configuration has them, but for IPv6 that is not looked for. */
const CONFIGURATION = {
  modules: {
    tcp_connect: { prober: 'tcp', timeout: '5s', tcp: { preferred_ip_protocol: 'ip4' } },
    http_2xx: { prober: 'http', timeout: '5s', http: { preferred_ip_protocol: 'ip4' } },
  },
}

export type BlackboxModule = keyof (typeof CONFIGURATION)['modules']

export type Blackbox = {
  address: string
  port: number
  pid: number
  /** Path and query of one probe; a target is host:port. */
  path: (module: BlackboxModule, target: string) => string
  stop: () => Promise<void>
}

const PROBE_TIMEOUT_MS = 2000

/** Prometheus' own prober, on loopback. */
export const startBlackbox = async (scope: Scope): Promise<Blackbox> => {
  const { path: command, env } = requirePeer('blackbox-exporter')
  const address = '127.0.0.1'
  const port = await freeTcpPort(address)
  const file = join(await temporaryFolder(scope, 'blackbox'), 'blackbox.yml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(CONFIGURATION))
  const { pid, stop } = await startProcess(scope, {
    name: 'blackbox-exporter',
    command,
    args: [
      `--config.file=${file}`,
      `--web.listen-address=${address}:${port}`,
      // It logs each failed probe otherwise, and would be slower for that.
      '--log.level=error',
    ],
    env: joinEnv(env),
    ready: async () => {
      const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
      return (await fetch(`http://${address}:${port}/-/healthy`, { signal })).ok
    },
  })
  const path = (module: BlackboxModule, target: string): string =>
    `/probe?module=${module}&target=${encodeURIComponent(target)}`
  return { address, port, pid, path, stop }
}
