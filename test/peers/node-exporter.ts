import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeCertificate } from './certificate.js'
import { requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

export type NodeExporterOptions = {
  /** Collectors that are on by default. */
  without?: readonly string[]
  tls?: boolean
}

export type NodeExporter = {
  port: number
  pid: number
  output: () => string
  stop: () => Promise<void>
  /** What it shows, in DER. */
  certificate: Uint8Array | undefined
}

/**
 * A real one on loopback. It is written in Go, which libfaketime cannot shift: its clock is this machine's, and
 * what it is compared with has to be shifted.
 */
export const startNodeExporter = async (
  scope: Scope,
  { without = [], tls = false }: NodeExporterOptions = {},
): Promise<NodeExporter> => {
  const { path, env } = requirePeer('node-exporter')
  const port = await freeTcpPort()
  const folder = await temporaryFolder(scope, 'node-exporter')
  const made = tls ? await makeCertificate(scope) : undefined
  const configuration = join(folder, 'web.yml')
  if (made) {
    const { certificateFile, keyFile } = made
    const files = { cert_file: certificateFile, key_file: keyFile }
    await writeFile(configuration, JSON.stringify({ tls_server_config: files }))
  }
  const { pid, output, stop } = await startProcess(scope, {
    name: 'node_exporter',
    command: path,
    args: [
      `--web.listen-address=127.0.0.1:${port}`,
      `--collector.textfile.directory=${folder}`,
      // There is no bus to ask where systemd does not run.
      '--no-collector.systemd',
      ...without.map(name => `--no-collector.${name}`),
      ...(made ? [`--web.config.file=${configuration}`] : []),
    ],
    env,
    ready: text => text.includes('TLS is '),
  })
  return { port, pid, output, stop, certificate: made?.der }
}
