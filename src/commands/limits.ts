import { type Flags, type Parsed, type Values, misuse, secondsOf } from './options.js'
import type { Limits } from './read-format.js'

/** From where on a clock is wrong, for every command that judges one. */
export const limitFlags = {
  warning: { value: 'string', default: '5', help: 'seconds; exit 1 when surely that far off' },
  critical: { value: 'string', default: '60', help: 'seconds; exit 2 when surely that far off' },
} as const satisfies Flags

export const limitsOf = (values: Values): Parsed<Limits> => {
  const warning = secondsOf(values.text('warning'))
  const critical = secondsOf(values.text('critical'))
  return warning === undefined || critical === undefined || critical < warning
    ? {
        ok: false,
        why: '--warning and --critical are seconds, the first not above the second',
      }
    : { ok: true, value: { warning, critical } }
}

/** The exit codes of monitoring plugins. */
export const exitCodes = { ok: 0, warning: 1, critical: 2, unknown: 3 } as const

/** A plugin that cannot run at all answers UNKNOWN, not CRITICAL: nothing is known of the clock. */
export const unreadable = (why: string): number => {
  misuse(why)
  return exitCodes.unknown
}
