import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { parse } from 'yaml'
import { z } from 'zod'
import { alertmanagerProgram } from './alertmanager-program.js'
import { requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

const REQUEST_TIMEOUT_MS = 5000

/** The configuration that is shipped, and the folder that its paths are relative to. */
export const SHIPPED_FOLDER = resolve(import.meta.dirname, '..', '..', 'alerts')
export const SHIPPED_FILE = join(SHIPPED_FOLDER, 'alertmanager.yml')

const route = z.looseObject({ matchers: z.array(z.string()).optional(), receiver: z.string() })
const receiver = z.looseObject({ name: z.string() })

const configuration = z.looseObject({
  global: z.looseObject({}).optional(),
  route: z.looseObject({ receiver: z.string(), routes: z.array(route).optional() }),
  inhibit_rules: z.array(z.looseObject({ equal: z.array(z.string()).optional() })).optional(),
  receivers: z.array(receiver),
  templates: z.array(z.string()).optional(),
})

/** Alertmanager's configuration, as far as the tests look into it. */
export type AlertmanagerConfig = z.infer<typeof configuration>

/** An alert as Prometheus sends it. Without `endsAt` it fires until `resolve_timeout` has passed. */
export type PostedAlert = {
  labels: Record<string, string>
  annotations?: Record<string, string>
  startsAt?: string
  endsAt?: string
  generatorURL?: string
}

const alert = z.object({
  labels: z.record(z.string(), z.string()),
  annotations: z.record(z.string(), z.string()),
  receivers: z.array(z.object({ name: z.string() })),
  status: z.object({
    state: z.enum(['unprocessed', 'active', 'suppressed']),
    inhibitedBy: z.array(z.string()),
  }),
})

export type HeldAlert = z.infer<typeof alert>

export type AlertmanagerOptions = {
  /** The configuration itself, or the path of its file. */
  config: object | string
  /** Left out: a single one, that neither waits for others nor tells them. */
  cluster?: { port: number; peers: readonly string[] }
  /** More arguments: `['--cluster.settle-timeout=1s']`. */
  args?: readonly string[]
}

export type Alertmanager = {
  url: string
  /** host:port, as Prometheus names it under `alertmanagers`. */
  target: string
  pid: number
  post: (alerts: readonly PostedAlert[]) => Promise<void>
  /** Those that fire, also those that are inhibited. */
  alerts: () => Promise<HeldAlert[]>
  /** The sum of its own metric's series whose text matches, 0 where there is none. */
  metric: (name: string, labels?: RegExp) => Promise<number>
  /** The answer to `get('/api/v2/status')`. */
  get: (path: string) => Promise<unknown>
  output: () => string
  stop: () => Promise<void>
  /** SIGKILL: it says goodbye to nobody. */
  kill: () => Promise<void>
}

/** The sum of a metric's series in Prometheus' text format. */
const sumOf = (page: string, name: string, labels: RegExp): number =>
  page
    .split('\n')
    .filter(line => /^[^{ ]*/.exec(line)?.[0] === name && labels.test(line))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)

const client = (url: string) => {
  const ask = async (path: string, request: RequestInit = {}) => {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const answer = await fetch(`${url}${path}`, { ...request, signal })
    const body = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${body}`)
    return body
  }
  const get = async (path: string): Promise<unknown> => JSON.parse(await ask(path))
  const post = async (alerts: readonly PostedAlert[]) => {
    const headers = { 'content-type': 'application/json' }
    await ask('/api/v2/alerts', { method: 'POST', headers, body: JSON.stringify(alerts) })
  }
  return {
    get,
    post,
    isReady: async () => Boolean(await ask('/-/ready')),
    alerts: async () => z.array(alert).parse(await get('/api/v2/alerts')),
    metric: async (name: string, labels = /^/) => sumOf(await ask('/metrics'), name, labels),
  }
}

const clusterArgs = (cluster: AlertmanagerOptions['cluster']): string[] =>
  cluster === undefined
    ? ['--cluster.listen-address=']
    : [
        `--cluster.listen-address=127.0.0.1:${cluster.port}`,
        ...cluster.peers.map(peer => `--cluster.peer=${peer}`),
      ]

/** A real Alertmanager on loopback, with a data folder of its own. */
export const startAlertmanager = async (
  scope: Scope,
  { config, cluster, args = [] }: AlertmanagerOptions,
): Promise<Alertmanager> => {
  const alertmanager = await alertmanagerProgram(scope)
  const folder = await temporaryFolder(scope, 'alertmanager')
  const file = typeof config === 'string' ? resolve(config) : join(folder, 'alertmanager.yml')
  // JSON is YAML as well.
  if (typeof config === 'object') await writeFile(file, JSON.stringify(config))
  const target = `127.0.0.1:${await freeTcpPort()}`
  const url = `http://${target}`
  const { isReady, ...api } = client(url)
  const { pid, output, stop, exited } = await startProcess(scope, {
    name: 'alertmanager',
    command: alertmanager.path,
    args: [
      `--config.file=${file}`,
      `--storage.path=${join(folder, 'data')}`,
      `--web.listen-address=${target}`,
      ...clusterArgs(cluster),
      ...args,
    ],
    env: alertmanager.env,
    cwd: folder,
    ready: isReady,
  })
  const kill = async () => {
    process.kill(pid, 'SIGKILL')
    await exited
  }
  return { ...api, url, target, pid, output, stop, kill }
}

/** So many of one configuration that know each other. */
export const startAlertmanagerCluster = async (
  scope: Scope,
  { config, count = 2 }: { config: object; count?: number },
): Promise<Alertmanager[]> => {
  const ports: number[] = []
  while (ports.length < count) ports.push(await freeTcpPort())
  const start = (port: number) => {
    const peers = ports.filter(other => other !== port).map(other => `127.0.0.1:${other}`)
    return startAlertmanager(scope, { config, cluster: { port, peers } })
  }
  return Promise.all(ports.map(start))
}

/** The shipped configuration; `change` may use blocks that are comments in it. */
export const readShippedConfig = async (
  change: (text: string) => string = text => text,
): Promise<AlertmanagerConfig> => {
  const config = configuration.parse(parse(change(await readFile(SHIPPED_FILE, 'utf8'))))
  const templates = (config.templates ?? []).map(path => join(SHIPPED_FOLDER, path))
  return { ...config, templates }
}

/**
 * The shipped configuration: its routes, intervals, inhibition and templates. Only the receivers are
 * filled in: each notifies this URL, also of what is resolved. `edit` changes a copy, for a test that
 * says why it needs other intervals.
 */
export const shippedAlertmanager = async (
  webhookUrl: string,
  edit: (config: AlertmanagerConfig) => void = () => {},
): Promise<AlertmanagerConfig> => {
  const config = await readShippedConfig()
  config.receivers = config.receivers.map(({ name }) => ({
    name,
    webhook_configs: [{ url: webhookUrl, send_resolved: true }],
  }))
  edit(config)
  return config
}

/** Runs amtool to its end: `amtool(['check-config', file])`. */
export const amtool = async (
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  const { path, env } = requirePeer('amtool')
  const child = spawn(path, args, { env: { ...process.env, ...env } })
  child.stdin.end()
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return { code: child.exitCode, stdout, stderr }
}
