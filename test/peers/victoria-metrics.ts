import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess, type StartedProcess } from './process.js'
import { type PromApi, promApi } from './prometheus.js'
import { type Scope, temporaryFolder } from './scope.js'

const REQUEST_TIMEOUT_MS = 5000

export type VictoriaProgram = Pick<StartedProcess, 'pid' | 'output' | 'stop'> & { url: string }

const isHealthy = async (url: string) => {
  const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
  return answer.ok
}

/** One of the three on a free port of loopback, in a folder of its own. */
const start = async (
  scope: Scope,
  name: 'victoria-metrics' | 'vmagent' | 'vmalert',
  args: (folder: string) => readonly string[] | Promise<readonly string[]>,
): Promise<VictoriaProgram> => {
  const { path, env } = requirePeer(name)
  const folder = await temporaryFolder(scope, name)
  const listen = `127.0.0.1:${await freeTcpPort()}`
  const url = `http://${listen}`
  const started = await startProcess(scope, {
    name,
    command: path,
    args: [`-httpListenAddr=${listen}`, ...(await args(folder))],
    env,
    cwd: folder,
    ready: () => isHealthy(url),
  })
  return { url, ...started }
}

/** A single node, which takes and answers what a cluster's vminsert and vmselect do. */
export const startVictoriaMetrics = async (
  scope: Scope,
  args: readonly string[] = [],
): Promise<VictoriaProgram & PromApi> => {
  const started = await start(scope, 'victoria-metrics', folder => [
    `-storageDataPath=${join(folder, 'data')}`,
    ...args,
  ])
  return { ...started, ...promApi(started.url) }
}

/** Scrapes as this configuration says, and writes to a VictoriaMetrics. */
export const startVmagent = (
  scope: Scope,
  config: object,
  args: readonly string[],
): Promise<VictoriaProgram> =>
  start(scope, 'vmagent', async folder => {
    const file = join(folder, 'vmagent.yml')
    // JSON is YAML as well.
    await writeFile(file, JSON.stringify(config))
    return [
      `-promscrape.config=${file}`,
      `-remoteWrite.tmpDataPath=${join(folder, 'data')}`,
      ...args,
    ]
  })

export const startVmalert = (scope: Scope, args: readonly string[]): Promise<VictoriaProgram> =>
  start(scope, 'vmalert', () => args)
