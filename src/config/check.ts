import type { z } from 'zod'
import { readDocument } from './document.js'
import { findingsOf } from './issues.js'
import { byPlace, formatProblem, type Finding, type Problem, type Rule } from './problem.js'

/** More than this many problems help nobody; the rest are counted. */
const MAX_PROBLEMS = 500

/** A file's value and what is doubtful in it, or everything that is wrong with it, by line. */
export type Checked<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Problem[] }
  | { readonly ok: false; readonly problems: readonly Problem[] }

/** Rules that a damaged structure makes up: what is missing may stand behind the syntax error. */
const NEEDS_WHOLE_FILE: ReadonlySet<Rule> = new Set([
  'type',
  'required',
  'range',
  'unknown-module',
  'unknown-pool',
  'timeout',
  'quorum',
])

/** In the order of the file; the parser says some things once for each level of nesting. */
const bounded = (problems: readonly Problem[]): readonly Problem[] => {
  const unlike = new Map(problems.map(problem => [formatProblem(problem, ''), problem]))
  const sorted = [...unlike.values()].sort(byPlace)
  const last = sorted[MAX_PROBLEMS]
  if (last === undefined) return sorted
  const message = `and ${sorted.length - MAX_PROBLEMS} more problems`
  return [...sorted.slice(0, MAX_PROBLEMS), { ...last, path: '', message }]
}

/**
 * Text → value. `schema` judges each part by itself; `crossCheck` is given the raw value, however
 * wrong, and judges the parts against each other, so that both kinds of problems come at once.
 */
export const checkText = <T>(
  text: string,
  schema: z.ZodType<T>,
  crossCheck: (value: unknown) => readonly Finding[],
): Checked<T> => {
  const document = readDocument(text)
  if (document.value === undefined) return { ok: false, problems: bounded(document.problems) }
  const result = schema.safeParse(document.value, { reportInput: true })
  const schemaFindings = result.success ? [] : findingsOf(result.error)
  const findings = [...schemaFindings, ...crossCheck(document.value)]
  const located = findings
    .map(finding => ({ warning: finding.warning === true, problem: document.locate(finding) }))
    .filter(
      ({ problem: { line, rule } }) =>
        document.brokenFrom === Infinity ||
        (line < document.brokenFrom && !NEEDS_WHOLE_FILE.has(rule)),
    )
  const problems = located.filter(({ warning }) => !warning).map(({ problem }) => problem)
  if (result.success && problems.length === 0 && document.problems.length === 0)
    return { ok: true, value: result.data, warnings: located.map(l => l.problem).sort(byPlace) }
  return { ok: false, problems: bounded([...document.problems, ...problems]) }
}
