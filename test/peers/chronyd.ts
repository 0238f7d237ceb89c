import { writeFile } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import { join } from 'node:path'
import { offsetSeconds, shiftedEnv, type SteppingClock, steppingClock } from './faketime.js'
import { type NtpAnswer, queryNtp } from './ntp-query.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeUdpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { until } from './wait.js'

/** What the rounding of libfaketime and of two readings of the clock may add to the error. */
const SLACK_SECONDS = 0.005
const QUERY_TIMEOUT_MS = 500

export type ChronydOptions = {
  address?: string
  port?: number
  /** libfaketime's notation: `-6h`, `+90.5`. Positive: ahead of this machine's clock. */
  offset?: string
  /** Lets `step` change the offset while it runs. */
  steppable?: boolean
  /** Answers with leap indicator 3, as a server does that never had a source. */
  unsynchronised?: boolean
  stratum?: number
}

export type Chronyd = {
  address: string
  port: number
  pid: number
  query: () => Promise<NtpAnswer>
  /** Sets the offset against this machine's clock; resolves once it answers with it. */
  step: (offset: string) => Promise<void>
  stop: () => Promise<void>
}

/** The Unix socket is off as well: its folder is made in the system's /run otherwise. */
const configuration = (
  folder: string,
  { address = '127.0.0.1', port, unsynchronised = false, stratum = 3 }: ChronydOptions,
): string =>
  [
    `port ${port}`,
    `bindaddress ${address}`,
    'allow',
    'cmdport 0',
    'bindcmdaddress /',
    `pidfile ${join(folder, 'chronyd.pid')}`,
    // Debian's build changes to a user who is there only where the package is installed.
    'user root',
    ...(unsynchronised ? [] : [`local stratum ${stratum}`]),
    '',
  ].join('\n')

const clockOf = async (
  scope: Scope,
  { offset, steppable = false }: ChronydOptions,
): Promise<Pick<SteppingClock, 'env'> & Partial<SteppingClock>> => {
  if (steppable) return steppingClock(scope, offset)
  return { env: offset === undefined ? {} : shiftedEnv(offset) }
}

const answersWith = async (query: () => Promise<NtpAnswer>, offset: string) => {
  const answer = await query()
  const away = Math.abs(answer.offsetSeconds - offsetSeconds(offset))
  return away <= answer.errorSeconds + SLACK_SECONDS
}

/** A real server on loopback. It never touches this machine's clock (`-x`). */
export const startChronyd = async (
  scope: Scope,
  options: ChronydOptions = {},
): Promise<Chronyd> => {
  const { address = '127.0.0.1', offset = '+0' } = options
  const port = options.port ?? (await freeUdpPort(address))
  const chronyd = requirePeer('chronyd')
  const folder = await temporaryFolder(scope, 'chronyd')
  const file = join(folder, 'chrony.conf')
  await writeFile(file, configuration(folder, { ...options, port }))
  const clock = await clockOf(scope, options)
  const query = () => queryNtp(address, port, QUERY_TIMEOUT_MS)
  const { pid, stop } = await startProcess(scope, {
    name: 'chronyd',
    command: chronyd.path,
    args: ['-x', '-d', '-U', isIPv6(address) ? '-6' : '-4', '-f', file],
    env: joinEnv(clock.env, chronyd.env),
    ready: () => answersWith(query, offset),
  })
  const step = async (to: string) => {
    if (clock.step === undefined) throw new Error('this chronyd was not started as steppable')
    await clock.step(to)
    await until(() => answersWith(query, to), { what: `chronyd at ${to}` })
  }
  return { address, port, pid, query, step, stop }
}
