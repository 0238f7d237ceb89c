import * as fc from 'fast-check'
import t from 'tap'
import { componentLine, diagRecord, traceRecord } from '../../src/demo/trace-text.js'
import { marks } from '../../src/protocol/sip-message.js'
import { TraceReader } from '../../src/protocol/trace.js'
import { usedBytes } from '../fuzz/heap.js'
import { holds } from '../time/holds.js'
import { WHEN, head, sample, signedWith } from './trace-samples.js'
import { heardOf } from './reading.js'

const heard = (text: string, ends?: readonly number[], windowLength?: number) =>
  heardOf(sink => new TraceReader(sink), text, ends, windowLength)

const record = sample(1)
const text = traceRecord(record)

void t.test('a record gives its message, server, stamp and direction', async t => {
  for (const layout of [1, 2, 3] as const) {
    const found = heard(traceRecord({ ...record, layout }))
    t.same(found.messages, [
      {
        status: 0,
        method: 'INVITE',
        cseq: 1,
        callId: 'call1@192.0.2.1',
        branch: 'z9hG4bK1',
        vias: 1,
        marks: 0,
        diagnostics: [],
        server: layout === 3 ? 'edge01' : '',
        stamp: WHEN,
        direction: 'incoming',
      },
    ])
    t.match(found, { records: 1, malformed: 0 })
  }
})

void t.test('a direction may have parameters, or be missing', async t => {
  const directed = (direction: string) =>
    heard(traceRecord({ ...record, direction })).messages[0]?.direction
  t.equal(directed('outgoing;source="internal edge";destination="external edge"'), 'outgoing')
  t.equal(directed('incoming;source="internal edge"'), 'incoming')
  t.equal(heard(text.replace(/Direction:.*\n/, '')).messages[0]?.direction, '')
})

void t.test(
  'a trace re-saved with CRLF, a BOM, without spaces or as wide characters is the same',
  async t => {
    const same = [
      text.replaceAll('\n', '\r\n'),
      `\xEF\xBB\xBF${text}`,
      `\uFEFF${text}`,
      text.replace(' [edgepool1', '[edgepool1').replace(' $$b', () => '$$b'),
      text.replaceAll('\n$$end_record', () => ' $$end_record'),
    ]
    for (const one of same) t.same(heard(one).messages, heard(text).messages, one)
  },
)

void t.test('a message body is no header, and "-" is none', async t => {
  const body = 'v=0\nVia: SIP/2.0/TLS x\nm=application 9 SIP *\n'
  const found = heard(traceRecord({ ...record, message: { ...record.message, body } }))
  t.equal(found.messages[0]?.vias, 1)
  t.equal(found.messages[0]?.marks, 2, 'but it tells a notification')
})

void t.test('component lines, stray ends and garbage between records are passed over', async t => {
  const line = componentLine({
    ...head,
    level: 'ERROR',
    place: 'SIPStack,x:y.cpp(1)',
    object: 7,
    text: 'costs $$ 5',
  })
  const between = fc.array(
    fc.constantFrom(
      line,
      '$$end_record\n',
      '$$',
      '\n\n',
      'x'.repeat(5000),
      '$$begin_recor\n',
      '\0',
    ),
    { maxLength: 8 },
  )
  const whole = heard(text + text)
  holds(
    t,
    fc.property(between, between, (first, second) => {
      const found = heard(`${first.join('')}\n${text}${second.join('')}\n${text}`)
      return (
        JSON.stringify(found.messages) === JSON.stringify(whole.messages) && found.malformed === 0
      )
    }),
  )
})

void t.test(
  'a record without its end, without a head or without a message is malformed',
  async t => {
    const endless = text.replace('$$end_record\n', '')
    t.match(heard(endless + text), { records: 1, malformed: 1, messages: { length: 1 } })
    t.match(heard(endless + endless + text), { records: 1, malformed: 2 })
    const foreign = text.replace('TL_INFO(TF_PROTOCOL)', 'Info')
    t.match(heard(foreign + text), { records: 1, malformed: 1 })
    const otherDates = text.replace(/\d\d\/\d\d\/\d{4}/, '18/01/2012')
    t.match(heard(otherDates + text), { records: 1, malformed: 1 })
    for (const missing of [/Start-Line.*\n/, /Call-ID.*\n/, /CSeq.*\n/]) {
      t.match(heard(text.replace(missing, '') + text), { records: 1, malformed: 1 })
    }
    t.match(
      heard(text.replace(/\n[^]*\n\$\$/, '$$$$')),
      { records: 0, malformed: 1 },
      'nothing in it',
    )
  },
)

void t.test('records of other flags are counted, and hold no message', async t => {
  const other = text.replace('TF_PROTOCOL', 'TF_NETWORK')
  t.match(heard(other), { records: 1, malformed: 0, messages: { length: 0 } })
})

void t.test(
  "a server's own diagnosis names the message, and whether two clocks contradict",
  async t => {
    const diag = {
      ...head,
      level: 'ERROR' as const,
      text: 'The signature is not valid',
      startLine: 'INVITE sip:b@contoso.com SIP/2.0',
      callId: 'call1@192.0.2.1',
      cseq: '7 INVITE',
    }
    const known = { callId: 'call1@192.0.2.1', cseq: 7, method: 'INVITE' }
    const resultCode = '0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED'
    for (const resultOnTextLine of [true, false]) {
      const found = heard(diagRecord({ ...diag, resultCode, resultOnTextLine }))
      t.match(found, { diagnoses: [{ ...known, clockSkew: true }], records: 1 })
    }
    t.same(heard(diagRecord(diag)).diagnoses, [{ ...known, clockSkew: false }])
    t.same(heard(diagRecord({ ...diag, cseq: 'INVITE' })).diagnoses, [])
    t.same(heard(diagRecord(diag).replace('SIP-Call-ID', 'X')).diagnoses, [])
  },
)

void t.test(
  'a record that is cut anywhere waits, and is read once when the rest has come',
  async t => {
    const two = traceRecord(sample(1)) + traceRecord(sample(2, 'fe1'))
    const whole = heard(two)
    t.equal(whole.messages.length, 2)
    for (let cut = 0; cut <= two.length; cut++) {
      const found = heard(two, [cut, two.length])
      if (JSON.stringify(found) !== JSON.stringify(whole)) t.same(found, whole, `cut at ${cut}`)
    }
  },
)

void t.test('however a text comes in, it holds the same', async t => {
  const common = [
    traceRecord(sample(1)),
    traceRecord(sample(2, 'fe1')),
    traceRecord({ ...sample(3), layout: 1 }),
    signedWith('1020;reason="x"'),
    text.replace('TL_INFO', 'Info'),
    '$$end_record\n',
    '$$',
    'garbage\n',
    componentLine({ ...head, level: 'INFO', place: 'a,b:c(1)', object: 1, text: 'x' }),
  ]
  const long = `${'long '.repeat(1000)}\n`
  const endless = text.replace('$$end_record\n', '')
  // Not both: a record with long lines in it may be longer than the window.
  const texts = fc
    .constantFrom(long, endless)
    .chain(one =>
      fc.array(fc.constantFrom(...common, one), { maxLength: 12 }).map(all => all.join('')),
    )
  const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 })
  holds(
    t,
    fc.property(texts, cuts, fc.integer({ min: 7000, max: 20_000 }), (all, where, windowLength) => {
      const ends = where.map(part => Math.floor(part * all.length)).sort((a, b) => a - b)
      // How much of a long last line waits is nobody's business.
      const found = { ...heard(all, [...ends, all.length], windowLength), rest: '' }
      return JSON.stringify(found) === JSON.stringify({ ...heard(all), rest: '' })
    }),
    { numRuns: 1000 },
  )
})

void t.test(
  'a record longer than the window is skipped and counted once, the next one is read',
  async t => {
    const body = 'v=0\n'.repeat(2000)
    const huge = traceRecord({ ...record, message: { ...record.message, body } })
    for (const windowLength of [4096, 5000, 7777]) {
      const found = heard(text + huge + text, [2 * text.length + huge.length], windowLength)
      t.match(found, { records: 2, malformed: 1, messages: { length: 2 } }, String(windowLength))
    }
  },
)

void t.test('a line that fills the window is passed over', async t => {
  const found = heard(`${'x'.repeat(50_000)}\n${text}`, undefined, 4096)
  t.match(found, { records: 1, malformed: 0 })
})

void t.test(
  'a part of a window is not kept for ever',

  async t => {
    const before = usedBytes()
    const readers = Array.from({ length: 50 }, () => {
      const reader = new TraceReader({ message() {}, diagnosis() {}, record() {}, malformed() {} })
      const window = Buffer.from(text + 'x'.repeat(1 << 20), 'latin1').toString('latin1')
      reader.read(window, false)
      return reader
    })
    t.ok(usedBytes() - before < 10 << 20, `${readers.length} readers`)
  },
)

void t.test(
  'records on one line with the one that waits are not read twice',

  async t => {
    const oneLine = text.replaceAll(/\n(?=\$\$end)|\n$/g, ' ')
    const all = `${text.replace(/\n$/, '')} ${oneLine.split('\n')[0]} $$begin_record ${text}`
    const whole = heard(all)
    for (let cut = 0; cut <= all.length; cut++) {
      const found = heard(all, [cut, all.length])
      if (JSON.stringify(found) !== JSON.stringify(whole)) t.same(found, whole, `cut at ${cut}`)
    }
  },
)

void t.test("a message's own header is not taken for the record's", async t => {
  const headers = [
    ...record.message.headers,
    ['Direction', 'outgoing'],
    ['Start-Line', 'SIP/2.0 200 OK'],
  ] as const
  const found = heard(traceRecord({ ...record, message: { ...record.message, headers } }))
  t.match(found.messages, [{ status: 0, direction: 'incoming' }])
})

const HEAD = text.split('\n')[0] ?? ''

void t.test('empty lines in a diagnosis cost no more than other text', async t => {
  const started = performance.now()
  heard(`${HEAD.replace('PROTOCOL', 'DIAG')}\n${'\n'.repeat(300_000)}$$end_record`)
  t.ok(performance.now() - started < 2000)
})

void t.test(
  'CSeq lines without a space cost no more than other text',

  async t => {
    const lines = 'CSeq:1\n'.repeat(120_000)
    const started = performance.now()
    heard(`${HEAD}\nStart-Line: SIP/2.0 200 OK\n${lines}$$end_record`)
    t.ok(performance.now() - started < 500)
  },
)

void t.test('a record with two start lines is what the first one says', async t => {
  const twice = (first: string) =>
    heard(text.replace('Start-Line', `Start-Line: ${first}\nStart-Line`))
  t.match(twice('SIP/2.0 503 x').messages, [{ status: 503 }])
  t.match(twice('SIP/2.0 ').messages, [{ status: 0, method: 'INVITE' }])
})

void t.test("a record's peer can mark a call, a header of that name cannot", async t => {
  const um = 'exap.um.outlook.com:5061'
  const marksOf = (written: string) => heard(written).messages.map(message => message.marks)
  t.same(marksOf(traceRecord({ ...record, peer: um })), [marks.voicemail])
  const headers = [...record.message.headers, ['Peer', um]] as const
  t.same(marksOf(traceRecord({ ...record, message: { ...record.message, headers } })), [0])
})

void t.test('records on one endless line cost no more than other text', async t => {
  const started = performance.now()
  const found = heard(`${HEAD} $$end_record `.repeat(6000))
  t.ok(performance.now() - started < 1000)
  t.equal(found.malformed, 6000)
})

void t.test('a record that is cut by the end of all is malformed', async t => {
  let malformed = 0
  const reader = new TraceReader({
    message() {},
    diagnosis() {},
    record() {},
    malformed: () => void malformed++,
  })
  const cut = text.slice(0, -20)
  reader.finish(cut.slice(reader.read(cut, false)))
  t.equal(malformed, 1)
})
