import { getEventListeners } from 'node:events'
import { test } from 'tap'
import { DeadlineExceeded, endedBy, withDeadline } from '../../src/net/deadline.js'
import { seconds } from '../../src/time/units.js'
import { VirtualTime } from './virtual-time.js'

const TIMEOUT = seconds(5)

/** Ends when the signal does, with its reason. */
const untilAborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise(resolve => {
    if (signal.aborted) resolve(signal.reason)
    else signal.addEventListener('abort', () => resolve(signal.reason), { once: true })
  })

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

void test('work that is over in time leaves no timer and no listener', async t => {
  const time = new VirtualTime()
  const outer = new AbortController()
  const done = withDeadline(time.timers, TIMEOUT, outer.signal, async signal => {
    t.equal(time.waiting, 1)
    t.equal(listeners(outer.signal), 1)
    t.notOk(signal.aborted)
    return 'done'
  })
  t.equal(await done, 'done')
  t.equal(time.waiting, 0)
  t.equal(listeners(outer.signal), 0)
})

void test('work that fails leaves no timer either, and its error goes on', async t => {
  const time = new VirtualTime()
  const failing = withDeadline(time.timers, TIMEOUT, undefined, async () => {
    throw new Error('broken')
  })
  await t.rejects(failing, { message: 'broken' })
  t.equal(time.waiting, 0)
})

void test('when the time is up the signal says so, and not before', async t => {
  const time = new VirtualTime()
  let ended = false
  const work = withDeadline(time.timers, TIMEOUT, undefined, untilAborted).then(reason => {
    ended = true
    return reason
  })
  await time.pass(TIMEOUT - 1n)
  t.notOk(ended)
  await time.pass(1n)
  const reason = await work
  t.type(reason, DeadlineExceeded)
  t.match(reason, { name: 'DeadlineExceeded', code: 'EDGECLOCK_DEADLINE' })
})

void test('when the outer signal ends, so does the inner one, with its reason', async t => {
  const time = new VirtualTime()
  const outer = new AbortController()
  const work = withDeadline(time.timers, TIMEOUT, outer.signal, untilAborted)
  outer.abort('reload')
  t.equal(await work, 'reload')
  t.equal(time.waiting, 0)
})

void test('an outer signal that has ended leaves no time at all', async t => {
  const time = new VirtualTime()
  const reason = await withDeadline(
    time.timers,
    TIMEOUT,
    AbortSignal.abort('shutdown'),
    async signal => signal.aborted && signal.reason,
  )
  t.equal(reason, 'shutdown')
  t.equal(time.waiting, 0)
})

void test('an ended deadline is a timeout, any other end is given up by us', async t => {
  const late = endedBy(AbortSignal.abort(new DeadlineExceeded('time is up')), 'reply')
  t.strictSame(late, { ok: false, reason: 'timeout', detail: 'no reply in time' })
  const given = endedBy(AbortSignal.abort(), 'reply')
  t.strictSame(given, { ok: false, reason: 'aborted', detail: 'given up while waiting for reply' })
  t.equal(endedBy(AbortSignal.abort(new Error('time is up')), 'reply').reason, 'aborted')
})

void test('a deadline within a deadline is a timeout all the way', async t => {
  const time = new VirtualTime()
  const work = withDeadline(time.timers, TIMEOUT, undefined, outer =>
    withDeadline(time.timers, seconds(60), outer, async inner => {
      await untilAborted(inner)
      return endedBy(inner, 'reply')
    }),
  )
  await time.pass(TIMEOUT)
  t.match(await work, { reason: 'timeout' })
  t.equal(time.waiting, 0)
})
