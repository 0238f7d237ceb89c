import { startProcess, type StartedProcess } from '../../peers/process.js'
import type { Scope } from '../../peers/scope.js'

const built = (path: string): string =>
  JSON.stringify(new URL(`../../../dist/${path}`, import.meta.url))

export const CHILD_IMPORTS = `
import { lockDirectory } from ${built('calls/store/lock.js')}
import { StateFile } from ${built('calls/store/state-file.js')}
const directory = process.argv[1]
const say = text => process.stdout.write(text + '\\n')
`

/** Runs code in a process of its own, with the built store; ready once it wrote this word. */
export const startChild = (
  scope: Scope,
  directory: string,
  code: string,
  word: string,
): Promise<StartedProcess> =>
  startProcess(scope, {
    name: 'the other process',
    command: process.execPath,
    args: ['--input-type=module', '--eval', CHILD_IMPORTS + code, directory],
    ready: output => output.includes(word),
  })

/** Locks the directory, says what came of it, and stays. */
export const HOLD = `
const locked = await lockDirectory(directory)
say(locked.ok ? 'locked' : 'refused: ' + locked.detail)
setInterval(() => {}, 1000)
`
