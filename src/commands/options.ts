import { parseArgs } from 'node:util'

/** What was asked for on the command line, or why it makes no sense. */
export type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string }

/** One flag: shown by --help in this order, with its default. */
export interface Flag {
  readonly value: 'string' | 'boolean'
  readonly default?: string
  readonly repeatable?: true
  readonly choices?: readonly string[]
  readonly help: string
}

export type Flags = { readonly [name: string]: Flag }

/** The values of flags: text as given or by default, a list where the flag may be repeated. */
export interface Values {
  readonly positionals: readonly string[]
  text(name: string): string
  given(name: string): string | undefined
  list(name: string): readonly string[]
  is(name: string): boolean
}

/** Reads arguments by a table of flags; an unknown flag or a missing value is said, never ignored. */
export const parseFlags = (args: readonly string[], flags: Flags): Parsed<Values> => {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, repeatable }]) => [
      name,
      { type: value, multiple: repeatable === true },
    ]),
  )
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options,
      allowPositionals: true,
      strict: true,
    })
    const list = (name: string): readonly string[] => {
      const fallback = flags[name]?.default
      const given = values[name] ?? (fallback === undefined ? [] : [fallback])
      return [given].flat().map(String)
    }
    for (const [name, { choices }] of Object.entries(flags)) {
      const wrong = choices && list(name).find(value => !choices.includes(value))
      if (wrong !== undefined)
        return { ok: false, why: `--${name} is one of ${choices?.join(', ')}` }
    }
    return {
      ok: true,
      value: {
        positionals,
        list,
        text: name => list(name)[0] ?? '',
        given: name => list(name)[0],
        is: name => values[name] === true,
      },
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { ok: false, why: error.message }
  }
}

/** A number of seconds, 0 or more; undefined for anything else, an empty text too. */
export const secondsOf = (text: string): number | undefined =>
  /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined

/** The table of flags as --help and the README show it. */
export const describeFlags = (flags: Flags): string => {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value = flag.value === 'boolean' ? '' : `=${flag.default ?? '…'}`
    const choices = flag.choices ? ` (${flag.choices.join(', ')})` : ''
    const repeatable = flag.repeatable ? ' (repeatable)' : ''
    return [`  --${name}${value}`, `${flag.help}${choices}${repeatable}`] as const
  })
  const width = Math.max(...rows.map(([left]) => left.length)) + 2
  return rows.map(([left, right]) => `${left.padEnd(width)}${right}`).join('\n')
}

/** Says on standard error what is wrong with the command line. Its exit code, after the custom. */
export const misuse = (why: string): number => {
  process.stderr.write(`edgeclock: ${why}\nedgeclock --help lists the flags.\n`)
  return 2
}
