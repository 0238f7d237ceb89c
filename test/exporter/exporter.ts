import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { joinEnv } from '../peers/peer.js'
import { type StartedProcess, startProcess } from '../peers/process.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'

/** The command as it is installed: built, and in a process of its own. */
export const CLI = fileURLToPath(new URL('../../dist/cli.js', import.meta.url))

const REQUEST_TIMEOUT_MS = 5000

export interface RunningExporter extends StartedProcess {
  readonly url: string
  /** host:port */
  readonly address: string
  readonly configFile: string
  get(path: string, init?: RequestInit): Promise<Response>
  metrics(): Promise<Metrics>
  writeConfig(config: object): Promise<void>
}

export interface ExporterOptions {
  readonly env?: Record<string, string>
  readonly args?: readonly string[]
  /** A program, with its arguments, that runs the exporter instead of us. */
  readonly via?: readonly string[]
}

/** `edgeclock serve` with this configuration (JSON is YAML) on a free port of loopback. */
export const startExporter = async (
  scope: Scope,
  config: object,
  { env = {}, args = [], via = [] }: ExporterOptions = {},
): Promise<RunningExporter> => {
  const configFile = join(await temporaryFolder(scope, 'exporter'), 'edgeclock.yml')
  const writeConfig = (to: object) => writeFile(configFile, JSON.stringify(to, undefined, 2))
  await writeConfig(config)
  const listening = / url=(https?:\/\/(\S+))/
  const [command, ...before] = [...via, process.execPath]
  const started = await startProcess(scope, {
    name: 'edgeclock',
    command,
    args: [
      ...before,
      CLI,
      `--config.file=${configFile}`,
      '--web.listen-address=127.0.0.1:0',
      '--log.level=debug',
      ...args,
    ],
    env: joinEnv(env),
    ready: output => listening.test(output),
  })
  const [, url = '', address = ''] = listening.exec(started.output()) ?? []
  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${url}${path}`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS), ...init })
  const metrics = async () => new Metrics(await (await get('/metrics')).text())
  return { ...started, url, address, configFile, get, metrics, writeConfig }
}

/** One page in the text format, asked by name and labels. */
export class Metrics {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  /** The value of the one series that has these labels; undefined where there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    const found = this.all(name).filter(sample =>
      Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
    )
    if (found.length > 1) throw new Error(`${name}: ${found.length} series, not one`)
    return found[0]?.value
  }

  all(name: string): { labels: Record<string, string>; value: number }[] {
    return this.text.split('\n').flatMap(line => {
      const [, found, labels = '', value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? []
      if (found !== name) return []
      const pairs = [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, k = '', v = '']) => [k, v])
      return [{ labels: Object.fromEntries(pairs) as Record<string, string>, value: Number(value) }]
    })
  }
}

export const at = ({ address, port }: { address: string; port: number }): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`

/** A pool of two, read every second, against these reference servers. */
export const poolOf = (
  references: readonly { address: string; port: number }[],
  servers: Readonly<Record<string, { address: string; port: number }>>,
  more: object = {},
): object => ({
  reference: { servers: references.map(at), interval: '1s', timeout: '900ms' },
  pools: [
    {
      name: 'edgepool1',
      interval: '1s',
      modules: ['quick'],
      servers: Object.entries(servers).map(([name, server]) => ({ name, address: at(server) })),
    },
  ],
  modules: { quick: { prober: 'ntp', timeout: '900ms' } },
  ...more,
})
