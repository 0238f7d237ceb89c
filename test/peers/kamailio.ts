import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { shiftedEnv } from './faketime.js'
import { joinEnv, requirePeer } from './peer.js'
import { freeUdpPort } from './ports.js'
import { startProcess } from './process.js'
import { type Scope, temporaryFolder } from './scope.js'
import { isUdpBound } from './udp-bound.js'

const MEGABYTES = { shared: 16, own: 4 }

export type KamailioOptions = {
  /** Where all requests go. */
  next: { address: string; port: number }
  /** Where each message goes a second time, in HEP3. */
  hep: { address: string; port: number; transport?: 'udp' | 'tcp'; captureId?: number }
  address?: string
  port?: number
  /** libfaketime's notation: `-6h`, `+90.5`. The stamps in its HEP packets are off by this. */
  offset?: string
}

export type Kamailio = {
  address: string
  port: number
  pid: number
  /** What it wrote to its log: the last 64 Ki characters. */
  output: () => string
  stop: () => Promise<void>
}

/**
 * `trace_mode` 1 sends whatever comes in or goes out. `sip_trace()` beside it would send all of it
 * twice. For HEP over TCP there must be a TCP socket of its own, although nothing connects to it.
 */
const configuration = (
  modules: string,
  { address = '127.0.0.1', port, next, hep }: KamailioOptions,
): string => {
  const { transport = 'udp', captureId = 1 } = hep
  const collector = `sip:${hep.address}:${hep.port};transport=${transport}`
  return `#!KAMAILIO
debug=2
children=1
auto_aliases=no
dns=no
rev_dns=no
listen=udp:${address}:${port}
${transport === 'tcp' ? `tcp_children=1\nlisten=tcp:${address}:${port}` : 'disable_tcp=yes'}
mpath="${modules}"
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "siptrace.so"
modparam("siptrace", "trace_on", 1)
modparam("siptrace", "trace_mode", 1)
modparam("siptrace", "trace_to_database", 0)
modparam("siptrace", "hep_mode_on", 1)
modparam("siptrace", "hep_version", 3)
modparam("siptrace", "hep_capture_id", ${captureId})
modparam("siptrace", "duplicate_uri", "${collector}")
request_route {
  $du = "sip:${next.address}:${next.port}";
  t_relay();
}
`
}

/** Its worker processes, which outlive it when it is killed. */
const workersOf = (pid: number): number[] => {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
    return children.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

/** The file's path is in their arguments, and in no others': the folder is this one's alone. */
const killWorkers = (workers: readonly number[], file: string): void => {
  for (const worker of workers) {
    try {
      if (readFileSync(`/proc/${worker}/cmdline`, 'utf8').includes(file)) {
        process.kill(worker, 'SIGKILL')
      }
    } catch {
      // Gone by itself.
    }
  }
}

/** A real SIP proxy on loopback, over UDP, that mirrors what it sees as HEP3. */
export const startKamailio = async (scope: Scope, options: KamailioOptions): Promise<Kamailio> => {
  const { address = '127.0.0.1', offset } = options
  const port = options.port ?? (await freeUdpPort(address))
  const kamailio = requirePeer('kamailio')
  const modules = dirname(requirePeer('siptrace').path)
  const folder = await temporaryFolder(scope, 'kamailio')
  const file = join(folder, 'kamailio.cfg')
  await writeFile(file, configuration(modules, { ...options, port }))
  const clock = offset === undefined ? {} : shiftedEnv(offset)
  const memory = ['-m', String(MEGABYTES.shared), '-M', String(MEGABYTES.own)]
  const started = await startProcess(scope, {
    name: 'kamailio',
    command: kamailio.path,
    // No daemon, no pid file, and its sockets in this folder.
    args: ['-DD', '-E', '-f', file, '-Y', folder, '-w', folder, ...memory],
    env: joinEnv(clock, kamailio.env, { LD_LIBRARY_PATH: dirname(modules) }),
    ready: () => isUdpBound(port),
  })
  const { pid, output } = started
  // The test file that ends early kills the first process alone; before that its workers are known.
  const killed = () => killWorkers(workersOf(pid), file)
  process.prependOnceListener('exit', killed)
  const stop = async () => {
    const workers = workersOf(pid)
    await started.stop()
    killWorkers(workers, file)
    process.removeListener('exit', killed)
  }
  scope.teardown(stop)
  return { address, port, pid, output, stop }
}
