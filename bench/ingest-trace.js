import { readFileSync } from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'
import { PoolCalls } from '../dist/calls/pool-calls.js'
import { FileSource, traceReader } from '../dist/calls/sources/files.js'
import { nodePlatform } from '../dist/net/node-platform.js'
import { toSeconds } from '../dist/time/units.js'

/**
 * `node ingest-trace.js FILE`: reads and counts a trace as the exporter does, from start to end, and
 * prints what it counted and what that took. A process of its own, and of what is built (dist/), so
 * that the memory is the exporter's and no compiler's.
 */
const SETTLE_EVERY_SECONDS = 2
const SEED = 0x5eed

const [path = ''] = process.argv.slice(2)
const { clock } = nodePlatform()
const now = () => toSeconds(clock.mono())
/** @type {string[]} */
const problems = []

const began = now()
const cpuBegan = process.cpuUsage()
const pool = new PoolCalls('edgepool1', ['edge01', 'edge02'], SEED, began)
const log = (/** @type {string} */ level, /** @type {string} */ message) => {
  if (level !== 'info') problems.push(message)
}
const source = new FileSource(path, traceReader(pool), { log, clock }, undefined)
let settled = began
for (let more = true; more;) {
  pool.now = now()
  more = (await source.round()).more
  if (now() - settled >= SETTLE_EVERY_SECONDS) {
    pool.settle(!more)
    settled = now()
  }
  await turn()
}
pool.end()
const wallSeconds = now() - began
const { user, system } = process.cpuUsage(cpuBegan)
const status = source.status()
await source.close()

/**
 * The peak. Linux' ru_maxrss is no good: it begins with what the process was forked from.
 *
 * @returns {number} bytes
 */
const peakBytes = () => {
  try {
    const [, kilobytes = ''] =
      /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== '') return Number(kilobytes) * 1024
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024
}

const result = {
  wallSeconds,
  cpuSeconds: (user + system) / 1e6,
  peakBytes: peakBytes(),
  status,
  problems,
  tally: pool.tally(),
}
process.stdout.write(`${JSON.stringify(result)}\n`)
