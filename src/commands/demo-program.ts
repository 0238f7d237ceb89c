import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { accessSync, constants, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { constants as os } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

/** Daemons are there, and an ordinary user's PATH names none of these. */
const DAEMON_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']
const GUARD = fileURLToPath(new URL('../demo/guard.js', import.meta.url))
const LAST_WORDS_CHARACTERS = 4096
const LAST_LINES = 5
/** What shells, and our guard, add to the number of a signal. */
const BY_SIGNAL = 128
/** A program that is killed is gone at once. */
const STOP_LIMIT_MS = 2000
const LOOPBACK = '127.0.0.1'

/** The first of these programs that is installed, by its path. */
export const findProgram = (
  names: readonly string[],
  path = process.env.PATH ?? '',
): string | undefined => {
  const suffix = process.platform === 'win32' ? '.exe' : ''
  const folders = [...path.split(delimiter).filter(Boolean), ...DAEMON_FOLDERS]
  return folders
    .flatMap(folder => names.map(name => join(folder, name + suffix)))
    .find(isExecutable)
}

const isExecutable = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}

/** This port of loopback, or a free one where somebody has it. @throws Error */
export const freePort = async (wanted: number): Promise<number> => {
  const server = createServer()
  const refused = await new Promise<Error | undefined>(resolve => {
    server.once('error', resolve)
    server.listen(wanted, LOOPBACK, () => resolve(undefined))
  })
  if (refused && wanted === 0) throw refused
  if (refused) return freePort(0)
  const bound = server.address()
  server.close()
  await once(server, 'close')
  return typeof bound === 'object' && bound ? bound.port : wanted
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly folder: string
  /** It ended, and nobody had stopped it. */
  readonly onEnd: (end: ProgramEnd) => void
}

export interface ProgramEnd {
  /** `exit code 1`, `SIGKILL`; undefined where it was never started. */
  readonly how: string | undefined
  readonly lastLines: readonly string[]
}

/** What ended a program that its guard tells the code of. */
export const describeExit = (code: number | null, signal: NodeJS.Signals | null): string => {
  if (code === null) return String(signal)
  const signals = Object.entries(os.signals)
  const [name] = signals.find(([, number]) => number === code - BY_SIGNAL) ?? []
  return name ?? `exit code ${code}`
}

export interface RunningProgram {
  /** Ends when the program has, or after 2 s. */
  stop(): Promise<void>
}

/** Runs a program that ends with us, whatever ends us (`demo/guard`). */
export const startProgram = ({ command, args, folder, onEnd }: Program): RunningProgram => {
  const guard = spawn(process.execPath, [GUARD, command, ...args], {
    cwd: folder,
    stdio: 'pipe',
    windowsHide: true,
    // Out of the terminal's reach: Ctrl-C is for us, and we end it.
    detached: process.platform !== 'win32',
  })
  let said = ''
  let isStopped = false
  for (const stream of [guard.stdout, guard.stderr]) {
    stream
      .setEncoding('utf8')
      .on('data', (text: string) => (said = (said + text).slice(-LAST_WORDS_CHARACTERS)))
  }
  guard.stdin.on('error', () => undefined)
  const ended = new Promise<void>(resolve => {
    const end = (last: ProgramEnd): void => {
      resolve()
      if (!isStopped) onEnd(last)
    }
    guard.once('error', error => end({ how: undefined, lastLines: [error.message] }))
    guard.once('close', (code, signal) => {
      const lastLines = said.trim().split('\n').slice(-LAST_LINES).filter(Boolean)
      end({ how: describeExit(code, signal), lastLines })
    })
  })
  return {
    stop: () => {
      isStopped = true
      guard.stdin.end()
      return Promise.race([ended, pause(STOP_LIMIT_MS, undefined, { ref: false })])
    },
  }
}
