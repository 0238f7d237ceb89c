import type { Findings } from '../calls/explain/findings.js'
import { findingsOf } from '../calls/explain/findings-of.js'
import { type Opened, StreamInput, openFile } from '../calls/explain/input.js'
import { Reading } from '../calls/explain/reading.js'
import { inWords } from '../calls/explain/words.js'
import { nodePlatform } from '../net/node-platform.js'
import { type Flags, misuse, parseFlags } from './options.js'
import { print } from './print.js'
import { ProgressLine } from './progress-line.js'
import { onSignal } from './signals.js'

const formats = ['text', 'json'] as const
type Format = (typeof formats)[number]

export const explainFlags = {
  format: { value: 'string', default: 'text', choices: formats, help: 'of the answer' },
} as const satisfies Flags

const STDIN = '-'
const NOTHING_FAILED = 0
const CALLS_FAILED = 1
const NOTHING_READ = 3

const written: { readonly [F in Format]: (findings: Findings) => string } = {
  text: inWords,
  json: findings => `${JSON.stringify(findings, undefined, 2)}\n`,
}

/**
 * `edgeclock explain`: traces of an incident, offline. What could not be read is said on standard error and
 * the rest goes on. Exit codes: 0 nothing failed, 1 calls or other requests failed, 3 nothing was read.
 */
export const explain = async (args: readonly string[]): Promise<number> => {
  const flags = parseFlags(args, explainFlags)
  if (!flags.ok) return misuse(flags.why)
  const names = [...new Set(flags.value.positionals)]
  if (names.length === 0) return misuse('explain takes one FILE or more; - is standard input')
  // Half an answer must not look like a whole one.
  onSignal.stop = () => process.exit(NOTHING_READ)
  const line = new ProgressLine(process.stderr, nodePlatform().clock)
  const complained = new Set<string>()
  const complain = (name: string, detail: string): void => {
    complained.add(name)
    line.clear()
    process.stderr.write(`edgeclock: ${name}: ${detail}\n`)
  }
  const inputs = (await Promise.all(names.map(openInput))).flatMap(opened => {
    if (opened.ok) return [opened.input]
    complain(opened.name, opened.detail)
    return []
  })
  const reading = new Reading({
    onProblem: complain,
    onProgress: progress => line.show(progress),
  })
  await reading.readAll(inputs)
  line.clear()
  const findings = findingsOf(reading)
  for (const { name, bytes, records } of findings.files) {
    if (records === 0 && !complained.has(name))
      complain(name, bytes > 0 ? NO_RECORD : 'it is empty')
  }
  if (!findings.files.some(one => one.records > 0)) return NOTHING_READ
  await print(written[flags.value.text('format') as Format](findings))
  const failed = findings.voicemail_calls.failed > 0 || findings.sip_failures.length > 0
  return failed ? CALLS_FAILED : NOTHING_FAILED
}

const NO_RECORD =
  'not one record in it: it has to be trace text (an .etl file has to be formatted first), a client log, or events as XML'

const openInput = async (name: string): Promise<Opened> =>
  name === STDIN
    ? { ok: true, input: new StreamInput('standard input', process.stdin) }
    : openFile(name)
