import { parseConfig, type Config } from '../../src/config/config.js'
import { formatProblem } from '../../src/config/problem.js'

/** The text's problems as they are shown, without the file's name; none if it is accepted. */
export const problemsOf = (text: string): readonly string[] => {
  const parsed = parseConfig(text)
  return parsed.ok ? [] : parsed.problems.map(p => formatProblem(p, 'f').slice(2))
}

/** The text's warnings, likewise. */
export const warningsOf = (text: string): readonly string[] => {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(problemsOf(text).join('\n'))
  return parsed.warnings.map(p => formatProblem(p, 'f').slice(2))
}

/** The Config of a text that has to be accepted. */
export const configOf = (text: string): Config => {
  const parsed = parseConfig(text)
  if (!parsed.ok) throw new Error(problemsOf(text).join('\n'))
  return parsed.config
}

/** A reference that needs no thought, for tests of something else. */
export const REFERENCE = 'reference: {servers: [a.example, b.example, c.example]}\n'

/** A text's characters, to make other texts of. */
export const characters = (text: string): readonly string[] => text.split('')
