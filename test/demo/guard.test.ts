import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { until } from '../peers/wait.js'

const GUARD = fileURLToPath(new URL('../../dist/demo/guard.js', import.meta.url))

/** The guard of a program of sh, which prints its process id first. */
const guarded = async (script: string) => {
  const guard = spawn(process.execPath, [GUARD, '/bin/sh', '-c', `echo $$; ${script}`])
  t.teardown(() => guard.kill('SIGKILL'))
  const exited = once(guard, 'exit')
  let output = ''
  guard.stdout.setEncoding('utf8').on('data', (more: string) => (output += more))
  const pid = Number(await until(() => output.trim(), { what: 'the program to run' }))
  return { guard, exited, pid }
}

const isGone = (pid: number) => {
  try {
    process.kill(pid, 0)
    return false
  } catch {
    return true
  }
}

void t.test('a program ends with the pipe that its guard reads', async t => {
  const { guard, exited, pid } = await guarded('exec sleep 600')
  t.notOk(isGone(pid))
  guard.stdin.end()
  await exited
  await until(() => isGone(pid), { what: 'the program to end' })
})

void t.test('a program ends with its guard, where that is told to', async () => {
  const { guard, exited, pid } = await guarded('exec sleep 600')
  guard.kill('SIGTERM')
  await exited
  await until(() => isGone(pid), { what: 'the program to end' })
})

void t.test('a program that ends by itself ends its guard, with its code', async t => {
  const { exited } = await guarded('exit 3')
  t.same(await exited, [3, null])
})

void t.test('a program that a signal ended is told of as a shell does', async t => {
  const { exited } = await guarded('kill -KILL $$')
  t.same(await exited, [128 + 9, null])
})

void t.test('a program that is not there is told of', async t => {
  const guard = spawn(process.execPath, [GUARD, '/nowhere/program'])
  const [complaint, [code]] = await Promise.all([text(guard.stderr), once(guard, 'exit')])
  t.match(complaint, /nowhere.*ENOENT/)
  t.equal(code, 127)
})
