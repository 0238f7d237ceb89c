import { test } from 'tap'
import { nodePlatform } from '../../src/net/node-platform.js'
import { smb } from '../../src/probers/smb.js'
import { width } from '../../src/time/interval.js'
import { milliseconds, seconds, toSeconds, unixNs } from '../../src/time/units.js'
import { skipUnless } from '../peers/peer.js'
import { SAMBA_NAME, startSamba } from '../peers/samba.js'
import { STATUS, negotiatedReply } from '../protocol/smb2-replies.js'
import { FAULTS, answering, servePort, slowly } from './faulty-ports.js'
import { holdsTruth, mustRead, outcomeOf, readOnce } from './one-reading.js'
import { keepingSent, ntlmTypes } from './sent-bytes.js'
import { ONE_EXCHANGE, mustHold, mustHoldTicks, simulate, tickOf } from './simulated.js'
import { UNTOLD, converseSmb } from './smb-server.js'

const NARROW = milliseconds(15)
/** In a world that begins in October 2026. */
const BOOT = unixNs(1_790_000_000_000_000_000n)
const AFTER = unixNs(1_800_000_000_000_000_000n)

for (const offset of ['-6h', '+90.5', '+0.4']) {
  void test(`Samba at ${offset} is read to 15 ms`, async t => {
    if (skipUnless(t, 'smbd', 'libfaketime')) return
    const { port } = await startSamba(t, { offset })
    await holdsTruth(t, { kind: 'smb', options: { port } }, { offset, narrow: NARROW })
  })
}

void test('Samba tells its name, no logon is begun in earnest, and its log has no line of us', async t => {
  if (skipUnless(t, 'smbd')) return
  const { port, log } = await startSamba(t)
  const before = await log()
  const sent: Uint8Array[] = []
  const platform = keepingSent(nodePlatform(), sent)
  const reading = await mustRead({ kind: 'smb', options: { port }, platform })
  t.match(reading.facts.identity, { computer: SAMBA_NAME })
  t.equal(reading.facts.bootTimestamp, undefined, 'it does not say when it started')
  t.equal(reading.contradictions, 0)
  t.strictSame(ntlmTypes(sent), [1, 1, 1])
  t.equal(await log(), before)
})

void test('a server that speaks 3.1.1 only has no time, and one that speaks SMB 1 only is none', async t => {
  if (skipUnless(t, 'smbd')) return
  const newest = await startSamba(t, { settings: ['server min protocol = SMB3_11'] })
  const refused = await readOnce({ kind: 'smb', options: { port: newest.port } })
  t.match(outcomeOf(refused), /^no_time: none of the dialects.*STATUS_NOT_SUPPORTED/)
  const settings = ['server min protocol = NT1', 'server max protocol = NT1']
  const oldest = await startSamba(t, { settings })
  const silent = await readOnce({ kind: 'smb', options: { port: oldest.port } })
  t.match(outcomeOf(silent), /^protocol: /)
})

void test('a server like Windows 2016 tells clock, boot and name', async t => {
  const seen = await simulate('smb', converseSmb({ negotiated: { startTime: BOOT } }))
  const { facts, interval, rtt, contradictions } = mustHold(t, seen)
  t.strictSame(facts, { bootTimestamp: toSeconds(BOOT), identity: { computer: 'EDGE01' } })
  t.equal(rtt, milliseconds(2))
  t.ok(width(interval) <= ONE_EXCHANGE)
  t.equal(contradictions, 0)
  t.strictSame(ntlmTypes(seen.sent), [1, 1, 1])
  t.match(seen.traced, [/SystemTime of NEGOTIATE/, ...Array(3).fill(/MsvAvTimestamp.*EDGE01/)])
})

void test('a clock that stands still between its ticks is held at any moment', async t => {
  await mustHoldTicks(t, 'smb', converseSmb({ shown: tickOf, setUps: [] }))
  await mustHoldTicks(t, 'smb', converseSmb({ shown: tickOf, negotiated: { systemTime: UNTOLD } }))
})

void test('exchanges of different delays are intersected', async t => {
  let packets = 0
  const slowly = () => milliseconds(++packets % 2 === 0 ? 1 : 40)
  const seen = await simulate('smb', converseSmb(), { out: slowly })
  const { rtt, interval } = mustHold(t, seen)
  t.equal(rtt, milliseconds(2))
  t.ok(width(interval) < ONE_EXCHANGE + milliseconds(1))
})

void test('without NTLM, or without a time in it, the stamp of NEGOTIATE is a reading', async t => {
  const denied = { status: STATUS.accessDenied }
  for (const [name, setUps, asked] of [
    ['denied', [denied], 1],
    ['no time', [{ stamped: false }], 1],
    ['closed', [], 1],
    ['denied at last', [{}, denied], 2],
    ['no challenge', [{ challenge: { flags: 0 }, stamped: false }], 1],
    ['the answer to another request', [{ messageId: 9 }], 1],
  ] as const) {
    const seen = await simulate('smb', converseSmb({ setUps }))
    mustHold(t, seen, { name })
    t.equal(ntlmTypes(seen.sent).length, asked, name)
    t.match(seen.traced.at(-1), /^no more stamps: /, name)
  }
  const unstamped = await simulate('smb', converseSmb({ setUps: [{ stamped: false }] }))
  t.match(unstamped.result, { facts: { identity: { computer: 'EDGE01' } } })
})

void test('without a SystemTime the NTLM challenges are a reading', async t => {
  mustHold(t, await simulate('smb', converseSmb({ negotiated: { systemTime: UNTOLD } })))
})

void test('no more is asked than the server gives credits for', async t => {
  for (const [credits, more, asked] of [
    [0, 1, 0],
    [1, 0, 1],
    [1, 1, 3],
    [2, 0, 2],
  ] as const) {
    const setUps = Array.from({ length: 3 }, () => ({ credits: more }))
    const seen = await simulate('smb', converseSmb({ negotiated: { credits }, setUps }))
    mustHold(t, seen)
    t.equal(ntlmTypes(seen.sent).length, asked, `${credits} and ${more}`)
  }
})

void test('a clock that is set, or another one that answers, is counted and the later one is told', async t => {
  const jump = seconds(7)
  const seen = await simulate('smb', converseSmb({ setUps: [{}, { jump }, { jump }] }))
  const { contradictions } = mustHold(t, seen, { later: jump })
  t.equal(contradictions, 1)
})

void test('a server that gives no time, or one that no clock has, says so', async t => {
  const untold = { systemTime: UNTOLD }
  const none = converseSmb({ negotiated: untold, setUps: [{ stamped: false }] })
  t.match(outcomeOf((await simulate('smb', none)).result), /^no_time: .*MsvAvTimestamp/)
  const denied = converseSmb({ negotiated: untold, setUps: [{ status: STATUS.accessDenied }] })
  t.match(outcomeOf((await simulate('smb', denied)).result), /^no_time: .*STATUS_ACCESS_DENIED/)
  const idle = converseSmb({ negotiated: { ...untold, credits: 0 } })
  t.match(outcomeOf((await simulate('smb', idle)).result), /^no_time: .*no more requests/)
  const refused = converseSmb({ negotiated: { status: STATUS.notSupported } })
  t.match(outcomeOf((await simulate('smb', refused)).result), /^no_time: none of the dialects/)
  const early = unixNs(-1_000_000_000_000n)
  const wrong = converseSmb({ negotiated: { systemTime: early }, setUps: [] })
  t.match(outcomeOf((await simulate('smb', wrong)).result), /^implausible: SystemTime/)
})

void test('a boot that is still to come is not told', async t => {
  const seen = await simulate('smb', converseSmb({ negotiated: { startTime: AFTER } }))
  t.equal(mustHold(t, seen).facts.bootTimestamp, undefined)
})

const reply = negotiatedReply({ systemTime: BOOT })
const SLOW = {
  name: 'sends a byte at a time',
  serve: answering(socket => slowly(socket, reply)),
  outcome: /^timeout: /,
}

for (const { name, serve, outcome } of [...FAULTS, SLOW]) {
  void test(`a port that ${name} is told from a file server in time`, async t => {
    const port = await servePort(t, serve)
    const timeout = milliseconds(outcome.source.startsWith('^timeout') ? 300 : 20_000)
    const result = await readOnce({ kind: 'smb', options: { port, timeout } })
    t.match(outcomeOf(result), outcome)
    if (!result.ok) t.ok(smb.reasons.includes(result.reason))
  })
}

void test('a reading that is given up is aborted', async t => {
  const port = await servePort(t, () => undefined)
  const result = await readOnce({ kind: 'smb', options: { port }, signal: AbortSignal.abort() })
  t.match(outcomeOf(result), /^aborted: /)
})
