import { CallsThreadSilent, StateUnusable } from './calls/calls-thread.js'
import { Calls } from './calls/calls.js'
import { ClockThread, ClockThreadSilent } from './clockside/clock-thread.js'
import type { Snapshot } from './clockside/snapshot.js'
import type { Config, ParsedConfig } from './config/config.js'
import type { ListenAddress } from './config/endpoint.js'
import { formatProblem } from './config/problem.js'
import type { WebConfig } from './config/web.js'
import { Host, type HostSide } from './host/host.js'
import { readHost } from './host/read-host.js'
import type { Log } from './net/log.js'
import { IdentityBook } from './identities.js'
import { nodeClock, nodeTimers } from './net/node-platform.js'
import { version } from './version.js'
import type { Exported } from './web/exported.js'
import { type Listening, listen } from './web/listen.js'

export interface ExporterOptions {
  readonly config: Config
  /** Reads the configuration again, for a reload. */
  readonly loadConfig: () => Promise<ParsedConfig>
  readonly configName: string
  readonly listen: readonly ListenAddress[]
  readonly web: WebConfig | undefined
  readonly telemetryPath: string
  readonly timeoutOffset: number
  readonly log: Log
  /** A thread ended by itself: nothing can be read, or counted, any more. */
  readonly onFatal: (error: Error) => void
  /** Tells of the time service in place of this machine's own tools: the demo's, which is simulated. */
  readonly host?: HostSide
}

export interface Exporter {
  readonly urls: readonly string[]
  reload(): ReturnType<Exported['reload']>
  /** Accepts nothing more, answers what is in flight, ends the clock thread. */
  stop(): Promise<void>
}

/** Why a good file may be refused all the same. */
const REFUSALS = [ClockThreadSilent, CallsThreadSilent, StateUnusable]

const ignoreSilence = (error: unknown): void => {
  if (!(error instanceof CallsThreadSilent)) throw error
}

/** Builds it all from a Config and starts it. @throws Error where it cannot listen; StateUnusable. */
export const startExporter = async (options: ExporterOptions): Promise<Exporter> => {
  const { log, configName } = options
  let config = options.config
  let reloadSuccessful = true
  let reloadedAtSeconds = Date.now() / 1000
  const calls = await Calls.start(config, log, options.onFatal)
  const clocks = new ClockThread(config, log, options.onFatal)
  const platform = { clock: nodeClock, timers: nodeTimers }
  const host = options.host ?? new Host({ platform, log, read: readHost() })
  host.apply(config.host)
  const identities = new IdentityBook()
  const snapshot = async (): Promise<Snapshot> => {
    const taken = await clocks.snapshot()
    const news = identities.news(taken)
    // Nobody waits for it: what is lost on the way is told at the next scrape.
    if (news) void calls.identify(news).then(() => identities.told(news), ignoreSilence)
    return taken
  }

  const readAgain = async (): ReturnType<Exported['reload']> => {
    const parsed = await options.loadConfig()
    const refuse = (why: string) => {
      reloadSuccessful = false
      log('error', 'configuration refused: the one before it stays', { problems: why })
      return { ok: false, why } as const
    }
    if (!parsed.ok) {
      return refuse(parsed.problems.map(problem => formatProblem(problem, configName)).join('\n'))
    }
    try {
      await calls.apply(parsed.config)
      // Half of a new configuration is none: what the one side took, it gives back.
      await clocks.apply(parsed.config).catch(async (error: unknown) => {
        await calls.apply(config)
        throw error
      })
    } catch (error) {
      if (!(error instanceof Error) || !REFUSALS.some(kind => error instanceof kind)) throw error
      return refuse(error.message)
    } finally {
      // The calls side may be a new one.
      identities.forget()
    }
    config = parsed.config
    host.apply(config.host)
    reloadSuccessful = true
    reloadedAtSeconds = Date.now() / 1000
    log('info', 'configuration reloaded', { file: configName })
    return { ok: true }
  }
  // One after the other: of two reloads at once the later file must win.
  let reloading: ReturnType<Exported['reload']> = Promise.resolve({ ok: true })
  const reload = (): ReturnType<Exported['reload']> =>
    (reloading = reloading.then(readAgain, readAgain))

  const listening: Listening = await listen(
    {
      telemetryPath: options.telemetryPath,
      timeoutOffset: options.timeoutOffset,
      log,
      config: () => config,
      state: () => ({
        version,
        reloadSuccessful,
        reloadedAtSeconds,
        host: wallOffset => host.report(wallOffset),
      }),
      snapshot,
      calls: () => calls.snapshot(),
      push: request => calls.push(request),
      probe: request => clocks.probe(request),
      reload,
    },
    options.listen,
    options.web,
  ).catch(async (error: unknown) => {
    host.stop()
    await Promise.all([clocks.stop(), calls.stop()])
    throw error
  })
  for (const url of listening.urls) log('info', 'listening', { url })
  return {
    urls: listening.urls,
    reload,
    stop: async () => {
      host.stop()
      // At once: a request that takes its time must not keep what was counted from being written.
      await Promise.all([listening.close().then(() => clocks.stop()), calls.stop()])
    },
  }
}
