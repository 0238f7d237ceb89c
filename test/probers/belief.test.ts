import t from 'tap'
import { Belief } from '../../src/probers/belief.js'
import { monoNs, unixNs } from '../../src/time/units.js'

const SECOND = 1_000_000_000n

/** Heard `at` seconds after the start, stamped with whole seconds. */
const heard = (at: number, stamp: number) => ({
  received: monoNs(BigInt(Math.round(at * 1e9))),
  stamp: unixNs(BigInt(stamp) * SECOND),
})

const hearing = (...all: ReturnType<typeof heard>[]): Belief => {
  const belief = new Belief(3)
  for (const one of all) belief.hear(one)
  return belief
}

void t.test('three stamps that advance in step with our clock are believed, two are not', t => {
  const stamps = [heard(0, 500), heard(1, 501), heard(2.1, 502)] as const
  t.notOk(hearing(stamps[0], stamps[1]).believes(stamps[1]))
  t.ok(hearing(...stamps).believes(stamps[2]))
  t.end()
})

void t.test('stamps that stand still are not believed, however near they are', t => {
  const stamps = [heard(0, 500), heard(0.5, 500), heard(0.9, 500)] as const
  const belief = hearing(...stamps)
  t.notOk(belief.believes(stamps[2]))
  t.ok(belief.awaitsAdvance(stamps[2]))
  const late = heard(1.8, 500)
  belief.hear(late)
  t.notOk(belief.believes(late))
  t.end()
})

void t.test(
  'stamps of which no two are in step are hopeless, and one among them is not believed',
  t => {
    const stamps = [heard(0, 500), heard(1, 77), heard(2, 900_000)] as const
    const belief = hearing(...stamps)
    t.ok(belief.isHopeless)
    t.notOk(hearing(stamps[0], stamps[1]).isHopeless, 'two are too few to tell')
    for (const one of stamps) t.notOk(belief.believes(one))
    t.end()
  },
)

void t.test('of two clocks that answer in turn each is believed', t => {
  const turns = [0, 1, 2, 3, 4, 5].map(i => heard(i, (i % 2 ? 500 : 9000) + i))
  const belief = hearing(...turns)
  for (const one of turns.slice(-2)) t.ok(belief.believes(one))
  t.end()
})

void t.test('where one stamp is enough, each is believed', t => {
  const belief = new Belief(1)
  t.ok(belief.believes(heard(0, 500)))
  t.notOk(belief.awaitsAdvance(heard(0, 500)))
  t.end()
})

void t.test(
  'a clock that was believed and then set is no hopeless one, and is believed again',
  t => {
    const before = [0, 1, 2, 3, 4, 5, 6, 7].map(i => heard(i, 500 + i))
    const after = [8, 9, 10].map(i => heard(i, 9000 + i))
    const belief = hearing(...before)
    t.ok(belief.hasBelieved)
    for (const one of after) {
      t.notOk(belief.isHopeless)
      belief.hear(one)
    }
    t.ok(belief.believes(heard(10, 9010)))
    t.end()
  },
)

void t.test('what was hopeless needs one stamp more to be so again', t => {
  const belief = hearing(heard(0, 500), heard(1, 77), heard(2, 900_000))
  belief.hear(heard(17, 4242))
  t.ok(belief.isHopeless)
  t.end()
})
