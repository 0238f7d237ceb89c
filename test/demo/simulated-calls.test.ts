import t from 'tap'
import { PoolCalls } from '../../src/calls/pool-calls.js'
import { rebootAt } from '../../src/demo/reboot.js'
import { SimulatedCalls } from '../../src/demo/simulated-calls.js'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { TraceTextReader } from '../../src/protocol/trace-text.js'
import { type UnixNs, durationNs, seconds, toSeconds, unixNs } from '../../src/time/units.js'
import { sortedSamples } from '../calls/says.js'

const BEGIN = unixNs(BigInt(Date.parse('2026-03-02T07:00:00Z')) * 1_000_000n)
const REBOOT = unixNs(BEGIN + seconds(600))
const SKEW = '429|1020|clock_skew'

/** The demo's calls on a clock of their own, read as they are written. */
const simulation = (seed: number) => {
  let now: UnixNs = BEGIN
  const pool = new PoolCalls('edgepool1', ['edge01', 'edge02'], 1, 0)
  const counts = { records: 0, malformed: 0, dropped: 0 }
  const unread = new Map<string, string>()
  const written = new Map<string, string>()
  const readers = new Map<string, TraceTextReader>()
  const write = (server: string, text: string) => {
    const reader = readers.get(server) ?? new TraceTextReader(pool.sink(counts))
    readers.set(server, reader)
    const all = (unread.get(server) ?? '') + text
    unread.set(server, all.slice(reader.read(all, false)))
    written.set(server, (written.get(server) ?? '') + text)
  }
  const calls = new SimulatedCalls({
    edgeAt: rebootAt({ down: REBOOT, repair: undefined }),
    random: mulberry32(seed),
    now: () => now,
    write,
  })
  const runTo = (until: UnixNs) => {
    while (now < until) {
      now = unixNs(now + seconds(0.25))
      calls.proceed()
      pool.now = toSeconds(durationNs(now - BEGIN))
    }
  }
  /** After a sleep all that was under way has ended, and nobody has called meanwhile. */
  const sleep = () => {
    now = unixNs(now + seconds(60))
    calls.proceed()
    pool.end()
  }
  const offset = (server: string, peer: string) =>
    pool.offsets().find(one => one.server === server && one.peer === peer)
  return { calls, pool, counts, written, runTo, sleep, offset }
}

void t.test('voicemail calls are answered or abandoned while all clocks are right', async t => {
  const { calls, pool, counts, written, runTo, sleep, offset } = simulation(1)
  runTo(unixNs(REBOOT - seconds(60)))
  sleep()
  const { voicemail, ordinary, notifications } = calls.simulated
  const tally = pool.tally()
  t.match(tally, { unresolved: 0, evicted: 0, callFailures: [] })
  t.same(tally.outcomes, {
    answered: voicemail.answered,
    abandoned: voicemail.abandoned,
    failed: 0,
  })
  t.ok(voicemail.answered > 100 && voicemail.abandoned > 5 && ordinary.answered > 150)
  t.equal(notifications, voicemail.abandoned)
  t.equal(voicemail.refused, 0)
  const busy = tally.sipFailures.map(([, value]) => value).reduce((sum, one) => sum + one, 0)
  t.equal(busy, ordinary.busy)
  t.ok(busy > 0 && tally.sipFailures.every(([[, code]]) => code === '486'))
  t.equal(counts.malformed, 0)
  t.same([...written.keys()].sort(), ['edge01', 'edge02', 'fe1', 'fe2'])
  for (const front of ['fe1', 'fe2']) {
    const found = offset('edge02', front)
    t.ok(found && Math.abs(found.offset) < found.error && found.error < 0.2)
  }
})

void t.test('after the reboot those through edge02 fail for its clock, and no others', async t => {
  const { calls, pool, written, runTo, sleep, offset } = simulation(2)
  runTo(unixNs(REBOOT + seconds(900)))
  sleep()
  const { voicemail, ordinary, notifications } = calls.simulated
  const tally = pool.tally()
  t.same(tally.outcomes, {
    answered: voicemail.answered,
    abandoned: voicemail.abandoned,
    failed: voicemail.refused,
  })
  t.ok(voicemail.refused > 50 && voicemail.refused < 200)
  t.equal(tally.unresolved, 0)
  t.same(sortedSamples(tally.callFailures), [`${SKEW} ${voicemail.refused}`])
  const skewed = tally.sipFailures.filter(([[, code]]) => code !== '486')
  t.same(sortedSamples(skewed), [`edge02|${SKEW} ${voicemail.refused}`])
  t.equal(notifications, voicemail.refused + voicemail.abandoned)
  t.ok(ordinary.answered > 0)
  for (const front of ['fe1', 'fe2']) {
    const found = offset('edge02', front)
    t.ok(found && Math.abs(found.offset + 21_600) < found.error && found.error < 0.2)
    t.ok(Math.abs(offset('edge01', front)?.offset ?? 1) < 0.1)
  }
  const edge02 = written.get('edge02') ?? ''
  t.match(edge02, /ms-diagnostics: 1020;.*SIP_E_CRYPT_REFERRER_DATE_SKEWED/)
  t.match(edge02, /ms-edge-proxy-message-trust: .*ms-ep-fqdn=edgepool1\.contoso\.com/)
  t.notMatch(written.get('edge01'), / 429 /)
})

void t.test(
  'through edge02 a caller from outside still reaches voicemail, and a missed call is told',
  async t => {
    const { written, runTo } = simulation(3)
    runTo(unixNs(REBOOT + seconds(20)))
    const before = written.get('edge02')?.length ?? 0
    runTo(unixNs(REBOOT + seconds(900)))
    const records = (written.get('edge02') ?? '').slice(before).split('$$end_record\n')
    const accepted = records.filter(one => /Peer: exap[^]*Start-Line: SIP\/2\.0 200 OK/.test(one))
    t.ok(accepted.some(one => /CSeq: 1 INVITE/.test(one) && /alice@fabrikam\.com/.test(one)))
    t.ok(accepted.some(one => /CSeq: 2 INFO/.test(one)))
  },
)

void t.test('while edge02 is down all calls go through edge01', async t => {
  const { written, runTo } = simulation(4)
  runTo(REBOOT)
  const lengths = () => ['edge01', 'edge02'].map(name => written.get(name)?.length ?? 0)
  const [edge01 = 0, edge02 = 0] = lengths()
  t.ok(edge02 > 0)
  runTo(unixNs(REBOOT + seconds(10)))
  const [after01 = 0, after02 = 0] = lengths()
  t.ok(after01 > edge01)
  t.equal(after02, edge02)
  runTo(unixNs(REBOOT + seconds(30)))
  t.ok((lengths()[1] ?? 0) > edge02)
})

void t.test('nobody calls while we sleep, and afterwards they do', async t => {
  const { calls, runTo, sleep } = simulation(7)
  const begun = () => calls.simulated.ordinary.answered + calls.simulated.voicemail.answered
  runTo(unixNs(BEGIN + seconds(60)))
  const before = begun()
  sleep()
  t.equal(begun(), before)
  runTo(unixNs(BEGIN + seconds(150)))
  t.ok(begun() > before)
})

void t.test('the same seed makes the same calls', async t => {
  const [one, same, other] = [5, 5, 6].map(seed => {
    const { written, runTo } = simulation(seed)
    runTo(unixNs(BEGIN + seconds(20)))
    return written.get('fe1')
  })
  t.equal(one, same)
  t.not(one, other)
})
