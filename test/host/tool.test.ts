import t from 'tap'
import { type ToolAnswer, type ToolCall, askTool } from '../../src/host/tool.js'
import { DeadlineExceeded } from '../../src/net/deadline.js'
import { nodeTimers } from '../../src/net/node-platform.js'
import { seconds } from '../../src/time/units.js'
import { VirtualTime } from '../net/virtual-time.js'

const never = (): AbortSignal => new AbortController().signal
const sh = (line: string): ToolCall => ({ command: '/bin/sh', args: ['-c', line] })
const LIMIT = 256 << 10

void t.test('what a tool prints is kept, byte for byte', async t => {
  const answer = await askTool(nodeTimers, sh(String.raw`printf 'a\0\377'; printf b`), never())
  t.same(answer, { ok: true, output: Buffer.from([0x61, 0, 0xff, 0x62]) })
})

void t.test('what a tool printed is kept also where it failed', async t => {
  const answer = await askTool(nodeTimers, sh('echo why; echo worse >&2; exit 5'), never())
  t.same(answer, {
    ok: false,
    reason: 'exit_code',
    detail: 'exit code 5: worse',
    output: Buffer.from('why\n'),
  })
})

void t.test('a tool that is not there has printed nothing', async t => {
  const answer = await askTool(nodeTimers, { command: '/nowhere/w32tm', args: [] }, never())
  t.match(answer, { ok: false, reason: 'missing', output: Buffer.alloc(0) })
})

void t.test('a tool has our variables, or instead of them those given', async t => {
  const printed = async (env?: NodeJS.ProcessEnv): Promise<string> => {
    const call = { ...sh('printf "%s|%s" "$EDGECLOCK_OURS" "$LC_ALL"'), ...(env && { env }) }
    return (await askTool(nodeTimers, call, never())).output.toString()
  }
  process.env.EDGECLOCK_OURS = 'ours'
  t.teardown(() => delete process.env.EDGECLOCK_OURS)
  t.match(await printed(), /^ours\|/)
  t.equal(await printed({ LC_ALL: 'C' }), '|C')
})

void t.test('a tool that prints 256 KiB is heard, and one byte more is too much', async t => {
  const printing = (bytes: number): Promise<ToolAnswer> =>
    askTool(nodeTimers, sh(`yes | head -c ${bytes}`), never())
  const heard = await printing(LIMIT)
  t.match(heard, { ok: true })
  t.equal(heard.output.length, LIMIT)
  t.match(await printing(LIMIT + 1), { ok: false, reason: 'too_long' })
})

void t.test('of a flood no more is kept than one read beyond the limit', async t => {
  const { output, ...ended } = await askTool(nodeTimers, sh('exec yes'), never())
  t.match(ended, { ok: false, reason: 'too_long' })
  t.ok(output.length <= LIMIT + (64 << 10))
})

void t.test('a tool that hangs is ended after 5 s, and not before', async t => {
  const time = new VirtualTime()
  let over = false
  const asking = askTool(time.timers, sh('exec sleep 600'), never()).finally(() => (over = true))
  await time.pass(seconds(5) - 1n)
  t.notOk(over)
  await time.pass(1n)
  t.match(await asking, { ok: false, reason: 'timeout' })
})

void t.test('a tool is ended with the round, by whose reason it is told why', async t => {
  const table: [unknown, string][] = [
    [new Error('shutdown'), 'aborted'],
    [new DeadlineExceeded('the scrape is over'), 'timeout'],
  ]
  for (const [why, reason] of table) {
    const round = new AbortController()
    const asking = askTool(nodeTimers, sh('exec sleep 600'), round.signal)
    round.abort(why)
    t.match(await asking, { ok: false, reason })
    t.match(await askTool(nodeTimers, sh('exec sleep 600'), round.signal), { ok: false, reason })
  }
})

void t.test('a tool that has ended leaves no timer', async t => {
  const time = new VirtualTime()
  const asking = askTool(time.timers, sh('exit 0'), never())
  t.equal(time.waiting, 1)
  t.match(await asking, { ok: true })
  t.equal(time.waiting, 0)
})
