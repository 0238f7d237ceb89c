import { loadConfig, loadWebConfig } from '../config/load.js'
import { type Problem, formatProblem } from '../config/problem.js'
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
  return await runExporter({
    ...settings.value,
    config: loaded.config,
    configName,
    loadConfig: () => loadConfig(configName),
    web: web?.config,
  })
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
  return { ok: true, value: { ...run.value, telemetryPath, timeoutOffset } } as const
}

const no = (why: string): Parsed<never> => ({ ok: false, why })

const tellProblems = (problems: readonly Problem[], file: string): void => {
  for (const problem of problems) process.stderr.write(`${formatProblem(problem, file)}\n`)
}
