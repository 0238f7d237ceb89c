import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { NtpTimeSync as Client } from 'ntp-time-sync'
import { nodePlatform } from '../src/net/node-platform.js'
import { readBurst } from '../src/probers/burst.js'
import { openProbe } from '../src/probers/table.js'
import { type Interval, halfWidth, midpoint, minus } from '../src/time/interval.js'
import { readWall } from '../src/time/tick.js'
import { seconds, toSeconds } from '../src/time/units.js'
import { startChronyd } from '../test/peers/chronyd.js'
import { joinEnv, requirePeer } from '../test/peers/peer.js'
import { ntpdig } from '../test/peers/ntpdig.js'
import { openScope, temporaryFolder } from '../test/peers/scope.js'
import { startUdpProxy } from '../test/peers/udp-proxy.js'

/**
 * How far each client is from the truth about one chronyd. It serves this machine's own wall clock,
 * so the truth is known: 0 against the wall clock, and for our client, which compares with the
 * monotonic clock, the tick method's reading of one against the other.
 */
interface Reading {
  readonly error: number
  /** Half-width of the interval that the client itself gives, if it gives one. */
  readonly bound?: number
  /** The truth is not in that interval. */
  readonly missed?: boolean
}

interface Row {
  readonly client: string
  readonly readings: readonly Reading[]
}

interface Peer {
  readonly address: string
  readonly port: number
}

const scope = openScope()

const QUICK = { ours: 400, bursts: 40, others: 20 }
/** Each takes some 0.2 s of round trips, or the seconds that the program itself waits. */
const SLOW = { ours: 40, bursts: 8, others: 8 }
const CHRONYD_QUERIES = 3
const BURST = 8

const platform = nodePlatform()
const { clock } = platform

const sessionWith = ({ address, port }: Peer) =>
  openProbe(platform, {
    host: address,
    module: { name: 'ntp', kind: 'ntp', port, timeout: seconds(1) },
  })

const readOnce = async (peer: Peer) => {
  const result = await sessionWith(peer).read(new AbortController().signal)
  if (!result.ok) throw new Error(`not read: ${result.reason}, ${result.detail}`)
  return result
}

/** server − mono against wall − mono: what is left is the error of the reading. */
const judged = (interval: Interval): Reading => {
  const truth = readWall(clock).offset
  const difference = minus(interval, truth)
  return {
    error: toSeconds(midpoint(difference)),
    bound: toSeconds(halfWidth(interval)),
    missed: difference.lo > 0n || difference.hi < 0n,
  }
}

const single = async (peer: Peer): Promise<Reading> => judged((await readOnce(peer)).interval)

/** What `edgeclock read` does. */
const burst = async (peer: Peer): Promise<Reading> => {
  const result = await readBurst(sessionWith(peer), BURST, new AbortController().signal)
  if (!result.ok) throw new Error(`not read: ${result.reason}, ${result.detail}`)
  return judged(result.interval)
}

// The package shares its last result between instances; `force` asks anew.
const { NtpTimeSync } = createRequire(import.meta.url)('ntp-time-sync') as {
  NtpTimeSync: typeof Client
}
const ntpTimeSync = async ({ address, port }: Peer): Promise<Reading> => {
  const client = new NtpTimeSync({ servers: [`${address}:${port}`], sampleCount: 8 })
  const { offset, precision } = await client.getTime(true)
  return { error: offset / 1000, bound: precision / 1000, missed: Math.abs(offset) > precision }
}

const ntpdigOnce = async ({ address, port }: Peer): Promise<Reading> => {
  const { offsetSeconds, errorSeconds } = await ntpdig(address, port)
  return {
    error: offsetSeconds,
    bound: errorSeconds,
    missed: Math.abs(offsetSeconds) > errorSeconds,
  }
}

/** `chronyd -Q` only prints what it would do; `-x` makes sure. */
const chronydQuery = async ({ address, port }: Peer): Promise<Reading> => {
  const { path, env } = requirePeer('chronyd')
  const folder = await temporaryFolder(scope, 'chronyd-query')
  // It removes its pidfile in the end, whatever that is.
  const pidfile = `pidfile ${join(folder, 'chronyd.pid')}`
  const source = `server ${address} port ${port} iburst`
  const args = ['-Q', '-x', '-U', '-t', '20', 'user root', 'cmdport 0', pidfile, source]
  const { stdout, stderr } = await promisify(execFile)(path, args, {
    env: { ...process.env, ...joinEnv(env) },
    timeout: 30_000,
  })
  const [, wrongBy] = /System clock wrong by (\S+) seconds/.exec(stdout + stderr) ?? []
  if (wrongBy === undefined) throw new Error(`chronyd -Q: ${stdout}${stderr}`)
  // It says by how much our clock is behind: the server's clock − ours.
  return { error: Number(wrongBy) }
}

const repeat = async (count: number, read: () => Promise<Reading>): Promise<Reading[]> => {
  const readings: Reading[] = []
  for (let i = 0; i < count; i++) readings.push(await read())
  return readings
}

const rowsFor = async (peer: Peer, counts: typeof QUICK): Promise<Row[]> => [
  { client: 'edgeclock, one exchange', readings: await repeat(counts.ours, () => single(peer)) },
  { client: 'edgeclock read (eight)', readings: await repeat(counts.bursts, () => burst(peer)) },
  {
    client: 'chronyd -Q (iburst)',
    readings: await repeat(CHRONYD_QUERIES, () => chronydQuery(peer)),
  },
  { client: 'ntpdig', readings: await repeat(counts.others, () => ntpdigOnce(peer)) },
  {
    client: 'ntp-time-sync getTime',
    readings: await repeat(counts.others, () => ntpTimeSync(peer)),
  },
]

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? NaN

const micro = (value: number): string => (value * 1e6).toFixed(1)

const printed = ({ client, readings }: Row): string => {
  const errors = readings.map(({ error }) => Math.abs(error)).sort((a, b) => a - b)
  const bounds = readings.flatMap(({ bound }) => bound ?? []).sort((a, b) => a - b)
  const missed = readings.filter(reading => reading.missed).length
  return [
    client.padEnd(28),
    String(readings.length).padStart(8),
    micro(quantile(errors, 0.5)).padStart(12),
    micro(errors.at(-1) ?? NaN).padStart(12),
    (bounds.length > 0 ? micro(quantile(bounds, 0.5)) : '–').padStart(14),
    (bounds.length > 0 ? String(missed) : '–').padStart(8),
  ].join('')
}

const HEAD = `${'client'.padEnd(28)}readings   median µs    worst µs  own bound µs  missed`

const say = (line: string): void => void process.stdout.write(`${line}\n`)

try {
  const server = await startChronyd(scope)
  await repeat(50, () => single(server))
  say(`\nOne chronyd on loopback. |error| against the known truth; µs.\n${HEAD}`)
  const near = await rowsFor(server, QUICK)
  for (const row of near) say(printed(row))
  const proxy = await startUdpProxy(scope, { to: server, outMs: 20, backMs: 20 })
  say(`\nThe same chronyd through a proxy, 20 ms there and 20 ms back.\n${HEAD}`)
  const far = await rowsFor(proxy, SLOW)
  for (const row of far) say(printed(row))
  const ours = [...near, ...far].filter(({ client }) => client.startsWith('edgeclock'))
  const missed = ours.flatMap(({ readings }) => readings).filter(reading => reading.missed)
  say(`\n${missed.length} of our intervals missed the truth.`)
  process.exitCode = missed.length > 0 ? 1 : 0
} finally {
  await scope.close()
}
