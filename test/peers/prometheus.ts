import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { requirePeer } from './peer.js'
import { freeTcpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'

const REQUEST_TIMEOUT_MS = 5000

export type Scrape = {
  job: string
  /** host:port */
  target?: string
  /** Where the targets are to be asked for instead. */
  httpSd?: string
  metricsPath?: string
  params?: Record<string, string[]>
}

export type PrometheusOptions = {
  scrape: Scrape[]
  intervalSeconds?: number
  /** Paths of rule files. */
  rules?: string[]
}

export type Sample = { metric: Record<string, string>; value: number; atSeconds: number }

/** What may be asked of whatever has Prometheus' HTTP API. */
export type PromApi = {
  /** An instant query that yields a vector or a scalar; the latter as one sample without labels. */
  query: (promql: string) => Promise<Sample[]>
  /** The `data` of an answer of its API: `get('/api/v1/alerts')`. */
  get: (path: string) => Promise<unknown>
}

export type Prometheus = PromApi & {
  url: string
  pid: number
  stop: () => Promise<void>
}

/** JSON, which is YAML as well. */
const configuration = ({ scrape, intervalSeconds = 1, rules = [] }: PrometheusOptions): string =>
  JSON.stringify({
    global: {
      scrape_interval: `${intervalSeconds}s`,
      scrape_timeout: `${intervalSeconds}s`,
      evaluation_interval: `${intervalSeconds}s`,
    },
    rule_files: rules.map(file => resolve(file)),
    scrape_configs: scrape.map(
      ({ job, target, httpSd, metricsPath = '/metrics', params = {} }) => ({
        job_name: job,
        metrics_path: metricsPath,
        params,
        ...(target !== undefined && { static_configs: [{ targets: [target] }] }),
        ...(httpSd !== undefined && { http_sd_configs: [{ url: httpSd }] }),
      }),
    ),
  })

/** Prometheus writes infinity as `+Inf`, which is no number for JavaScript. */
const value = z.tuple([z.number(), z.string()]).transform(([atSeconds, number]) => ({
  atSeconds,
  value: Number(number.replace('Inf', 'Infinity')),
}))

const samples = z.union([
  z
    .object({ resultType: z.literal('scalar'), result: value })
    .transform(({ result }): Sample[] => [{ metric: {}, ...result }]),
  z
    .object({
      resultType: z.literal('vector'),
      result: z.array(z.object({ metric: z.record(z.string(), z.string()), value })),
    })
    .transform(({ result }): Sample[] => result.map(one => ({ metric: one.metric, ...one.value }))),
])

const envelope = z.object({ data: z.unknown().optional(), error: z.string().optional() })

const ask = (url: string) => fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })

/** Prometheus' HTTP API under this URL. */
export const promApi = (url: string): PromApi => {
  const get = async (path: string): Promise<unknown> => {
    const answer = envelope.parse(await (await ask(`${url}${path}`)).json())
    if (answer.error !== undefined) throw new Error(`${path}: ${answer.error}`)
    return answer.data
  }
  const query = async (promql: string) =>
    samples.parse(await get(`/api/v1/query?query=${encodeURIComponent(promql)}`))
  return { query, get }
}

/**
 * A real Prometheus on loopback, with a data folder of its own. Its first scrape comes some 5 s
 * after the start: that is how often it looks for targets, whatever the scrape interval.
 */
export const startPrometheus = (scope: Scope, options: PrometheusOptions): Promise<Prometheus> =>
  startPrometheusWith(scope, configuration(options))

/** The same with the whole text of a configuration; its paths must be absolute. */
export const startPrometheusWith = async (scope: Scope, config: string): Promise<Prometheus> => {
  const prometheus = requirePeer('prometheus')
  const folder = await temporaryFolder(scope, 'prometheus')
  const file = join(folder, 'prometheus.yml')
  await writeFile(file, config)
  const listen = `127.0.0.1:${await freeTcpPort()}`
  const url = `http://${listen}`
  const { pid, stop } = await startProcess(scope, {
    name: 'prometheus',
    command: prometheus.path,
    args: [
      `--config.file=${file}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=${listen}`,
    ],
    env: prometheus.env,
    cwd: folder,
    ready: async () => (await ask(`${url}/-/ready`)).ok,
  })
  return { url, pid, stop, ...promApi(url) }
}

/** Runs promtool to its end: `promtool(['check', 'metrics'], page)`. */
export const promtool = async (
  args: string[],
  stdin = '',
): Promise<{ code: number | null; stdout: string; stderr: string }> => {
  const { path, env } = requirePeer('promtool')
  const child = spawn(path, args, { env: { ...process.env, ...env } })
  // It may end without having read everything, on a wrong argument for one.
  child.stdin.on('error', () => {})
  child.stdin.end(stdin)
  const closed = once(child, 'close')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  await closed
  return { code: child.exitCode, stdout, stderr }
}
