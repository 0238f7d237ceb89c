/** What is wrong in a file. A closed set: a rule names the check, the message is for people. */
export type Rule =
  | 'file' // cannot be read, is too large, or is not UTF-8
  | 'yaml' // not one YAML document of plain values: syntax, duplicate keys, nesting, aliases
  | 'type' // text where a list belongs, and the like
  | 'required' // a key that must be there is missing
  | 'unknown-key' // a key that nothing reads
  | 'unsupported' // known, but not to this version
  | 'duration' // not a length of time such as 15s
  | 'size' // not a number of bytes such as 64MiB
  | 'range' // too small, too large, too few, too many
  | 'name' // not fit to be a pool's, server's, module's, source's or user's name
  | 'path' // not the name of a file, of files or of an event log
  | 'address' // not a host name, an IP address, or one of them with a port
  | 'choice' // not one of the values that the option has
  | 'duplicate' // the same thing twice
  | 'unknown-module' // a module that is neither built in nor declared
  | 'unknown-pool' // a pool's name that looks like a slip of another's
  | 'timeout' // a timeout that is longer than its interval
  | 'quorum' // too few reference servers to outvote a liar
  | 'header' // not a value that the HTTP header may have
  | 'hash' // not a bcrypt hash, or one too costly

/** One thing wrong. Lines and columns count from 1; line 0 means the file as a whole. */
export interface Problem {
  readonly line: number
  readonly column: number
  /** Where in the configuration, such as `pools[0].servers[1].address`; empty at the top level. */
  readonly path: string
  readonly rule: Rule
  readonly message: string
}

/** Keys and indices from the top of the file. */
export type Path = readonly (string | number)[]

/** A problem that still has to be given its line. */
export interface Finding {
  readonly path: Path
  readonly rule: Rule
  readonly message: string
  /** True where the file may be used all the same. */
  readonly warning?: boolean
}

const MAX_QUOTED = 60
const PLAIN_KEY = /^[A-Za-z_][\w-]{0,63}$/

/** A text cut to its length and to what a terminal and a log show as one line. */
export const oneLine = (text: string, most: number): string => {
  const short = text.length > most ? `${text.slice(0, most)}…` : text
  return short.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/gu, '�')
}

/** Something from the file, shortly. */
export const quote = (value: unknown): string =>
  oneLine(JSON.stringify(value) ?? String(value), MAX_QUOTED)

/** `pools[0].servers[1].address`; keys that are not plain words are quoted, as in `headers["a b"]`. */
export const formatPath = (path: Path): string =>
  path
    .map((part, depth) => {
      if (typeof part === 'number') return `[${part}]`
      if (!PLAIN_KEY.test(part)) return `[${quote(part)}]`
      return depth === 0 ? part : `.${part}`
    })
    .join('')

/** `edgeclock.yml:12:5: pools[0].interval: duration: "15" is not a duration; …` */
export const formatProblem = (problem: Problem, filename: string): string => {
  const place = problem.line > 0 ? `${filename}:${problem.line}:${problem.column}` : filename
  const path = problem.path === '' ? [] : [problem.path]
  return [place, ...path, problem.rule, problem.message].join(': ')
}

/** As they stand in the file. */
export const byPlace = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column
