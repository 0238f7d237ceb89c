import { chmod, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How the fake behaves; written to a file beside it, so that it may change between two rounds. */
export type Behaviour = {
  /** XML by record id, from 1 on. */
  events: readonly string[]
  encoding?: 'utf16le' | 'latin1'
  bom?: boolean
  exitCode?: number
  complaint?: string
  /** Instead of events. */
  output?: string
  /** The output stops this many bytes before its end. */
  cut?: number
  /** Runs on, after its output, for longer than any deadline. */
  hang?: boolean
  /** Floods its output until it is killed. */
  flood?: boolean
  bookmark?: 'moves' | 'stays' | 'missing' | 'large'
}

/**
 * Takes the options that a query uses and refuses all others, as the real one does. A bookmark is a file in
 * UTF-16 with the last record's id; without a file at the given path the exit code is 2.
 */
const SCRIPT = `#!${process.execPath}
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { isAbsolute, join } from 'node:path'
const here = import.meta.dirname
const [verb, log, ...options] = process.argv.slice(2)
const does = JSON.parse(readFileSync(join(here, 'behaviour.json'), 'utf8'))
appendFileSync(join(here, 'runs.jsonl'), JSON.stringify([verb, log, ...options]) + '\\n')
const given = Object.fromEntries(options.map(o => [o.slice(1, o.indexOf(':')), o.slice(o.indexOf(':') + 1)]))
const leave = (code, text) => { process.stderr.write(text); process.exit(code) }
const known = ['f', 'uni', 'c', 'bm', 'sbm']
if (verb !== 'qe' || Object.keys(given).some(o => !known.includes(o))) leave(87, 'The parameter is incorrect.')
if (!isAbsolute(given.sbm) || !given.sbm.endsWith('.xml')) leave(3, 'bad path')
if (given.bm && !existsSync(given.bm)) leave(2, 'The system cannot find the file specified.')
const bookmark = given.bm ? readFileSync(given.bm, 'utf16le') : ''
if (given.bm && !bookmark.startsWith('\\uFEFF<BookmarkList>')) leave(15001, 'The bookmark is invalid.')
const from = Number(/RecordId='(\\d+)'/.exec(bookmark)?.[1] ?? 0)
const events = does.events.slice(from, from + Number(given.c))
const text = (does.bom ? '\\uFEFF' : '') + (does.output ?? events.map(e => e + '\\r\\n').join(''))
const bytes = Buffer.from(text, does.encoding ?? 'utf16le')
const to = from + (does.bookmark === 'stays' ? 0 : events.length)
const saved = "\\uFEFF<BookmarkList>\\r\\n  <Bookmark Channel='" + log + "' RecordId='" + to + "' IsCurrent='true'/>\\r\\n</BookmarkList>" + (does.bookmark === 'large' ? ' '.repeat(1e6) : '')
const finish = () => {
  if (does.hang) return setInterval(() => {}, 1000)
  if (does.bookmark !== 'missing') writeFileSync(given.sbm, saved, 'utf16le')
  process.stderr.write(does.complaint ?? '')
  process.exitCode = does.exitCode ?? 0
}
const flood = () => process.stdout.write(bytes, flood)
if (does.flood) flood()
else process.stdout.write(bytes.subarray(0, bytes.length - (does.cut ?? 0)), finish)
`

/** A wevtutil in that folder. */
export const fakeWevtutil = async (folder: string) => {
  const command = join(folder, 'wevtutil.mjs')
  await writeFile(command, SCRIPT)
  await chmod(command, 0o755)
  return {
    command,
    behave: (behaviour: Behaviour) =>
      writeFile(join(folder, 'behaviour.json'), JSON.stringify(behaviour)),
    /** The arguments of each run so far. */
    runs: async (): Promise<string[][]> => {
      const lines = await readFile(join(folder, 'runs.jsonl'), 'utf8').catch(() => '')
      return lines
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as string[])
    },
  }
}
