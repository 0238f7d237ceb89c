import t from 'tap'
import { PoolCalls, type SavedPool } from '../../src/calls/pool-calls.js'
import { eventCatalogue } from '../../src/protocol/event-catalogue.js'
import { EDGE_EVENT } from '../protocol/windows-events.js'
import { type Said, message, sortedSamples } from './says.js'

const SEED = 7
const newPool = (saved?: SavedPool): PoolCalls =>
  new PoolCalls('edgepool1', ['Edge01', 'Edge02'], SEED, 0, saved)
const throughJson = (pool: PoolCalls): PoolCalls =>
  newPool(JSON.parse(JSON.stringify(pool.save())) as SavedPool)

const feed = (pool: PoolCalls, ...all: readonly Said[]) => {
  const counts = { records: 0, malformed: 0, dropped: 0 }
  const sink = pool.sink(counts)
  for (const said of all) sink.message(message(said))
  return { counts, sink }
}
const FAILED: readonly Said[] = [
  { marks: 1, server: 'EDGE02.contoso.com' },
  { status: 503, server: 'EDGE02.contoso.com' },
]

void t.test('messages count under the configured name of the server that logged them', async t => {
  const pool = newPool()
  feed(pool, ...FAILED)
  t.equal(pool.open, 1)
  pool.end()
  t.equal(pool.open, 0)
  const tally = pool.tally()
  t.match(tally, { pool: 'edgepool1', servers: ['Edge01', 'Edge02'], outcomes: { failed: 1 } })
  t.same(sortedSamples(tally.sipFailures), ['Edge02|503||other 1'])
  t.same(sortedSamples(tally.callFailures), ['503||other 1'])
})

void t.test('each source has its own counts of records', async t => {
  const pool = newPool()
  const one = feed(pool)
  const other = feed(pool)
  one.sink.record()
  one.sink.malformed()
  one.sink.malformed()
  t.same(one.counts, { records: 1, malformed: 2, dropped: 0 })
  t.same(other.counts, { records: 0, malformed: 0, dropped: 0 })
})

void t.test('messages of two sources of a pool are one call', async t => {
  const pool = newPool()
  for (const said of FAILED) feed(pool, said)
  pool.end()
  t.match(pool.tally().outcomes, { failed: 1 })
})

void t.test('time moves on as it is told, for calls and for clocks', async t => {
  const pool = newPool()
  feed(pool, ...FAILED)
  pool.now = 3
  pool.settle(true)
  t.equal(pool.open, 1)
  pool.now = 30
  pool.settle(true)
  t.equal(pool.open, 0)
})

void t.test('a diagnosis says why a request failed', async t => {
  const pool = newPool()
  const { sink } = feed(pool, { status: 429, server: 'edge01' })
  sink.diagnosis({ callId: 'call@192.0.2.1', cseq: 1, method: 'INVITE', clockSkew: true })
  pool.end()
  t.same(sortedSamples(pool.tally().sipFailures), ['Edge01|429||clock_skew 1'])
})

void t.test("servers' clocks are compared across sources", async t => {
  const pool = newPool()
  const hop: Said = { branch: 'z9hG4bK1', vias: 2 }
  feed(pool, { ...hop, server: 'fe1', direction: 'outgoing', stamp: 100 })
  feed(pool, { ...hop, server: 'EDGE02', direction: 'incoming', stamp: 21_700 })
  feed(pool, { ...hop, server: 'fe1', direction: 'incoming', status: 200, stamp: 100.2 })
  const found = pool.offsets().find(one => one.server === 'Edge02' && one.peer === 'fe1')
  t.ok(found && Math.abs(found.offset - 21_600) <= found.error)
})

void t.test('events of the catalogue count once, by server and id', async t => {
  const pool = newPool()
  const event = { ...EDGE_EVENT, computer: 'EDGE01.contoso.com' }
  for (const one of [event, event, { ...event, recordId: '8' }, { ...event, eventId: 1 }])
    pool.event(one)
  pool.event({ ...event, timeCreated: '2026-11-23T10:00:00.0Z' })
  t.ok(eventCatalogue.some(one => one.id === event.eventId))
  t.same(sortedSamples(pool.tally().events), ['Edge01|14619 3'])
})

void t.test('what is saved goes on where it was: calls, events and what was counted', async t => {
  let pool = newPool()
  const [request, response] = FAILED
  feed(pool, request ?? {})
  pool.event(EDGE_EVENT)
  pool = throughJson(pool)
  feed(pool, response ?? {})
  pool.event(EDGE_EVENT)
  pool.end()
  pool = throughJson(pool)
  feed(pool, ...FAILED)
  pool.end()
  t.same(sortedSamples(pool.tally().sipFailures), ['Edge02|503||other 1'])
  t.same(sortedSamples(pool.tally().events), ['Edge02|14619 1'])
  t.match(pool.tally().outcomes, { failed: 1 })
})

void t.test('servers and patience follow the configuration', async t => {
  const pool = newPool()
  pool.configure(['EDGE-NEW'], { settleAfter: 1, openLimit: 2 })
  feed(pool, { status: 503, server: 'edge-new' })
  pool.now = 1
  pool.settle(true)
  t.same(pool.tally().servers, ['EDGE-NEW'])
  t.same(sortedSamples(pool.tally().sipFailures), ['EDGE-NEW|503||other 1'])
})

void t.test('servers that have series keep their labels, also among many strangers', async t => {
  let pool = newPool()
  feed(pool, { status: 503, server: 'FE1' })
  pool.end()
  pool = throughJson(pool)
  for (let i = 0; i < 100; i++) feed(pool, { callId: `c${i}`, status: 200, server: `s${i}` })
  feed(pool, { callId: 'new', status: 503, server: 'Fe1' })
  pool.end()
  t.same(sortedSamples(pool.tally().sipFailures), ['fe1|503||other 2'])
})

void t.test('what lay there when counting began is counted before anything is told', async t => {
  const pool = newPool()
  const settled = (now: number, caughtUp: boolean) => {
    pool.now = now
    pool.settle(caughtUp)
    const { hasBegun, outcomes } = pool.tally()
    return { hasBegun, failed: outcomes.failed }
  }
  t.same(settled(1, false), { hasBegun: false, failed: 0 }, 'nothing is read yet')
  pool.now = 58
  feed(pool, ...FAILED)
  t.same(settled(59, false), { hasBegun: false, failed: 0 }, 'some of it is')
  t.same(settled(60, true), { hasBegun: false, failed: 0 }, 'all is read, and a call is not over')
  t.same(settled(69, true), { hasBegun: true, failed: 1 })
  t.ok(throughJson(pool).tally().hasBegun, 'for good')
  t.notOk(throughJson(newPool()).tally().hasBegun, 'an end in between is no beginning')
})

void t.test('a source that is never read to its end does not hide its pool for ever', async t => {
  const pool = newPool()
  for (const now of [0, 60, 599]) {
    pool.now = now
    pool.settle(false)
  }
  t.notOk(pool.tally().hasBegun)
  for (const now of [600]) {
    pool.now = now
    pool.settle(false)
  }
  t.ok(pool.tally().hasBegun)
})

const ALIAS: readonly Said[] = [
  { callId: 'another@192.0.2.1', marks: 1, server: 'SRV-B' },
  { callId: 'another@192.0.2.1', status: 503, server: 'SRV-B' },
]
const failuresOf = (pool: PoolCalls): readonly string[] => {
  pool.end()
  return sortedSamples(pool.tally().sipFailures)
}

void t.test('a record in the name that a server calls itself by counts at that server', async t => {
  const pool = newPool()
  pool.identify([['Edge02', ['SRV-B', 'srv-b.contoso.com']]])
  feed(pool, ...ALIAS)
  t.same(failuresOf(pool), ['Edge02|503||other 1'])
})

void t.test('what was counted before its name was known stays where it is', async t => {
  const pool = newPool()
  feed(pool, ...ALIAS)
  t.same(failuresOf(pool), ['srv-b|503||other 1'])
  pool.identify([['Edge02', ['SRV-B']]])
  feed(pool, ...ALIAS.map(said => ({ ...said, callId: 'third@192.0.2.1' })))
  t.same(failuresOf(pool), ['Edge02|503||other 1', 'srv-b|503||other 1'])
})

void t.test('names are known after a restart, before any server was read', async t => {
  const before = newPool()
  before.identify([['Edge02', ['SRV-B']]])
  const pool = throughJson(before)
  pool.identify([['Edge01', ['SRV-A']]])
  feed(pool, ...ALIAS)
  t.same(failuresOf(pool), ['Edge02|503||other 1'])
})

void t.test('of a server that is no longer configured no name is kept', async t => {
  const pool = newPool()
  pool.identify([['Edge02', ['SRV-B']]])
  pool.configure(['Edge01'], { settleAfter: 1, openLimit: 2 })
  pool.identify([])
  pool.configure(['Edge01', 'Edge02'], { settleAfter: 1, openLimit: 2 })
  feed(pool, ...ALIAS)
  t.same(failuresOf(pool), ['srv-b|503||other 1'])
})
