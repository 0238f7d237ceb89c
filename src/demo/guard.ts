import { spawn } from 'node:child_process'
import { constants } from 'node:os'

/**
 * `node guard.js COMMAND ARG…` runs one program, and ends it when standard input does. That is a pipe from
 * the demo, which is closed however the demo ends, also where it is killed. The program is killed at once:
 * what it has written goes with the demo. Its exit code is passed on; a signal as a shell does, 128 + its number.
 */
const [command = '', ...args] = process.argv.slice(2)
const NOT_STARTED = 127
const BY_SIGNAL = 128

const program = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], windowsHide: true })
const end = (): void => void program.kill('SIGKILL')
program.on('error', error => {
  process.stderr.write(`${error.message}\n`)
  process.exit(NOT_STARTED)
})
program.on('exit', (code, signal) =>
  process.exit(code ?? BY_SIGNAL + (signal ? constants.signals[signal] : 0)),
)
process.stdin.on('end', end).on('error', end).resume()
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, end)
