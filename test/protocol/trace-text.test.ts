import t from 'tap'
import { clientLogEntries, traceRecord } from '../../src/demo/trace-text.js'
import { TraceTextReader } from '../../src/protocol/trace-text.js'
import { durationNs } from '../../src/time/units.js'
import { heardOf } from './reading.js'
import { head, invite, sample } from './trace-samples.js'

const read = (text: string, ends?: readonly number[], windowLength?: number) =>
  heardOf((sink, saved) => new TraceTextReader(sink, saved), text, ends, windowLength)

const TRACE = traceRecord(sample(1))
const CLIENT = clientLogEntries({
  at: head.at,
  utcOffset: durationNs(0n),
  process: 1,
  thread: 2,
  direction: 'incoming',
  local: 'a:1',
  remote: 'b:2',
  message: invite(2),
})

const silent = { message() {}, diagnosis() {}, record() {}, malformed() {} }

void t.test('both kinds of text are told apart by their first head', async t => {
  t.equal(read(TRACE).messages[0]?.server, 'edge01')
  t.equal(read(CLIENT).messages[0]?.callId, 'call2@192.0.2.1')
  t.match(read(TRACE + CLIENT).messages, [{ server: 'edge01' }])
  t.match(read(CLIENT + TRACE).messages, [{ server: '' }])
})

void t.test('what comes before the first head is passed over', async t => {
  const junk = `${'some words and\n'.repeat(1000)}${'x'.repeat(9000)}`
  t.equal(read(`${junk}\n${TRACE}`, undefined, 4096).messages.length, 1)
  t.equal(read(`${junk}\n${CLIENT}`, undefined, 4096).messages.length, 1)
  t.equal(read(junk).messages.length, 0)
})

void t.test(
  'a text that is cut anywhere is taken for the same kind, also after a restart',
  async t => {
    for (const text of [`first line\n${TRACE}`, `first line\n${CLIENT}`]) {
      const whole = read(text)
      for (let cut = 0; cut <= text.length; cut++) {
        const found = read(text, [cut, text.length])
        if (JSON.stringify(found) !== JSON.stringify(whole)) t.same(found, whole, `cut at ${cut}`)
      }
      t.equal(whole.messages.length, 1)
    }
  },
)

void t.test('it stays with the kind that it was saved with', async t => {
  t.equal(new TraceTextReader(silent).save(), undefined)
  const reader = new TraceTextReader(silent)
  reader.read(TRACE, false)
  t.equal(reader.save(), 'trace')
  t.match(
    heardOf(sink => new TraceTextReader(sink, 'trace'), CLIENT),
    { messages: { length: 0 } },
  )
  t.match(
    heardOf(sink => new TraceTextReader(sink, 'client'), TRACE),
    { messages: { length: 0 } },
  )
  t.match(
    heardOf(sink => new TraceTextReader(sink, 'nonsense'), TRACE),
    { messages: { length: 1 } },
  )
})
