import t from 'tap'
import { PoolCalls } from '../../src/calls/pool-calls.js'
import type { Sample } from '../../src/calls/series.js'
import { TraceTextReader } from '../../src/protocol/trace-text.js'
import { mulberry32 } from '../../src/demo/trace-text.js'
import { composeIncident } from './incident.js'
import type { TraceFile } from './incident/files.js'

const decoded = ({ content, encoding }: TraceFile): string =>
  content.toString(encoding === 'utf16le' ? 'utf16le' : 'latin1')

const asMap = (samples: readonly Sample[]): ReadonlyMap<string, number> =>
  new Map(samples.map(([labels, value]) => [labels.join('|'), value]))

const sorted = (map: ReadonlyMap<string, number>): readonly (readonly [string, number])[] =>
  [...map].sort(([a], [b]) => (a < b ? -1 : 1))

/** Reads the files in pieces of random length, taking turns, as they would be followed. */
const counted = (files: readonly TraceFile[], seed: number) => {
  const random = mulberry32(seed)
  const pool = new PoolCalls('edgepool1', ['edge01', 'edge02'], 7, 0)
  const counts = { records: 0, malformed: 0, dropped: 0 }
  const open = files.map(file => ({
    text: decoded(file),
    at: 0,
    end: 0,
    reader: new TraceTextReader(pool.sink(counts)),
  }))
  while (open.some(({ text, end }) => end < text.length)) {
    for (const file of open) {
      file.end = Math.min(file.text.length, file.end + Math.floor(random() * 40_000))
      file.at += file.reader.read(file.text.slice(file.at, file.end), false)
    }
  }
  pool.end()
  return { tally: pool.tally(), offsets: pool.offsets(), counts }
}

for (const seed of [1, 2, 3, 4, 5]) {
  void t.test(
    `the composed incident ${seed} is counted as its generator wrote it down`,
    async t => {
      const incident = composeIncident(seed, { interrupted: 0.001 })
      const { tally, offsets, counts } = counted(incident.files, seed)
      const { truth } = incident
      t.same(tally.outcomes, truth.umCalls, 'outcomes')
      t.equal(tally.unresolved, truth.umUnresolved, 'unresolved')
      t.same(sorted(asMap(tally.callFailures)), sorted(truth.umFailures), 'failures of calls')
      t.same(sorted(asMap(tally.sipFailures)), sorted(truth.sipFailures), 'failures of requests')
      // No message goes from one Edge to the other.
      const pairs = Object.entries(truth.offsets).filter(([pair]) => !/^EDGE.*EDGE/.test(pair))
      t.equal(offsets.length, pairs.length, 'each pair that exchanges messages, both ways round')
      for (const [pair, offset] of pairs) {
        const [server = '', peer = ''] = pair.toLowerCase().split('-')
        const found = offsets.find(one => one.server === server && one.peer === peer)
        const miss = Math.abs((found?.offset ?? Number.NaN) - offset)
        t.ok(found && miss <= found.error && found.error < 0.2, `${pair}: ${JSON.stringify(found)}`)
      }
      t.equal(counts.records, truth.records, 'records')
      t.equal(counts.malformed, truth.malformed, 'malformed')
    },
  )
}
