import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isSystemError } from '../calls/follow/system-error.js'
import { alertmanagerAt, prometheusAt } from '../demo/shipped-config.js'
import { startPageReceiver } from './demo-pages.js'
import {
  type ProgramEnd,
  type RunningProgram,
  findProgram,
  freePort,
  startProgram,
} from './demo-program.js'

/** What is shipped beside the built program. */
const ALERTS = fileURLToPath(new URL('../../alerts/', import.meta.url))
const USUAL_PORT = { prometheus: 9090, alertmanager: 9093 } as const

interface Installed {
  readonly prometheus: string
  readonly alertmanager: string
}

/** The two programs, or what Debian calls those that are missing. */
export const findMonitoring = (path?: string): Installed | { readonly missing: string[] } => {
  const prometheus = findProgram(['prometheus'], path)
  // Debian's own name for it, and the one that it has everywhere else.
  const alertmanager = findProgram(['alertmanager', 'prometheus-alertmanager'], path)
  if (prometheus !== undefined && alertmanager !== undefined) return { prometheus, alertmanager }
  return {
    missing: [
      ...(prometheus === undefined ? ['prometheus'] : []),
      ...(alertmanager === undefined ? ['prometheus-alertmanager'] : []),
    ],
  }
}

export interface MonitoringOptions {
  /** For their configuration and data. */
  readonly folder: string
  /** host:port */
  readonly exporter: string
  readonly tell: (line: string) => void
}

/** Prometheus and Alertmanager as shipped, where they are installed; their pages are printed. */
export const startMonitoring = async (options: MonitoringOptions): Promise<RunningProgram> => {
  const { tell } = options
  const found = findMonitoring()
  if ('missing' in found) {
    tell(
      `To be paged as well, install Prometheus and Alertmanager; missing here: ${found.missing.join(', ')} ` +
        `(Debian: apt-get install ${found.missing.join(' ')}).`,
    )
    return NOTHING
  }
  try {
    return await start(found, options)
  } catch (error) {
    if (!isSystemError(error)) throw error
    tell(`Prometheus and Alertmanager are not started: ${error.message}`)
    return NOTHING
  }
}

const NOTHING: RunningProgram = { stop: async () => undefined }

const start = async (
  found: Installed,
  { folder, exporter, tell }: MonitoringOptions,
): Promise<RunningProgram> => {
  const prometheus = `127.0.0.1:${await freePort(USUAL_PORT.prometheus)}`
  const alertmanager = `127.0.0.1:${await freePort(USUAL_PORT.alertmanager)}`
  const { url: webhook, close } = await startPageReceiver(tell)
  const files = {
    prometheus: prometheusAt(shipped('prometheus.yml'), {
      folder: ALERTS,
      exporters: [exporter],
      alertmanagers: [alertmanager],
    }),
    alertmanager: alertmanagerAt(shipped('alertmanager.yml'), { folder: ALERTS, webhook }),
  }
  const run = (name: keyof Installed, address: string, args: (data: string) => string[]) => {
    const own = join(folder, name)
    const file = join(own, `${name}.yml`)
    mkdirSync(own)
    writeFileSync(file, files[name])
    return startProgram({
      command: found[name],
      args: [
        `--config.file=${file}`,
        `--web.listen-address=${address}`,
        `--web.external-url=http://${address}/`,
        ...args(join(own, 'data')),
      ],
      folder: own,
      onEnd: last => {
        for (const line of endLines(TITLE[name], last)) tell(line)
      },
    })
  }
  // An empty address: no cluster of Alertmanagers.
  const alone = '--cluster.listen-address='
  const started = [
    run('alertmanager', alertmanager, data => [`--storage.path=${data}`, alone]),
    run('prometheus', prometheus, data => [`--storage.tsdb.path=${data}`]),
  ]
  tell(`The shipped rules run too: Prometheus at http://${prometheus}/alerts`)
  tell(`Alertmanager is at http://${alertmanager}/ and its pages are printed here.`)
  return {
    stop: async () => {
      await Promise.all(started.map(one => one.stop()))
      close()
    },
  }
}

const endLines = (title: string, { how, lastLines }: ProgramEnd): readonly string[] => {
  const by = how === undefined ? '' : ` (${how})`
  const said = lastLines.length > 0 ? 'It said last:' : 'It said nothing.'
  return [
    `${title} has ended${by}, and the demo goes on without it. ${said}`,
    ...lastLines.map(line => `  ${line}`),
  ]
}

const TITLE = { prometheus: 'Prometheus', alertmanager: 'Alertmanager' } as const

const shipped = (name: string): string => readFileSync(join(ALERTS, name), 'utf8')
