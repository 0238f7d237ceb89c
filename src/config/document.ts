import { LineCounter, parseDocument, type Document as YamlDocument } from 'yaml'
import { formatPath, oneLine, type Finding, type Path, type Problem, type Rule } from './problem.js'
import { readTree, type Spot, type Tree, type TreeFault } from './tree.js'

/** Largest file that is read, in bytes: some 20,000 servers. */
export const MAX_BYTES = 1024 * 1024
const MAX_MESSAGE = 200

/** A file's plain value, what is wrong with it as YAML, and where everything stands in it. */
export interface Document {
  readonly value: unknown
  readonly problems: readonly Problem[]
  /** First line from which on the structure is a guess; Infinity for a sound document. */
  readonly brokenFrom: number
  readonly locate: (finding: Finding) => Problem
}

const problemAtTop = (rule: Rule, message: string): Problem => ({
  line: 0,
  column: 0,
  path: '',
  rule,
  message,
})

const refused = (problem: Problem): Document => ({
  value: undefined,
  problems: [problem],
  brokenFrom: 0,
  locate: finding => problemAtTop(finding.rule, finding.message),
})

/** Where a path's value stands; where a missing one's nearest parent does. */
const offsetAt = (root: Spot, path: Path): number => {
  let spot = root
  for (const part of path) {
    const next = spot.items.get(part)
    if (next === undefined) break
    spot = next
  }
  return spot.offset
}

const OPTIONS = {
  version: '1.2',
  schema: 'core', // whatever a %YAML directive says
  prettyErrors: false,
  uniqueKeys: false, // checked by readTree, in linear time
  logLevel: 'error',
} as const

const syntaxMessage = (code: string, message: string): string => {
  if (code === 'MULTIPLE_DOCS') return 'a second document (---) begins here; only one is read'
  if (code === 'RESOURCE_EXHAUSTION') return 'nested too deeply'
  return oneLine(message, MAX_MESSAGE)
}

const sound = (yaml: YamlDocument, tree: Tree, lines: LineCounter): Document => {
  const problem = (offset: number, path: Path, rule: Rule, message: string): Problem => {
    const { line, col } = lines.linePos(Math.max(0, offset))
    // Line 0 is yaml's answer in an empty text.
    return {
      line: Math.max(1, line),
      column: Math.max(1, col),
      path: formatPath(path),
      rule,
      message,
    }
  }
  const syntax = [...yaml.errors, ...yaml.warnings].map(error =>
    problem(error.pos[0], [], 'yaml', syntaxMessage(error.code, error.message)),
  )
  const fault = (f: TreeFault): Problem => problem(f.offset, f.path, 'yaml', f.message)
  const breaking = [...syntax, ...tree.faults.filter(f => f.breaks).map(fault)]
  return {
    value: tree.value,
    problems: [...syntax, ...tree.faults.map(fault)],
    brokenFrom: breaking.reduce((first, { line }) => Math.min(first, line), Infinity),
    locate: ({ path, rule, message }) => problem(offsetAt(tree.root, path), path, rule, message),
  }
}

/** A text as one YAML 1.2 document (core schema). Takes any text; nothing is thrown. */
export const readDocument = (text: string): Document => {
  if (Buffer.byteLength(text) > MAX_BYTES)
    return refused(problemAtTop('file', `is larger than ${MAX_BYTES} bytes`))
  const lines = new LineCounter()
  try {
    const yaml = parseDocument(text, { ...OPTIONS, lineCounter: lines })
    const document = sound(yaml, readTree(yaml.contents), lines)
    if (document.problems.length > 0 || (document.value ?? null) !== null) return document
    return refused({ ...problemAtTop('yaml', 'the file is empty'), line: 1, column: 1 })
  } catch (error) {
    // No text is known to do this; the parser is not ours, and a bad file must not stop a reload.
    const detail = error instanceof Error ? error.message : String(error)
    return refused(problemAtTop('yaml', `cannot be parsed: ${syntaxMessage('', detail)}`))
  }
}
