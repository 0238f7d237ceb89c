import { readFileSync } from 'node:fs'
import { Agent, get } from 'node:http'

/** Asks an exporter's /probe as Prometheus does, on kept connections, and tells what its process took for it. */
const REQUEST_TIMEOUT_MS = 20_000

export interface Exporter {
  readonly address: string
  readonly port: number
  readonly pid: number
}

/** What a process did and took in some seconds. */
export interface Spent {
  /** Requests that went out to the servers; of blackbox, its probes. */
  readonly exchanges: number
  readonly readings: number
  readonly cpuSeconds: number
}

export interface Load {
  readonly exporter: Exporter
  /** Each is asked again and again, one question at a time. */
  readonly paths: readonly string[]
  readonly seconds: number
}

/** USER_HZ: what proc_pid_stat(5) counts in, on every architecture that Node runs on. */
const TICKS_A_SECOND = 100

/** Processor time of a process and all its threads so far. proc_pid_stat(5): fields 14 and 15. */
export const cpuSecondsOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  // The second field is the program's name, in brackets, with anything in it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND
}

export const pause = (seconds: number): Promise<void> =>
  new Promise(resolve => setTimeout(resolve, seconds * 1000))

/** The body of one answer; anything but a 200 is an error. */
export const ask = ({ address, port }: Exporter, path: string, agent?: Agent): Promise<string> =>
  new Promise((resolve, reject) => {
    const options = { agent, host: address, port, path, timeout: REQUEST_TIMEOUT_MS }
    const request = get(options, response => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const body = Buffer.concat(pieces).toString('latin1')
        if (response.statusCode === 200) resolve(body)
        else reject(new Error(`${path}: ${response.statusCode} ${body}`))
      })
    })
    request.on('timeout', () => request.destroy(new Error(`${path}: no answer in time`)))
    request.on('error', reject)
  })

/** What a process takes in a second without being asked anything. */
export const idleCpu = async ({ pid }: Pick<Exporter, 'pid'>, seconds: number): Promise<number> => {
  const before = cpuSecondsOf(pid)
  await pause(seconds)
  return (cpuSecondsOf(pid) - before) / seconds
}

/** Asks for some seconds; one probe that does not succeed is an error, a share of them is too many. */
export const load = async (
  { exporter, paths, seconds }: Load,
  idle = 0,
): Promise<Spent & { failed: number }> => {
  const agent = new Agent({ keepAlive: true, maxSockets: paths.length })
  const cpuBefore = cpuSecondsOf(exporter.pid)
  const began = performance.now()
  const passed = (): number => (performance.now() - began) / 1000
  let readings = 0
  let failed = 0
  const again = async (path: string): Promise<void> => {
    while (passed() < seconds) {
      const body = await ask(exporter, path, agent)
      if (/^probe_success 1$/m.test(body)) readings++
      else failed++
    }
  }
  try {
    await Promise.all(paths.map(again))
    const cpuSeconds = cpuSecondsOf(exporter.pid) - cpuBefore - idle * passed()
    return { exchanges: readings, readings, cpuSeconds, failed }
  } finally {
    agent.destroy()
  }
}
