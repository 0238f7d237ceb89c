import { loadConfig, loadWebConfig } from '../config/load.js'
import type { Config } from '../config/config.js'
import { type Problem, formatProblem } from '../config/problem.js'
import { MAX_SHARDS, type Shard, parseShard, shardConfig, workOf } from '../config/shard.js'
import type { Log } from '../net/log.js'
import { type Flags, type Parsed, type Values, misuse, parseFlags, secondsOf } from './options.js'
import { runExporter, runFlags, runSettings } from './run.js'

/** The exit code of a bad command line or configuration. */
const MISUSED = 2

export const serveFlags = {
  'config.file': { value: 'string', default: 'edgeclock.yml', help: 'the configuration' },
  'config.check': { value: 'boolean', help: 'check the files and exit: 0 good, 2 bad' },
  'web.listen-address': runFlags['web.listen-address'],
  'web.telemetry-path': { value: 'string', default: '/metrics', help: 'where the metrics are' },
  'web.config.file': { value: 'string', help: 'TLS and basic authentication (exporter-toolkit)' },
  shard: {
    value: 'string',
    help: 'do only the I-th of N parts of the configuration: I/N, such as 1/2 and 2/2',
  },
  'timeout-offset': {
    value: 'string',
    default: '0.5',
    help: "seconds taken off Prometheus' scrape timeout, for the way back",
  },
  'log.level': runFlags['log.level'],
  'log.format': runFlags['log.format'],
} as const satisfies Flags

/** `edgeclock serve`: runs until SIGTERM or SIGINT. Ends with the exit code. */
export const serve = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, serveFlags)
  if (!flags.ok) return misuse(flags.why)
  const settings = settingsOf(flags.value)
  if (!settings.ok) return misuse(settings.why)
  const configName = flags.value.text('config.file')
  const loaded = await loadConfig(configName)
  tellProblems(loaded.ok ? loaded.warnings : loaded.problems, configName)
  const webName = flags.value.given('web.config.file')
  const web = webName === undefined ? undefined : await loadWebConfig(webName)
  if (web) tellProblems(web.ok ? web.warnings : web.problems, webName ?? '')
  if (!loaded.ok || web?.ok === false) return MISUSED
  if (flags.value.is('config.check')) {
    process.stdout.write(`${configName} is good\n`)
    return 0
  }
  const { shard, ...run } = settings.value
  const part = (config: Config): Config => (shard ? partOf(config, shard, run.log) : config)
  return await runExporter({
    ...run,
    config: part(loaded.config),
    configName,
    loadConfig: async () => {
      const again = await loadConfig(configName)
      return again.ok ? { ...again, config: part(again.config) } : again
    },
    web: web?.config,
  })
}

/** What of a configuration is this shard's; said, since it stands in no file. */
const partOf = (whole: Config, shard: Shard, log: Log): Config => {
  const config = shardConfig(whole, shard)
  const work = workOf(config)
  const idle = Object.values(work).every(amount => amount === 0)
  const message = idle ? 'this shard has nothing to do' : 'this shard has its part to do'
  log('info', message, { shard: `${shard.index}/${shard.count}`, ...work })
  return config
}

const settingsOf = (values: Values) => {
  const [surplus] = values.positionals
  if (surplus !== undefined) return no(`there is no command ${surplus}`)
  const run = runSettings(values)
  if (!run.ok) return run
  const telemetryPath = values.text('web.telemetry-path')
  if (!/^\/[\w./-]*$/.test(telemetryPath)) return no('--web.telemetry-path is a path like /metrics')
  const timeoutOffset = secondsOf(values.text('timeout-offset'))
  if (timeoutOffset === undefined || timeoutOffset >= 60) {
    return no('--timeout-offset is a number of seconds below 60')
  }
  const shardText = values.given('shard')
  const shard = shardText === undefined ? undefined : parseShard(shardText)
  if (shardText !== undefined && shard === undefined) {
    return no(
      `--shard is I/N, the I-th of N parts, such as 1/2 and 2/2; N is at most ${MAX_SHARDS}`,
    )
  }
  return { ok: true, value: { ...run.value, telemetryPath, timeoutOffset, shard } } as const
}

const no = (why: string): Parsed<never> => ({ ok: false, why })

const tellProblems = (problems: readonly Problem[], file: string): void => {
  for (const problem of problems) process.stderr.write(`${formatProblem(problem, file)}\n`)
}
