import * as fc from 'fast-check'
import t from 'tap'
import { clientLogEntries } from '../../src/demo/trace-text.js'
import { ClientLogReader, clientLogHead } from '../../src/protocol/client-log.js'
import { durationNs, seconds } from '../../src/time/units.js'
import { holds } from '../time/holds.js'
import { heardOf } from './reading.js'
import { head, invite } from './trace-samples.js'

const heard = (text: string, ends?: readonly number[], windowLength?: number) =>
  heardOf(sink => new ClientLogReader(sink), text, ends, windowLength)

const entries = (call: number, direction: 'incoming' | 'outgoing' = 'outgoing'): string =>
  clientLogEntries({
    at: head.at,
    utcOffset: durationNs(seconds(-3600)),
    process: 0x1b3c,
    thread: 0x1b40,
    direction,
    local: '192.0.2.1:50000',
    remote: '192.0.2.2:5061',
    message: invite(call),
  })

const OTHER = '11/22/2026|10:05:08.123 1B3C:1B40 ERROR :: something else\nand more of it\n'

void t.test('a message is read with its body, and tells no server, stamp or direction', async t => {
  const found = heard(entries(1))
  t.match(found, { malformed: 0, messages: { length: 1 } })
  t.match(found.messages[0], {
    method: 'INVITE',
    callId: 'call1@192.0.2.1',
    cseq: 1,
    vias: 1,
    branch: 'z9hG4bK1',
    server: '',
    direction: '',
  })
  t.ok(Number.isNaN(found.messages[0]?.stamp), 'local time is nobody’s clock')
})

void t.test('responses and what looks like a message are told apart', async t => {
  const text = (line: string) =>
    heard(`${entries(1).replace('INVITE sip:bob@contoso.com SIP/2.0', line)}${OTHER}`)
  t.match(text('SIP/2.0 429 Provide Referrer Identity'), {
    malformed: 0,
    messages: [{ status: 429 }],
  })
  t.match(text('about INVITE sip:bob@contoso.com SIP/2.0'), {
    malformed: 0,
    messages: { length: 0 },
  })
  t.match(text('SIP/2.0 999 x'), { malformed: 1, messages: { length: 0 } })
})

void t.test('a body with a notification, LF or CRLF, is read to the end of its entry', async t => {
  const text = entries(1).replace('v=0', 'm=application 9 SIP *')
  t.equal(heard(text).messages[0]?.marks, 2)
  t.equal(heard(text.replaceAll('\n', '\r\n')).messages[0]?.marks, 2)
})

void t.test('every head in either case begins an entry', async t => {
  const text = entries(1)
  const records = (all: string) => heard(all).records
  t.equal(records(text + OTHER), 3, 'the last waits for its end')
  t.equal(records(text.replaceAll('1B3C:1B40', '1b3c:1b40') + OTHER), 3)
  t.equal(clientLogHead(`x\n${text}`), 2)
  for (const near of [
    '1/22/2026|10:05:08.123 1:2 INFO :: x',
    'x 11/22/2026|10:05:08.123 1:2 INFO :: x',
  ]) {
    t.equal(clientLogHead(near), -1, near)
  }
})

void t.test('however a log comes in, it holds the same', async t => {
  const pieces = fc.constantFrom(entries(1), entries(2, 'incoming'), OTHER, 'garbage\n', '\n\n')
  const texts = fc.array(pieces, { maxLength: 10 }).map(all => all.join(''))
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })
  holds(
    t,
    fc.property(texts, cuts, fc.integer({ min: 3000, max: 9000 }), (all, where, windowLength) => {
      const ends = where.map(part => Math.floor(part * all.length)).sort((a, b) => a - b)
      const found = heard(all, [...ends, all.length], windowLength)
      return JSON.stringify(found) === JSON.stringify(heard(all))
    }),
    { numRuns: 500 },
  )
})

void t.test('an entry longer than the window is skipped and counted once', async t => {
  const huge = entries(2).replace('v=0\n', 'v=0\n'.repeat(3000))
  const found = heard(entries(1) + huge + entries(3), undefined, 4096)
  t.match(found, {
    malformed: 1,
    messages: [{ callId: 'call1@192.0.2.1' }, { callId: 'call3@192.0.2.1' }],
  })
})

void t.test('text without a head is passed over, but for a line that has not ended', async t => {
  t.match(heard('no head\nneither'), { records: 0, rest: 'neither' })
  t.match(heard(`${'x'.repeat(9000)}\n${entries(1)}`, undefined, 4096), { messages: { length: 1 } })
})
