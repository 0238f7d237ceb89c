import * as fc from 'fast-check'
import t from 'tap'
import { TraceClocks } from '../../src/calls/trace-clocks.js'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { holds } from '../time/holds.js'
import { type Said, but, message } from './says.js'

/** A second of Unix time; what is told must not depend on it. */
const START = 1_800_000_000
const ROUNDING = 1e-6

const feed = (clocks: TraceClocks, logged: readonly Said[]): void => {
  for (const said of logged) clocks.message(message(said), said.server ?? '')
}
const toldOf = (...logged: readonly Said[]) => {
  const clocks = new TraceClocks(7)
  feed(clocks, logged)
  return clocks.offsets()
}

const a = (direction: 'incoming' | 'outgoing', stamp: number, more: Said = {}): Said => ({
  server: 'a',
  branch: 'z9hG4bK1',
  direction,
  stamp: START + stamp,
  ...more,
})
const OK: Said = { status: 200 }
/** a asks at 0 and has its answer at 0.2; b gets it at 10.1 and answers at 10.15. */
const EXCHANGE = [
  a('outgoing', 0),
  a('incoming', 10.1, { server: 'b' }),
  a('outgoing', 10.15, { ...OK, server: 'b' }),
  a('incoming', 0.2, OK),
] as const

const about = (n: number): number => Math.round(n * 1e6) / 1e6

void t.test('an exchange gives the difference both ways round, with its slack', async t => {
  const told = toldOf(...EXCHANGE).map(({ server, peer, offset, error }) => ({
    server,
    peer,
    offset: about(offset),
    error: about(error),
  }))
  // [10.15 - 0.2 - 0.1, 10.1 - 0 + 0.1]
  t.same(told, [
    { server: 'b', peer: 'a', offset: 10.025, error: 0.175 },
    { server: 'a', peer: 'b', offset: -10.025, error: 0.175 },
  ])
})

void t.test('one of the two stamps in the middle is enough, and both ends are needed', async t => {
  const without = (i: number) => toldOf(...EXCHANGE.filter((_, at) => at !== i)).length
  t.same([0, 1, 2, 3].map(without), [0, 2, 2, 0])
})

void t.test('whoever sent the request, the sign is the same', async t => {
  const turned = EXCHANGE.map(one => but(one, { server: one.server === 'a' ? 'b' : 'a' }))
  const found = toldOf(...turned).find(one => one.server === 'a')
  t.equal(about(found?.offset ?? 0), 10.025)
})

void t.test('what is no hop between two known servers at known times tells nothing', async t => {
  const changed = (change: Said, i = 1) =>
    toldOf(...EXCHANGE.map((one, at) => (at === i ? but(one, change) : one))).length
  const both = (change: Said) => toldOf(...EXCHANGE.map(one => but(one, change))).length
  t.equal(both({ server: '' }), 0)
  t.equal(both({ server: 'a' }), 0, 'one server with itself')
  t.equal(both({ direction: '' }), 0)
  t.equal(both({ stamp: Number.NaN }), 0)
  t.equal(both({ branch: '' }), 0)
  t.equal(both({ method: 'ACK' }), 0)
  t.equal(both({ method: 'CANCEL' }), 0)
  t.equal(changed({ status: 183 }, 3), 0, 'a 1xx is no answer')
  for (const change of [{ branch: 'z9hG4bK2' }, { cseq: 2 }, { method: 'REFER' as const }]) {
    t.equal(changed(change, 3), 0, JSON.stringify(change))
  }
})

void t.test(
  'a stamp that comes again is no doubt if it is the same, and one if it differs',
  async t => {
    t.equal(toldOf(...EXCHANGE, ...EXCHANGE).length, 2)
    for (const [i, one] of EXCHANGE.entries()) {
      const again = { ...one, stamp: (one.stamp ?? 0) + 0.5 }
      const last = i === 3 ? 0 : 3
      const others = EXCHANGE.filter((_, at) => at !== last)
      t.equal(toldOf(...others, again, EXCHANGE[last] ?? one).length, 0, `stamp ${i}`)
    }
    t.equal(toldOf(a('outgoing', 0, { server: 'c' }), ...EXCHANGE).length, 0, 'two senders')
  },
)

interface Copy {
  readonly delay: number
  readonly back: number
  readonly lost: boolean
  readonly backLost: boolean
}
interface Exchange {
  readonly at: number
  readonly swapped: boolean
  readonly work: number
  readonly copies: readonly Copy[]
  readonly method: 'INVITE' | 'OPTIONS'
}

const ms = (most: number) => fc.nat({ max: most }).map(n => n / 1000)
const delays = fc.oneof(ms(20), ms(2000))
const exchanges: fc.Arbitrary<Exchange[]> = fc.array(
  fc.record({
    at: ms(60_000),
    swapped: fc.boolean(),
    work: delays,
    copies: fc.array(
      fc.record({
        delay: delays,
        back: delays,
        lost: fc.nat(4).map(n => n === 0),
        backLost: fc.nat(4).map(n => n === 0),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    method: fc.constantFrom('INVITE', 'OPTIONS'),
  }),
  { minLength: 1, maxLength: 8 },
)

/** What the two servers log, each in its own order, by true time. Copies are sent each half second. */
const played = (all: readonly Exchange[], offsets: Readonly<Record<string, number>>) => {
  const logged: (Said & { readonly at: number })[] = []
  const log = (server: string, at: number, said: Said): void => {
    const stamp = Math.floor((START + at + (offsets[server] ?? 0)) * 1000) / 1000
    logged.push({ ...said, server, at, stamp })
  }
  for (const [i, { at, swapped, work, copies, method }] of all.entries()) {
    const [asker, answerer] = swapped ? ['b', 'a'] : ['a', 'b']
    const about = { branch: `z9hG4bK${i}`, method }
    let answered = Infinity
    let first = Infinity
    for (const [n, copy] of copies.entries()) {
      const sent = at + n / 2
      if (sent > answered) break
      log(asker, sent, { ...about, direction: 'outgoing' })
      if (copy.lost) continue
      const received = sent + copy.delay
      log(answerer, received, { ...about, direction: 'incoming' })
      first = Math.min(first, received + work)
      const replied = Math.max(first, received)
      log(answerer, replied, { ...about, ...OK, direction: 'outgoing' })
      if (copy.backLost) continue
      answered = Math.min(answered, replied + copy.back)
      log(asker, replied + copy.back, { ...about, ...OK, direction: 'incoming' })
    }
  }
  return logged.sort((x, y) => x.at - y.at)
}

const offset = fc.oneof(ms(100), fc.constantFrom(-21_600, 0, 21_600, 3600.25))

void t.test(
  'whatever is late, lost or sent again, the interval holds the true difference',
  async t => {
    const orders = fc.constantFrom('a first', 'b first', 'together')
    let told = 0
    holds(
      t,
      fc.property(exchanges, offset, offset, orders, (all, ofA, ofB, order) => {
        const logged = played(all, { a: ofA, b: ofB })
        const of = (server: string) => logged.filter(one => one.server === server)
        const read = {
          'a first': [...of('a'), ...of('b')],
          'b first': [...of('b'), ...of('a')],
          together: logged,
        }
        const clocks = new TraceClocks(7)
        return read[order].every(one => {
          feed(clocks, [one])
          return clocks.offsets().every(({ server, offset: said, error }) => {
            told++
            const truth = server === 'a' ? ofA - ofB : ofB - ofA
            return Math.abs(said - truth) <= error + ROUNDING
          })
        })
      }),
      { numRuns: 2000 },
    )
    t.ok(told > 5000, `${told} offsets were told`)
  },
)

const taken = (i: number, forward: number, back: number, ofB = 10): readonly Said[] => {
  const branch = `z9hG4bK${i}`
  return [
    a('outgoing', i, { branch }),
    a('incoming', i + forward + ofB, { branch, server: 'b' }),
    a('incoming', i + forward + back, { ...OK, branch }),
  ]
}
const errorOf = (clocks: TraceClocks): number => about(clocks.offsets()[0]?.error ?? Number.NaN)

void t.test(
  'the narrowest exchange of the last minutes is told, unless a newer one contradicts it',
  async t => {
    const clocks = new TraceClocks(7)
    feed(clocks, taken(1, 0.1, 0.1))
    t.equal(errorOf(clocks), 0.2)
    feed(clocks, taken(2, 0.5, 0.5))
    t.equal(errorOf(clocks), 0.2, 'a wider one changes nothing')
    feed(clocks, taken(3, 0.01, 0.01))
    t.equal(errorOf(clocks), 0.11)
    clocks.now = 700
    feed(clocks, taken(4, 0.5, 0.5))
    t.equal(errorOf(clocks), 0.6, 'an old one gives way')
    feed(clocks, taken(5, 1, 1, 3600))
    t.equal(about(clocks.offsets()[0]?.offset ?? 0), 3600, 'a clock was set')
  },
)

void t.test('an offset that nothing confirms any more is told no more', async t => {
  const clocks = new TraceClocks(7)
  feed(clocks, taken(1, 0.1, 0.1))
  clocks.now = 3600
  t.equal(clocks.offsets().length, 2)
  feed(clocks, taken(2, 1, 1))
  clocks.now = 7200
  t.equal(clocks.offsets().length, 2, 'a wider one confirms it')
  clocks.now = 7201
  t.equal(clocks.offsets().length, 0)
})

void t.test(
  'of two long traces, one read after the other, enough hops are kept to compare',
  async t => {
    const random = mulberry32(5)
    const clocks = new TraceClocks(7)
    const all = Array.from({ length: 100_000 }, (_, i) =>
      taken(i, 0.01 + random(), 0.01 + random()),
    )
    for (const exchange of all)
      feed(
        clocks,
        exchange.filter(one => one.server === 'a'),
      )
    t.same(clocks.offsets(), [])
    clocks.now = 1800
    for (const exchange of all)
      feed(
        clocks,
        exchange.filter(one => one.server === 'b'),
      )
    const [told] = clocks.offsets()
    t.ok(
      told && told.error < 0.2 && Math.abs(Math.abs(told.offset) - 10) <= told.error,
      JSON.stringify(told),
    )
  },
)

void t.test('hops of an hour ago are forgotten, and pairs are bounded', async t => {
  const clocks = new TraceClocks(7)
  clocks.now = 10
  feed(clocks, taken(1, 0.1, 0.1).slice(0, 1))
  clocks.now = 3700
  feed(clocks, taken(2, 0.1, 0.1).slice(0, 1))
  feed(clocks, taken(1, 0.1, 0.1).slice(1))
  t.equal(clocks.offsets().length, 0)
  const many = new TraceClocks(7)
  for (let i = 0; i < 1100; i++) {
    const exchange = taken(i, 0.1, 0.1).map(one => but(one, { server: `${one.server}${i}` }))
    feed(many, exchange)
  }
  t.equal(many.offsets().length, 2000)
})

void t.test(
  'a branch that two calls share is no hop',

  async t => {
    const [sent, received, answered] = taken(1, 0.1, 0.1)
    const other: Said = { ...received, callId: 'other', stamp: START + 500 }
    t.same(toldOf(sent ?? {}, other, answered ?? {}), [])
  },
)

void t.test(
  'servers that share the label other are not taken for one',

  async t => {
    t.same(
      toldOf(...EXCHANGE.map(one => (one.server === 'b' ? but(one, { server: 'other' }) : one))),
      [],
    )
  },
)

void t.test(
  'a clock that was set while a request was on its way gives no wide interval',

  async t => {
    const set = EXCHANGE.map((one, i) => (i === 2 ? but(one, { stamp: START - 3600 }) : one))
    t.same(toldOf(...set), [])
  },
)
