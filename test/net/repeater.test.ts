import { test } from 'tap'
import { Repeater } from '../../src/net/repeater.js'
import { durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { VirtualTime } from './virtual-time.js'

const SECOND = seconds(1)
const MILLISECOND: bigint = milliseconds(1)

/** A repeater, and when it ran, in ms after its start. */
const started = (interval: bigint, phase: bigint, work = async (): Promise<void> => undefined) => {
  const time = new VirtualTime()
  const start = time.now
  const ran: number[] = []
  const repeater = new Repeater(time, durationNs(interval), durationNs(phase), async () => {
    ran.push(Number(time.now - start) / 1e6)
    await work()
  })
  return { time, ran, repeater }
}

/** Work that goes on until it is told to end. */
const endless = () => {
  const running: (() => void)[] = []
  const work = (): Promise<void> => new Promise<void>(resolve => running.push(resolve))
  return { work, end: () => running.shift()?.() }
}

void test('work runs at phase + k · interval', async t => {
  const { time, ran } = started(10n * SECOND, 3n * SECOND)
  await time.pass(2n * SECOND)
  t.same(ran, [])
  await time.pass(32n * SECOND)
  t.same(ran, [3000, 13_000, 23_000, 33_000])
})

void test('with no phase work runs at once, but not before the constructor is over', async t => {
  const { time, ran } = started(SECOND, 0n)
  t.same(ran, [])
  await time.pass(0n)
  t.same(ran, [0])
})

void test('the lateness of timers never adds up', async t => {
  const { time, ran } = started(SECOND, 0n)
  time.late = 7n * MILLISECOND
  await time.pass(5n * SECOND)
  t.same(ran, [0, 1007, 2007, 3007, 4007])
})

void test('a timer that fires a little early makes no run more', async t => {
  const { time, ran } = started(SECOND, SECOND)
  time.late = -MILLISECOND / 2n
  await time.pass(4n * SECOND)
  t.same(ran, [1000, 1999.5, 2999.5, 3999.5])
})

void test('after a long pause the missed runs are not made up for', async t => {
  const { time, ran } = started(SECOND, 0n)
  await time.pass(SECOND)
  time.skip(5n * SECOND + SECOND / 4n)
  await time.pass(2n * SECOND)
  t.same(ran, [0, 1000, 6250, 7000, 8000])
})

void test('a run that is not over makes the next ones fall out', async t => {
  const { work, end } = endless()
  const { time, ran } = started(SECOND, 0n, work)
  await time.pass(3n * SECOND)
  t.same(ran, [0])
  end()
  await time.pass(SECOND)
  t.same(ran, [0, 4000])
})

void test('work may be run now, unless it is running', async t => {
  const { work, end } = endless()
  const { time, ran, repeater } = started(SECOND, SECOND, work)
  await time.pass(SECOND / 2n)
  repeater.runNow()
  repeater.runNow()
  t.same(ran, [500])
  end()
  await time.pass(SECOND)
  t.same(ran, [500, 1000], 'the schedule is as before')
})

void test('a retimed repeater runs at the new phase and interval only', async t => {
  const { time, ran, repeater } = started(10n * SECOND, 0n)
  await time.pass(SECOND)
  repeater.retime(durationNs(2n * SECOND), durationNs(SECOND / 2n))
  t.equal(time.waiting, 1, 'the old timer is gone')
  await time.pass(12n * SECOND)
  t.same(ran, [0, 1500, 3500, 5500, 7500, 9500, 11_500])
})

void test('work may retime its own repeater', async t => {
  const box: { repeater?: Repeater } = {}
  const { time, ran, repeater } = started(SECOND, SECOND, async () => {
    box.repeater?.retime(durationNs(5n * SECOND), durationNs(5n * SECOND))
  })
  box.repeater = repeater
  await time.pass(12n * SECOND)
  t.same(ran, [1000, 6000, 11_000])
  t.equal(time.waiting, 1)
})

void test('a stopped repeater runs no more, whatever it is asked', async t => {
  const { time, ran, repeater } = started(SECOND, 0n)
  await time.pass(SECOND)
  repeater.stop()
  t.equal(time.waiting, 0)
  repeater.runNow()
  repeater.retime(SECOND, durationNs(0n))
  await time.pass(10n * SECOND)
  t.same(ran, [0, 1000])
  t.equal(time.waiting, 0)
})

void test('work may stop its own repeater', async t => {
  const box: { repeater?: Repeater } = {}
  const { time, ran, repeater } = started(SECOND, SECOND, async () => box.repeater?.stop())
  box.repeater = repeater
  await time.pass(5n * SECOND)
  t.same(ran, [1000])
  t.equal(time.waiting, 0)
})
