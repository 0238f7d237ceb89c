import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Printed, W32TimeFixture } from '../protocol/w32time-fixtures.js'
import { type ConsoleEncoding, consoleBytes } from './console-bytes.js'

export type FakeTool = 'w32tm' | 'sc' | 'reg'

const W32TIME = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time'
/** The only command lines that the fakes know, by what is asked for. */
export const queries = {
  sc: ['sc', 'query', 'w32time'],
  service: ['reg', 'query', W32TIME, '/s'],
  policy: ['reg', 'query', 'HKLM\\SOFTWARE\\Policies\\Microsoft\\W32Time', '/s'],
  netlogon: ['reg', 'query', 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon', '/v', 'Start'],
  w32tm: ['w32tm', '/query', '/status', '/verbose'],
} as const
export type Query = keyof typeof queries

/** How a fake answers one query. Written to a file beside it, so that it may change between two rounds. */
export interface Behaviour {
  /** On standard output; bytes as they are, text in `encoding`. */
  readonly output?: string | Uint8Array
  readonly encoding?: ConsoleEncoding
  /** On standard error, as it is. */
  readonly complaint?: string
  readonly exitCode?: number
  /** Before anything is printed. */
  readonly delaySeconds?: number
  /** Behind its output: does not end; or prints on until it is killed. */
  readonly afterwards?: 'hang' | 'flood'
}

const cases = (folder: string): string =>
  Object.entries(queries)
    .map(([query, line]) => `  '${line.join('|')}') answer='${join(folder, 'answers', query)}' ;;`)
    .join('\n')

/**
 * In sh, since a round runs five of them and Node takes a while to start. `exec`: what is killed must not
 * leave a child of its own behind.
 */
const script = (folder: string, tool: FakeTool): string => `#!/bin/sh
IFS='|'
line="${tool}|$*"
printf '%s\\n' "$line" >> '${join(folder, 'runs')}'
case "$line" in
${cases(folder)}
  *) echo 'The parameter is incorrect.' >&2; exit 87 ;;
esac
[ -f "$answer" ] || exit 1
. "$answer"
[ "$delay" = 0 ] || sleep "$delay"
cat "$output"
printf '%s' "$complaint" >&2
case "$afterwards" in
  hang) exec sleep 600 ;;
  flood) exec yes ;;
esac
exit "$code"
`

export interface FakeTools {
  /** Where they are, to be put first on a PATH. */
  readonly folder: string
  readonly program: (name: string) => string
  /** From now on. A query that has no behaviour ends with 1 and prints nothing. */
  readonly behave: (query: Query, behaviour: Behaviour) => Promise<void>
  /** Takes a tool away. */
  readonly remove: (tool: FakeTool) => Promise<void>
  /** The command lines so far, oldest first, with those that were refused. */
  readonly runs: () => Promise<string[][]>
}

/** Fake `w32tm`, `sc` and `reg` in that folder, which must be empty or not be there. Its path has no quote. */
export const installFakeTools = async (parent: string): Promise<FakeTools> => {
  const folder = join(parent, 'bin')
  await mkdir(join(parent, 'answers'), { recursive: true })
  await mkdir(folder, { recursive: true })
  for (const tool of ['w32tm', 'sc', 'reg'] as const) {
    await writeFile(join(folder, tool), script(parent, tool))
    await chmod(join(folder, tool), 0o755)
  }
  let written = 0
  return {
    folder,
    program: name => join(folder, name),
    behave: async (query, behaviour) => {
      const answer = join(parent, 'answers', query)
      const output = `${answer}.${written++}`
      await writeFile(output, outputBytes(behaviour))
      // A fake may read its answer at any moment: a whole one, old or new.
      await writeFile(`${output}.new`, variables(output, behaviour))
      await rename(`${output}.new`, answer)
    },
    remove: tool => rm(join(folder, tool)),
    runs: async () => {
      const lines = await readFile(join(parent, 'runs'), 'utf8').catch(() => '')
      return lines
        .split('\n')
        .slice(0, -1)
        .map(line => line.split('|'))
    },
  }
}

const outputBytes = ({ output = '', encoding = 'cp850' }: Behaviour): Uint8Array =>
  typeof output === 'string' ? consoleBytes(output, encoding) : output

const variables = (output: string, behaviour: Behaviour): string => {
  const { complaint = '', exitCode = 0, delaySeconds = 0, afterwards = 'end' } = behaviour
  return [
    `output='${output}'`,
    `complaint='${complaint.replaceAll("'", `'\\''`)}'`,
    `code=${exitCode}`,
    `delay=${delaySeconds}`,
    `afterwards=${afterwards}`,
    '',
  ].join('\n')
}

/** All three answer as that server's would. */
export const showFixture = async (
  { behave }: Pick<FakeTools, 'behave'>,
  { sc, w32tm, reg }: W32TimeFixture,
  encoding: ConsoleEncoding = 'cp850',
): Promise<void> => {
  const answer = (query: Query, { text, exitCode }: Printed): Promise<void> =>
    behave(query, { output: text, exitCode, encoding })
  await answer('sc', sc)
  await answer('service', reg.service)
  await answer('policy', reg.policy ?? { text: '', exitCode: 1 })
  await answer('netlogon', reg.netlogon)
  await answer('w32tm', w32tm)
}
