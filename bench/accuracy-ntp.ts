import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { NtpTimeSync as Client } from 'ntp-time-sync'
import { nodePlatform } from '../src/net/node-platform.js'
import { readBurst } from '../src/probers/burst.js'
import { openProbe } from '../src/probers/table.js'
import { seconds } from '../src/time/units.js'
import { ntpdig } from '../test/peers/ntpdig.js'
import { joinEnv, requirePeer } from '../test/peers/peer.js'
import { type Scope, temporaryFolder } from '../test/peers/scope.js'
import { type Reading, type Row, compared, judged, repeat } from './accuracy-readings.js'

/** The clients of NTP, ours and others', beside one server that is not shifted. */
export interface NtpServer {
  readonly address: string
  readonly port: number
}

export interface Counts {
  readonly ours: number
  readonly bursts: number
  readonly others: number
}

export const QUICK: Counts = { ours: 400, bursts: 40, others: 20 }
/** Each takes some 0.2 s of round trips, or the seconds that the program itself waits. */
export const SLOW: Counts = { ours: 40, bursts: 8, others: 8 }
const CHRONYD_QUERIES = 3
const BURST = 8

const platform = nodePlatform()

const sessionWith = ({ address, port }: NtpServer) =>
  openProbe(platform, {
    host: address,
    module: { name: 'ntp', kind: 'ntp', port, timeout: seconds(1) },
  })

/** `count` exchanges as one reading: one, or what `edgeclock read` does. */
const ours = async (server: NtpServer, count: number): Promise<Reading> => {
  const result = await readBurst(sessionWith(server), count, new AbortController().signal)
  if (!result.ok) throw new Error(`not read: ${result.reason}, ${result.detail}`)
  return judged(result.interval)
}

export const single = (server: NtpServer): Promise<Reading> => ours(server, 1)

// The package shares its last result between instances; `force` asks anew.
const { NtpTimeSync } = createRequire(import.meta.url)('ntp-time-sync') as {
  NtpTimeSync: typeof Client
}
const ntpTimeSync = async ({ address, port }: NtpServer): Promise<Reading> => {
  const client = new NtpTimeSync({ servers: [`${address}:${port}`], sampleCount: 8 })
  const { offset, precision } = await client.getTime(true)
  return compared(offset / 1000, 0, precision / 1000)
}

const ntpdigOnce = async ({ address, port }: NtpServer): Promise<Reading> => {
  const { offsetSeconds, errorSeconds } = await ntpdig(address, port)
  return compared(offsetSeconds, 0, errorSeconds)
}

/** `chronyd -Q` only prints what it would do; `-x` makes sure. */
const chronydQuery = async (scope: Scope, { address, port }: NtpServer): Promise<Reading> => {
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
  return compared(Number(wrongBy), 0)
}

export const ntpRows = async (
  scope: Scope,
  server: NtpServer,
  counts: Counts,
): Promise<readonly Row[]> => [
  { client: 'edgeclock, one exchange', readings: await repeat(counts.ours, () => single(server)) },
  {
    client: 'edgeclock read (eight)',
    readings: await repeat(counts.bursts, () => ours(server, BURST)),
  },
  {
    client: 'chronyd -Q (iburst)',
    readings: await repeat(CHRONYD_QUERIES, () => chronydQuery(scope, server)),
  },
  { client: 'ntpdig', readings: await repeat(counts.others, () => ntpdigOnce(server)) },
  {
    client: 'ntp-time-sync getTime',
    readings: await repeat(counts.others, () => ntpTimeSync(server)),
  },
]
