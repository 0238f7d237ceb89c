import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { requirePeer } from './peer.js'
import { freeUdpPort } from './ports.js'
import { type StartedProcess, startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { answeringScenario, callingScenario, type SippAnswer } from './sipp-scenarios.js'
import { isUdpBound } from './udp-bound.js'

/** Nothing here runs longer, whatever becomes of the test. */
const LIFETIME_SECONDS = 120
const CALLS_PER_SECOND = 20

export type SippServer = {
  address: string
  port: number
  pid: number
  stop: () => Promise<void>
}

export type SippCalls = {
  /** A proxy, or the server itself. */
  to: { address: string; port: number }
  calls: number
  /** What the server is going to answer; another final response fails the call. */
  answer: SippAnswer
  callsPerSecond?: number
  /** Begins each Call-ID. */
  name?: string
  deadlineSeconds?: number
}

type Run = { name: string; scenario: string; address: string; port: number; args: string[] }

/**
 * Its control socket would listen on all addresses, and its error file be written into the current
 * folder. It reads no keys, and shows its screen only at the end.
 */
const startSipp = async (
  scope: Scope,
  { name, scenario, address, port, args }: Run,
  ready?: () => Promise<boolean>,
): Promise<StartedProcess> => {
  const sipp = requirePeer('sipp')
  const folder = await temporaryFolder(scope, name)
  const file = join(folder, `${name}.xml`)
  await writeFile(file, scenario)
  const local = ['-i', address, '-mi', address, '-p', String(port)]
  const control = ['-ci', address, '-cp', String(await freeUdpPort(address)), '-nostdin']
  return startProcess(scope, {
    name,
    command: sipp.path,
    args: ['-sf', file, ...local, ...control, ...args],
    env: sipp.env,
    cwd: folder,
    ...(ready !== undefined && { ready }),
  })
}

/** A server on loopback that gives each INVITE the same answer. */
export const startSippServer = async (
  scope: Scope,
  { answer, address = '127.0.0.1' }: { answer: SippAnswer; address?: string },
): Promise<SippServer> => {
  const port = await freeUdpPort(address)
  const scenario = answeringScenario(answer)
  const args = ['-timeout', String(LIFETIME_SECONDS)]
  const run = { name: 'sipp-server', scenario, address, port, args }
  const { pid, stop } = await startSipp(scope, run, () => isUdpBound(port))
  return { address, port, pid, stop }
}

/**
 * Calls voicemail so many times; resolves with the Call-IDs once all calls are over.
 *
 * @throws when a call does not end as it should, or not in time
 */
export const sippCalls = async (scope: Scope, options: SippCalls): Promise<string[]> => {
  const { to, calls, answer, callsPerSecond = CALLS_PER_SECOND } = options
  const { name = 'call', deadlineSeconds = 20 } = options
  const port = await freeUdpPort(to.address)
  const timeout = Math.min(deadlineSeconds, LIFETIME_SECONDS)
  const pace = ['-m', String(calls), '-r', String(callsPerSecond), '-timeout', String(timeout)]
  // `%u` is the number of the call, from 1.
  const callId = `${name}-%u@contoso.com`
  const { exited, output } = await startSipp(scope, {
    name: 'sipp-calls',
    scenario: callingScenario(answer),
    address: to.address,
    port,
    args: [...pace, '-timeout_error', '-cid_str', callId, `${to.address}:${to.port}`],
  })
  const { code, signal } = await exited
  if (code !== 0) throw new Error(`sipp ended with ${code ?? signal}:\n${output()}`)
  return Array.from({ length: calls }, (_, i) => callId.replace('%u', String(i + 1)))
}
