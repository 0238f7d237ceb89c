import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Scope, temporaryFolder } from '../peers/scope.js'

export type LinuxTool = 'systemctl' | 'chronyc' | 'ntpq' | 'timedatectl'

export type Behaviour = {
  stdout?: string
  stderr?: string
  code?: number
  /** Ends only when it is killed. */
  hangs?: boolean
}

export type FakeLinuxTools = {
  /** Where a tool is; what was told to no tool is missing. */
  program: (name: string) => string
  /** What it does from now on; `verb` is its first argument, for a tool that has several. */
  behave: (tool: LinuxTool, behaviour: Behaviour, verb?: string) => Promise<void>
  /** The command lines so far, each with its locale and time zone before it. */
  runs: () => Promise<string[]>
}

const script = (runs: string): string => `#!/bin/sh
printf '%s %s %s %s\\n' "$LC_ALL" "$TZ" "\${0##*/}" "$*" >> '${runs}'
for file in "$0.$1" "$0.any"; do
  test -f "$file.out" || continue
  cat "$file.out"
  cat "$file.err" >&2
  code=$(cat "$file.code")
  test "$code" = hangs && exec sleep 600
  exit "$code"
done
exit 64
`

/** Programs in a folder of their own, by the names of the real ones. */
export const fakeLinuxTools = async (scope: Scope): Promise<FakeLinuxTools> => {
  const folder = await temporaryFolder(scope, 'linux-tools')
  const runs = join(folder, 'runs')
  return {
    program: name => join(folder, name),
    behave: async (tool, { stdout = '', stderr = '', code = 0, hangs = false }, verb = 'any') => {
      const path = join(folder, tool)
      await writeFile(`${path}.${verb}.err`, stderr)
      await writeFile(`${path}.${verb}.code`, hangs ? 'hangs' : `${code}`)
      await writeFile(`${path}.${verb}.out`, stdout)
      await writeFile(path, script(runs), { mode: 0o755 })
    },
    runs: async () => {
      const text = await readFile(runs, 'utf8').catch(() => '')
      return text.split('\n').filter(Boolean)
    },
  }
}
