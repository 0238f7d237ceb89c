import * as fc from 'fast-check'
import t from 'tap'
import { Ledger, MAX_OPEN, type SavedLedger } from '../../src/calls/ledger.js'
import { methods } from '../../src/protocol/sip-message.js'
import { holds } from '../time/holds.js'
import { type Said, but, callSoup, message, sortedSamples } from './says.js'

const SEED = 7
const SKEWED = '1020;HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"'
const UM = 1

const feed = (ledger: Ledger, all: readonly Said[]): void => {
  for (const said of all) ledger.message(message(said), said.server ?? '')
}

const told = (ledger: Ledger) => {
  const { outcomes, unresolved, evicted, callFailures, sipFailures } = ledger.tally()
  return {
    ...outcomes,
    unresolved,
    evicted,
    calls: sortedSamples(callFailures),
    sip: sortedSamples(sipFailures),
  }
}
const NOTHING = told(new Ledger(SEED))

/** What comes of messages in the end. */
const counted = (...all: readonly Said[]) => {
  const ledger = new Ledger(SEED)
  feed(ledger, all)
  ledger.end()
  return told(ledger)
}

const throughJson = (ledger: Ledger, now = 0): Ledger =>
  new Ledger(SEED, JSON.parse(JSON.stringify(ledger.save())) as SavedLedger, now)

const shuffled = <T>(all: fc.Arbitrary<T[]>): fc.Arbitrary<[T[], T[]]> =>
  all.chain(one => fc.tuple(fc.constant(one), fc.shuffledSubarray(one, { minLength: one.length })))

void t.test('the incident: a voicemail call that fails at the second hop counts once', async t => {
  const all: Said[] = [
    { vias: 1, marks: UM, server: 'fe1' },
    { vias: 2, marks: UM, server: 'fe1', direction: 'outgoing' },
    { vias: 2, marks: UM, server: 'edge02' },
    { status: 100, vias: 2, diagnostics: ['15030'], server: 'edge02' },
    { status: 429, vias: 2, diagnostics: [SKEWED], server: 'edge02', direction: 'outgoing' },
    { status: 429, vias: 2, diagnostics: [SKEWED], server: 'fe1' },
    { status: 429, vias: 1, diagnostics: [SKEWED], server: 'fe1', direction: 'outgoing' },
  ]
  t.same(counted(...all), {
    ...NOTHING,
    failed: 1,
    calls: ['429|1020|clock_skew 1'],
    sip: ['edge02|429|1020|clock_skew 1'],
  })
})

void t.test('of any method but ACK each failed request counts, in each call', async t => {
  for (const method of methods.filter(one => one !== 'ACK')) {
    const wanted = { ...NOTHING, sip: ['fe1|404|1003|routing 1'] }
    const failed: Said = { status: 404, method, diagnostics: ['1003'], server: 'fe1' }
    t.same(counted({ method }, failed), wanted, method)
    t.same(counted(failed), wanted, 'without the request')
    t.same(counted(failed, { ...failed, cseq: 2 }, { ...failed, callId: 'b' }).sip, [
      'fe1|404|1003|routing 3',
    ])
  }
  t.same(counted({ status: 404, method: 'ACK' }), NOTHING)
})

void t.test('what is no failure is not counted as one', async t => {
  for (const status of [100, 183, 199, 200, 202, 300, 302, 399, 487]) {
    t.same(counted({}, { status }), NOTHING, String(status))
  }
})

void t.test('a challenge that was answered is none; one that was not is', async t => {
  for (const method of ['INVITE', 'REGISTER', 'SUBSCRIBE'] as const) {
    const challenge: Said[] = [{ method }, { method, status: 401 }]
    t.same(counted(...challenge).sip, ['|401||authentication 1'], method)
    t.same(counted(...challenge, { method, cseq: 2 }), NOTHING, method)
    t.same(counted(...challenge, { method, cseq: 2 }, { method, cseq: 2, status: 403 }).sip, [
      '|403||other 1',
    ])
    t.same(counted(...challenge, { method: 'OPTIONS', cseq: 2 }).sip, ['|401||authentication 1'])
  }
})

void t.test(
  'a call is a voicemail call by any of its marks, unless it is a notification',
  async t => {
    t.match(counted({ marks: UM }, { status: 200 }), { answered: 1 })
    t.match(counted({}, { status: 503, marks: UM }), { failed: 1 })
    t.match(counted({ method: 'REFER', marks: UM }, { method: 'REFER', status: 202 }), {
      answered: 1,
    })
    t.match(counted({}, { status: 200 }), NOTHING)
    t.match(counted({ marks: 3 }, { status: 503 }), { failed: 0, sip: { length: 1 } })
    t.match(counted({ marks: UM }, { status: 200 }, { method: 'INFO', cseq: 2, marks: 2 }), {
      answered: 0,
    })
  },
)

void t.test('INVITEs decide where one is marked, else REFERs', async t => {
  const refer: Said[] = [
    { method: 'REFER', cseq: 2, marks: UM },
    { method: 'REFER', cseq: 2, status: 403 },
  ]
  t.match(counted({}, { status: 200 }, ...refer), {
    failed: 1,
    answered: 0,
    calls: ['403||other 1'],
  })
  t.match(counted({ marks: UM }, { status: 200 }, ...refer), { failed: 0, answered: 1 })
})

void t.test(
  'a call without an end is abandoned where it was cancelled, else unresolved',
  async t => {
    t.match(counted({ marks: UM }), { unresolved: 1 })
    t.match(counted({ marks: UM }, { method: 'CANCEL' }), { abandoned: 1, unresolved: 0 })
    t.match(counted({ marks: UM }, { method: 'CANCEL' }, { status: 487 }), {
      abandoned: 1,
      sip: [],
    })
    t.match(counted({ marks: UM }, { method: 'CANCEL' }, { status: 200 }), {
      answered: 1,
      abandoned: 0,
    })
    t.match(counted({ marks: UM }, { status: 302 }), { unresolved: 1 })
    t.match(counted({ marks: UM }, { status: 302 }, { cseq: 2 }, { cseq: 2, status: 200 }), {
      answered: 1,
    })
  },
)

void t.test('messages of an INVITE or REFER may come in any order', async t => {
  holds(
    t,
    fc.property(shuffled(fc.array(callSoup, { maxLength: 14 })), ([one, other]) => {
      return JSON.stringify(counted(...one)) === JSON.stringify(counted(...other))
    }),
    { numRuns: 3000 },
  )
})

void t.test('the same messages seen again, elsewhere or later, add nothing', async t => {
  const all = fc.array(callSoup, { maxLength: 10 })
  const again = all.chain(one => fc.tuple(fc.constant(one), fc.shuffledSubarray([...one, ...one])))
  holds(
    t,
    fc.property(again, ([one, more]) => {
      const mixed = JSON.stringify(counted(...one, ...more)) === JSON.stringify(counted(...one))
      const ledger = new Ledger(SEED)
      feed(ledger, one)
      ledger.end()
      const first = JSON.stringify(told(ledger))
      feed(ledger, one)
      ledger.end()
      return mixed && JSON.stringify(told(ledger)) === first
    }),
    { numRuns: 1000 },
  )
})

void t.test('calls saved and restored at any point come to the same', async t => {
  const calls = fc.array(
    fc.tuple(callSoup, fc.nat(2)).map(([said, i]) => but(said, { callId: `call${i}` })),
    { maxLength: 24 },
  )
  holds(
    t,
    fc.property(calls, fc.nat(24), fc.nat(24), (all, a, b) => {
      let ledger = new Ledger(SEED)
      for (const [i, said] of all.entries()) {
        if (i === a || i === b) ledger = throughJson(ledger, i)
        feed(ledger, [said])
        if (i === b) ledger.end()
      }
      const straight = new Ledger(SEED)
      for (const [i, said] of all.entries()) {
        feed(straight, [said])
        if (i === b) straight.end()
      }
      ledger = throughJson(ledger)
      ledger.end()
      straight.end()
      return JSON.stringify(told(ledger)) === JSON.stringify(told(straight))
    }),
    { numRuns: 1000 },
  )
})

const PATIENCE = { settleAfter: 5, openLimit: 600 }

/** When a call counts after its last message, in seconds; undefined: not within an hour. */
const settledAfter = (caughtUp: boolean, ...all: readonly Said[]): number | undefined => {
  const ledger = new Ledger(SEED)
  ledger.patience = PATIENCE
  ledger.now = 1000
  feed(ledger, all)
  for (let passed = 0; passed <= 3600; passed++) {
    ledger.now = 1000 + passed
    ledger.settle(caughtUp)
    if (ledger.open === 0) return passed
  }
  return undefined
}

/** Calls are looked at every five seconds. */
const within = (
  t: { ok(x: boolean, m: string): unknown },
  found: number | undefined,
  least: number,
) => t.ok(found !== undefined && found >= least && found < least + 5, `${found} for ${least}`)

void t.test('a call counts when it is quiet: sooner or later by what may still come', async t => {
  within(t, settledAfter(true, {}, { status: 200 }), 5)
  within(t, settledAfter(true, {}, { status: 503 }), 5)
  within(t, settledAfter(true, {}, { status: 401 }), 32)
  within(t, settledAfter(true, {}, { status: 302 }), 32)
  within(t, settledAfter(true, {}, { status: 401 }, { cseq: 2 }, { cseq: 2, status: 200 }), 5)
  within(t, settledAfter(true, {}, { method: 'CANCEL' }), 32)
  within(t, settledAfter(true, {}), 600)
  within(t, settledAfter(true, { vias: 1 }, { status: 503, vias: 2 }), 600)
})

void t.test('while there is more to read a call waits for it, but not for ever', async t => {
  within(t, settledAfter(false, {}, { status: 200 }), 60)
  within(t, settledAfter(false, {}, { status: 401 }), 60)
  within(t, settledAfter(false, {}), 600)
})

void t.test(
  'patience is what it was set to, and an open call never waits beyond its limit',
  async t => {
    const waits = (settleAfter: number, openLimit: number, ...all: readonly Said[]) => {
      const ledger = new Ledger(SEED)
      ledger.patience = { settleAfter, openLimit }
      feed(ledger, all)
      for (ledger.now = 0; ledger.open > 0; ledger.now++) ledger.settle(true)
      return ledger.now - 1
    }
    t.equal(waits(1, 600, {}, { status: 200 }), 1)
    t.equal(waits(20, 600, {}, { status: 200 }), 20)
    t.equal(waits(50, 600, {}, { status: 401 }), 50)
    t.equal(waits(1, 7, {}, { status: 401 }), 7)
    t.equal(waits(1, 7, {}), 7)
  },
)

void t.test('a word more of a call begins its quiet anew', async t => {
  const ledger = new Ledger(SEED)
  ledger.patience = PATIENCE
  feed(ledger, [{ marks: UM }, { status: 503 }])
  ledger.now = 4
  feed(ledger, [{ status: 200 }])
  ledger.now = 8
  ledger.settle(true)
  t.match(told(ledger), { answered: 0, failed: 0 })
  ledger.now = 14
  ledger.settle(true)
  t.match(told(ledger), { answered: 1, failed: 0 })
})

void t.test('a call that was counted is not counted again, also after a restart', async t => {
  const failed: Said[] = [{ marks: UM }, { status: 503, server: 'fe1' }]
  let ledger = new Ledger(SEED)
  for (let round = 1; round < 5; round++) {
    ledger.now = 100 * round
    feed(ledger, failed)
    ledger.now += 50
    ledger.settle(true)
    t.equal(ledger.open, 0)
    ledger = throughJson(ledger, ledger.now)
  }
  t.match(told(ledger), { failed: 1, calls: { length: 1 }, sip: ['fe1|503||other 1'] })
})

void t.test('a call whose mark is read late is still counted', async t => {
  const ledger = new Ledger(SEED)
  feed(ledger, [{}, { status: 503 }])
  ledger.end()
  feed(ledger, [{ marks: UM }, { status: 503 }])
  ledger.end()
  t.match(told(ledger), { failed: 1, sip: ['|503||other 1'] })
})

void t.test("a server's own diagnosis says why, in whatever order, and fails nothing", async t => {
  const diagnosis = { callId: 'call@192.0.2.1', cseq: 1, method: 'INVITE', clockSkew: true }
  const failed: Said[] = [{}, { status: 429, diagnostics: ['1020'] }]
  for (const first of [true, false]) {
    const ledger = new Ledger(SEED)
    if (first) ledger.diagnosis(diagnosis)
    feed(ledger, failed)
    if (!first) ledger.diagnosis(diagnosis)
    ledger.end()
    t.same(told(ledger).sip, ['|429|1020|clock_skew 1'])
  }
  const alone = new Ledger(SEED)
  alone.diagnosis(diagnosis)
  alone.diagnosis({ ...diagnosis, method: 'ACK' })
  alone.diagnosis({ ...diagnosis, method: 'NONE' })
  alone.end()
  t.same(told(alone), NOTHING)
  const harmless = new Ledger(SEED)
  harmless.diagnosis({ ...diagnosis, clockSkew: false })
  t.equal(harmless.open, 0)
})

void t.test(
  'too many open calls are closed, the oldest first, and what was pending is told',
  async t => {
    const ledger = new Ledger(SEED)
    const count = 2 * MAX_OPEN + 1
    for (let i = 0; i < count; i++) feed(ledger, [{ callId: `c${i}`, marks: UM }])
    t.ok(ledger.open <= MAX_OPEN)
    const { evicted, unresolved } = told(ledger)
    t.equal(evicted, count - ledger.open)
    t.equal(unresolved, evicted)
    feed(ledger, [{ callId: `c${count - 1}`, status: 200 }])
    ledger.end()
    t.match(told(ledger), { answered: 1 }, 'the youngest is still there')
  },
)

void t.test('codes, servers and diagnoses without end make a bounded number of series', async t => {
  const ledger = new Ledger(SEED)
  for (let i = 0; i < 5000; i++) {
    feed(ledger, [{ callId: `c${i}`, status: 400 + (i % 300), server: `s${i % 64}` }])
  }
  ledger.end()
  const samples = ledger.tally().sipFailures
  t.ok(samples.length <= 2012, String(samples.length))
  t.equal(
    samples.reduce((sum, [, value]) => sum + value, 0),
    5000 - 17 + 0,
  )
})

void t.test(
  'a Call-ID that is never quiet is counted in time',

  async t => {
    const ledger = new Ledger(SEED)
    for (let i = 0; i < 1200; i++) {
      ledger.now = 3 * i
      feed(ledger, [{ method: 'OPTIONS', cseq: i, status: 503 }])
      ledger.settle(true)
    }
    t.ok(ledger.tally().sipFailures.length > 0, 'after an hour')
    ledger.end()
    t.same(told(ledger).sip, ['|503||other 1200'])
  },
)
