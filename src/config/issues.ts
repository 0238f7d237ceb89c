import type { z } from 'zod'
import { quote, type Finding, type Path, type Rule } from './problem.js'
import { didYouMean } from './suggest.js'

/** What our own schemas attach to a zod issue. */
export interface IssueParams {
  readonly rule: Rule
  /** For an unknown key: the keys that there are, and those of later versions. */
  readonly known?: readonly string[]
  readonly later?: readonly string[]
}

const EXPECTED: Readonly<Record<string, string>> = {
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list',
  boolean: 'true or false',
}

/** What a value from YAML is, in a word. */
export const kindOf = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a mapping'
  return typeof value === 'string' ? 'text' : `a ${typeof value}`
}

const unknownKey = (path: Path, { known = [], later = [] }: IssueParams): Finding => {
  const key = String(path.at(-1))
  if (later.includes(key))
    return { path, rule: 'unsupported', message: `${key} is not supported by this version` }
  const suggestion = didYouMean(key, known) || `; there are: ${known.join(', ')}`
  return { path, rule: 'unknown-key', message: `unknown key ${quote(key)}${suggestion}` }
}

const isParams = (params: unknown): params is IssueParams =>
  typeof params === 'object' && params !== null && 'rule' in params

const findingOf = (issue: z.core.$ZodIssue): Finding => {
  const path = issue.path.map(part => (typeof part === 'number' ? part : String(part)))
  if (issue.code === 'custom' && isParams(issue.params)) {
    if (issue.params.known !== undefined) return unknownKey(path, issue.params)
    return { path, rule: issue.params.rule, message: issue.message }
  }
  if (issue.code === 'too_small' || issue.code === 'too_big')
    return { path, rule: 'range', message: issue.message }
  if (issue.code !== 'invalid_type') return { path, rule: 'type', message: issue.message }
  const expected = EXPECTED[issue.expected] ?? issue.expected
  if (issue.input === undefined)
    return { path, rule: 'required', message: `is missing; expected ${expected}` }
  return { path, rule: 'type', message: `expected ${expected}, found ${kindOf(issue.input)}` }
}

/** zod's issues in our words. Needs the issues' input (`reportInput`) to tell missing from wrong. */
export const findingsOf = (error: z.ZodError): readonly Finding[] => error.issues.map(findingOf)
