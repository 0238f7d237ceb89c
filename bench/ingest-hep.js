import { createRequire } from 'node:module'
import { PoolCalls } from '../dist/calls/pool-calls.js'
import { HepCounter } from '../dist/calls/sources/hep-counter.js'
import { noCounts } from '../dist/calls/sources/source.js'
import { composePackets } from './hep-packets.js'

/**
 * `node ingest-hep.js ours|hep-js`: takes HEP packets for some seconds on one core, and prints how many
 * and what that took. Ours decodes, reads and counts them, as its source does with what a socket gives;
 * hep-js decodes them and leaves it at that.
 */
const LENGTH_SECONDS = 4
const WARM_UP_ROUNDS = 10
/** What a round's packets are taken to have come in. */
const ROUND_SECONDS = 1

const { packets, failing, renew } = composePackets()

const ours = () => {
  const pool = new PoolCalls('edgepool1', ['edge01', 'edge02'], 0x5eed, 0)
  const counts = noCounts()
  const counter = new HepCounter(pool.sink(counts), counts, 0)
  let now = 0
  return {
    round: () => {
      for (const packet of packets) counter.receive(packet)
      now += ROUND_SECONDS
      pool.now = now
      pool.settle(true)
    },
    /** @param {number} rounds */
    isRight: rounds => {
      pool.end()
      const { outcomes, sipFailures } = pool.tally()
      const expected = [[['edge02', '429', '1020', 'clock_skew'], rounds * failing]]
      return (
        counts.records === rounds * packets.length &&
        counts.malformed + counts.dropped === 0 &&
        outcomes.failed === rounds * failing &&
        JSON.stringify(sipFailures) === JSON.stringify(expected)
      )
    },
  }
}

const hepJs = () => {
  const { decapsulate } = createRequire(import.meta.url)('hep-js')
  let decoded = 0
  return {
    round: () => {
      for (const packet of packets) if (decapsulate(packet)) decoded++
    },
    /** @param {number} rounds */
    isRight: rounds => decoded === rounds * packets.length,
  }
}

const { round, isRight } = process.argv[2] === 'ours' ? ours() : hepJs()
let rounds = 0
let wallSeconds = 0
let cpuSeconds = 0
while (wallSeconds < LENGTH_SECONDS) {
  renew()
  const began = performance.now()
  const cpuBegan = process.cpuUsage()
  round()
  const { user, system } = process.cpuUsage(cpuBegan)
  rounds++
  if (rounds <= WARM_UP_ROUNDS) continue
  wallSeconds += (performance.now() - began) / 1000
  cpuSeconds += (user + system) / 1e6
}
const taken = (rounds - WARM_UP_ROUNDS) * packets.length
const result = {
  packets: taken,
  bytesEach: Math.round(packets.reduce((sum, { length }) => sum + length, 0) / packets.length),
  wallSeconds,
  cpuSeconds,
  isRight: isRight(rounds),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
