import * as fc from 'fast-check'
import t from 'tap'
import { MAX_SEEN, Seen } from '../../src/calls/seen.js'
import { holds } from '../time/holds.js'

const prints = fc.array(fc.maxSafeNat(), { maxLength: 50 })

void t.test('what was added is known, and is new only once', async t => {
  const seen = new Seen()
  t.notOk(seen.has(1))
  t.ok(seen.add(1))
  t.ok(seen.has(1))
  t.notOk(seen.add(1))
})

void t.test('only so many are known, and the oldest is forgotten first', async t => {
  const seen = new Seen([], 3)
  for (const one of [1, 2, 3, 1, 4]) seen.add(one)
  t.same(
    [1, 2, 3, 4].filter(one => seen.has(one)),
    [2, 3, 4],
  )
})

void t.test('what is saved is restored, in the same order', async t => {
  holds(
    t,
    fc.property(prints, prints, (first, more) => {
      const seen = new Seen(first, 40)
      const restored = Seen.restore(seen.save(), 40)
      for (const one of more) if (seen.add(one) !== restored.add(one)) return false
      return seen.save() === restored.save()
    }),
  )
})

void t.test('nothing saved, or what is cut short, is taken as it is', async t => {
  t.ok(Seen.restore('').add(1))
  const whole = new Seen([1, 2]).save()
  t.ok(Seen.restore(Buffer.from(whole, 'base64').subarray(0, 11).toString('base64')).has(1))
  t.ok(Seen.restore('???').add(1))
})

void t.test(
  'to forget costs no more than to add',

  async t => {
    const seen = new Seen(Array.from({ length: MAX_SEEN }, (_, i) => i))
    const started = performance.now()
    for (let i = 0; i < MAX_SEEN; i++) seen.add(MAX_SEEN + i)
    t.ok(performance.now() - started < 1000)
  },
)

void t.test(
  'more than the limit that was saved is forgotten too',

  async t => {
    t.notOk(Seen.restore(new Seen([1, 2, 3]).save(), 2).has(1))
  },
)
