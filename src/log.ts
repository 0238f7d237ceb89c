import { pino } from 'pino'
import type { Log, LogFields, LogLevel } from './net/log.js'

export const logFormats = ['logfmt', 'json'] as const
export type LogFormat = (typeof logFormats)[number]
export const logLevels = ['debug', 'info', 'warn', 'error'] as const satisfies readonly LogLevel[]

/** A line for each event on standard error, as logfmt or as JSON. */
export const createLog = (
  level: LogLevel,
  format: LogFormat,
  write: (line: string) => void = line => void process.stderr.write(line),
): Log => {
  const logger = pino(
    {
      level,
      base: null,
      messageKey: 'msg',
      timestamp: () => `,"ts":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }) },
    },
    { write: format === 'json' ? write : line => write(logfmt(line)) },
  )
  return (at, message, fields: LogFields = {}) => logger[at](fields, message)
}

/** One JSON line of pino as logfmt: ts, level and msg first; values are quoted where they need it. */
const logfmt = (line: string): string => {
  const { ts, level, msg, ...rest } = JSON.parse(line) as { [key: string]: unknown }
  const pairs = Object.entries({ ts, level, msg, ...rest })
  return `${pairs.map(([key, value]) => `${key}=${quoted(String(value))}`).join(' ')}\n`
}

const quoted = (value: string): string =>
  /^[^\s"=\\\p{Cc}]+$/u.test(value) ? value : JSON.stringify(value)
