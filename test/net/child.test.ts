import { getEventListeners } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { type ChildRun, type Ended, runChild, systemProgram } from '../../src/net/child.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import { until } from '../peers/wait.js'

type More = Partial<ChildRun>

/** Runs a line of sh, and gives how it ended and what it printed. */
const run = async (line: string, more: More = {}): Promise<{ ended: Ended; output: string }> => {
  const chunks: Buffer[] = []
  const ended = await runChild({
    command: '/bin/sh',
    args: ['-c', line],
    signal: new AbortController().signal,
    onOutput: chunk => chunks.push(chunk) > 0,
    ...more,
  })
  return { ended, output: Buffer.concat(chunks).toString() }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

void t.test('a child that ends with 0 is ok, and all that it printed is there', async t => {
  const { ended, output } = await run('seq 100000; printf end')
  t.same(ended, { ok: true })
  t.equal(output.length, 588_895 + 3)
  t.match(output, /^1\n2\n/)
  t.match(output, /\n100000\nend$/)
})

void t.test('arguments are handed over as they are: no shell looks at them', async t => {
  const args = ['%s|', '$HOME', 'a b', '; echo x', '*', '"', '']
  const { output } = await run('', { command: 'printf', args })
  t.equal(output, '$HOME|a b|; echo x|*|"||')
})

void t.test('a child has nothing to read', async t => {
  const { ended, output } = await run('cat; printf over')
  t.same(ended, { ok: true })
  t.equal(output, 'over')
})

void t.test('a child has our variables, or instead of them those given', async t => {
  const line = 'printf "%s|%s" "$EDGECLOCK_OURS" "$EDGECLOCK_GIVEN"'
  process.env.EDGECLOCK_OURS = 'ours'
  t.teardown(() => delete process.env.EDGECLOCK_OURS)
  t.equal((await run(line)).output, 'ours|')
  t.equal((await run(line, { env: { EDGECLOCK_GIVEN: 'given' } })).output, '|given')
})

void t.test('output that comes after the child has ended is waited for', async t => {
  const { ended, output } = await run('(sleep 0.3; printf late) & exit 0')
  t.same(ended, { ok: true })
  t.equal(output, 'late')
})

void t.test('a program that is not there is missing', async t => {
  for (const command of ['edgeclock-has-no-such-tool', '/nowhere/w32tm'])
    t.same((await run('', { command })).ended, {
      ok: false,
      reason: 'missing',
      detail: 'it is not there',
    })
})

void t.test('a program that may not be run is there, and is not started', async t => {
  const command = join(t.testdir({ w32tm: 'no program' }), 'w32tm')
  const { ended } = await run('', { command })
  t.match(ended, { ok: false, reason: 'not_started', detail: /^it cannot be started: .*EACCES/ })
})

void t.test('a program that the system refuses to start ends no process of ours', async t => {
  const table: [More, RegExp][] = [
    [{ command: '/bin/sh/w32tm' }, /^it cannot be started: .*ENOTDIR/],
    [{ args: ['x'.repeat(1 << 20)] }, /^it cannot be started: .*E2BIG/],
  ]
  for (const [more, detail] of table)
    t.match((await run('', more)).ended, { ok: false, reason: 'not_started', detail })
})

void t.test('another exit code than 0 is told, with the complaint as one line', async t => {
  const table: [string, string][] = [
    ['exit 5', 'exit code 5'],
    ['echo out; exit 5', 'exit code 5'],
    [String.raw`printf 'Access is\r\n\tdenied.\n' >&2; exit 1`, 'exit code 1: Access is denied.'],
    [String.raw`printf 'Verf\201gbar' >&2; exit 1`, 'exit code 1: Verf gbar'],
    [String.raw`printf 'N\0o\0\344\0.\0' >&2; exit 1`, 'exit code 1: No .'],
    ['kill -9 $$', 'SIGKILL'],
  ]
  for (const [line, detail] of table)
    t.same((await run(line)).ended, { ok: false, reason: 'exit_code', detail })
})

void t.test('a complaint without end is read on, and only its beginning is kept', async t => {
  const { ended } = await run('yes no | head -c 1000000 >&2; exit 3')
  t.match(ended, { ok: false, reason: 'exit_code', detail: /^exit code 3: (no ){66}no$/ })
  const blank = await run('yes "" | head -c 1000000 >&2; echo why >&2; exit 3')
  t.match(blank.ended, { detail: 'exit code 3' })
})

void t.test('a complaint alone is no failure', async t => {
  t.same((await run('echo beware >&2')).ended, { ok: true })
})

/** A child that would run on, which says its own process id first. */
const runOn = (more: More = {}, line = 'echo $$; exec sleep 600') => {
  const controller = new AbortController()
  let pids: number[] = []
  const running = run(line, {
    signal: controller.signal,
    onOutput: chunk => {
      pids = [...pids, ...chunk.toString().trim().split('\n').map(Number)]
      return true
    },
    ...more,
  })
  const said = (count: number): Promise<number[]> =>
    until(() => pids.length === count && pids, { what: 'the process ids' })
  return { controller, running, said }
}

void t.test('a child is ended with its signal, by whose reason it is told why', async t => {
  const table: [unknown, string, string][] = [
    [new DeadlineExceeded('time is up'), 'timeout', 'it did not end in time'],
    [new Error('reload'), 'aborted', 'it was given up'],
    [undefined, 'aborted', 'it was given up'],
  ]
  for (const [why, reason, detail] of table) {
    const { controller, running, said } = runOn()
    const [pid = 0] = await said(1)
    t.ok(isAlive(pid))
    controller.abort(why)
    t.same((await running).ended, { ok: false, reason, detail })
    await until(() => !isAlive(pid), { what: 'the end of the child' })
  }
})

void t.test('a child that ignores what can be ignored is ended too', async t => {
  const line = "trap '' TERM INT HUP; echo $$; while :; do sleep 0.05; done"
  const { controller, running, said } = runOn({}, line)
  const [pid = 0] = await said(1)
  controller.abort()
  t.match((await running).ended, { ok: false, reason: 'aborted' })
  await until(() => !isAlive(pid), { what: 'the end of the child' })
})

void t.test("a grandchild that holds the child's pipes holds nobody up", async t => {
  const line = 'sleep 600 & echo $$; echo $!; wait'
  const { controller, running, said } = runOn({}, line)
  const [pid = 0, grandchild = 0] = await said(2)
  t.teardown(() => process.kill(grandchild, 'SIGKILL'))
  controller.abort()
  t.match((await running).ended, { ok: false, reason: 'aborted' })
  t.ok(isAlive(grandchild))
  await until(() => !isAlive(pid), { what: 'the end of the child' })
})

void t.test('under a signal that has ended nothing is waited for', async t => {
  const { ended, output } = await run('sleep 600', { signal: AbortSignal.abort() })
  t.same(ended, { ok: false, reason: 'aborted', detail: 'it was given up' })
  t.equal(output, '')
})

void t.test(
  'a child whose output is not wanted any more is ended, and not heard again',
  async t => {
    let heard = 0
    let pid = 0
    const onOutput = (chunk: Buffer): boolean => {
      heard++
      pid ||= Number.parseInt(chunk.toString(), 10)
      return heard < 3
    }
    const { ended } = await run('echo $$; exec yes', { onOutput })
    t.same(ended, { ok: false, reason: 'too_long', detail: 'it printed more than was asked for' })
    await until(() => !isAlive(pid), { what: 'the end of the child' })
    t.equal(heard, 3)
  },
)

void t.test('however a child ends, nothing of it is left on the signal', async t => {
  const { signal } = new AbortController()
  await run('exit 0', { signal })
  await run('exit 1', { signal })
  await run('', { signal, command: '/nowhere/w32tm' })
  await run('yes', { signal, onOutput: () => false })
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

void t.test('a program of Windows is looked for where Windows is, and nowhere else', t => {
  t.equal(systemProgram('w32tm'), 'w32tm', 'elsewhere the PATH is')
  t.intercept(process, 'platform', { value: 'win32' })
  t.intercept(process, 'env', { value: { SystemRoot: 'D:\\W' } })
  t.equal(systemProgram('w32tm').replaceAll('/', '\\'), 'D:\\W\\System32\\w32tm.exe')
  t.intercept(process, 'env', { value: {} })
  t.equal(systemProgram('sc').replaceAll('/', '\\'), 'C:\\Windows\\System32\\sc.exe')
  t.end()
})
