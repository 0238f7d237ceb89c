import { type ListenAddress, parseListenAddress } from '../config/endpoint.js'
import { type Exporter, type ExporterOptions, startExporter } from '../exporter.js'
import { createLog, logFormats, logLevels } from '../log.js'
import type { Log } from '../net/log.js'
import type { Flags, Parsed, Values } from './options.js'
import { onSignal } from './signals.js'
import { version } from '../version.js'

/** The flags of every command that runs the exporter. */
export const runFlags = {
  'web.listen-address': {
    value: 'string',
    default: ':10429',
    repeatable: true,
    help: 'where to serve; port 0 takes a free one',
  },
  'log.level': { value: 'string', default: 'info', choices: logLevels, help: 'from here on up' },
  'log.format': {
    value: 'string',
    default: 'logfmt',
    choices: logFormats,
    help: 'of standard error',
  },
} as const satisfies Flags

/** A scrape in flight may take this long to end before we go anyway: we end within a second. */
const STOP_LIMIT_MS = 900
const FAILED = 1

export interface RunSettings {
  readonly log: Log
  readonly listen: readonly ListenAddress[]
}

export const runSettings = (values: Values): Parsed<RunSettings> => {
  const listen = values.list('web.listen-address').map(parseListenAddress)
  if (listen.some(address => address === undefined)) {
    return { ok: false, why: '--web.listen-address is :PORT, ADDRESS:PORT or [ADDRESS]:PORT' }
  }
  const level = logLevels.find(one => one === values.text('log.level')) ?? 'info'
  const format = logFormats.find(one => one === values.text('log.format')) ?? 'logfmt'
  const log = createLog(level, format)
  return { ok: true, value: { log, listen: listen.flatMap(address => address ?? []) } }
}

/** Runs an exporter until a signal ends it; SIGHUP reloads. Ends with the exit code. */
export const runExporter = async (
  options: Omit<ExporterOptions, 'onFatal'>,
  onListening: (urls: readonly string[]) => void = () => undefined,
): Promise<number> => {
  const { log } = options
  log('info', 'edgeclock starts', { version, node: process.version })
  return await new Promise(end => {
    const onFatal = (error: Error): void => {
      log('error', 'a thread ended', { detail: String(error.stack) })
      end(FAILED)
    }
    let exporter: Exporter | undefined
    let stopping = false
    onSignal.stop = signal => {
      // A second signal must not cut off what the first one lets finish.
      if (stopping) return
      stopping = true
      log('info', 'edgeclock stops', { signal })
      setTimeout(end, STOP_LIMIT_MS, 0)
      if (exporter) void exporter.stop().then(() => end(0))
      else end(0)
    }
    onSignal.reload = () => void exporter?.reload()
    startExporter({ ...options, onFatal }).then(
      started => {
        exporter = started
        onListening(started.urls)
      },
      (error: unknown) => {
        log('error', 'edgeclock cannot start', { detail: String(error) })
        end(FAILED)
      },
    )
  })
}
