import type { Module } from '../../src/config/modules.js'
import { http } from '../../src/probers/http.js'
import type { ProbeResult, ProbeSession } from '../../src/probers/prober.js'
import { milliseconds, seconds } from '../../src/time/units.js'
import { type Conversation, type SimServer, World } from '../sim/world.js'

const HOST = '192.0.2.11'

export const httpModule = (change: Partial<Module<'http'>> = {}): Module<'http'> => ({
  name: 'http',
  kind: 'http',
  port: 80,
  timeout: seconds(5),
  staleness: seconds(1),
  tls: false,
  path: '/',
  server_name: '',
  ...change,
})

/** An answer to HEAD with that Date and other headers. */
export const reply = (date: string, others: readonly string[] = [], status = '200 OK'): string =>
  [`HTTP/1.1 ${status}`, `Date: ${date}`, ...others, '', ''].join('\r\n')

/** Unix time in nanoseconds as the header has it, cut down to the second. */
export const httpDate = (clock: bigint): string =>
  new Date(Number(clock / 1_000_000_000n) * 1000).toUTCString()

/** A web server in virtual time. */
export class WebWorld {
  readonly world = new World()
  readonly server: SimServer
  readonly requests: string[] = []
  readonly session: ProbeSession
  connections = 0
  readonly lines: string[] = []
  /** What it answers the n-th request with, from 1; undefined closes the connection. */
  answer: (clock: bigint, n: number) => string | undefined = clock => reply(httpDate(clock))

  constructor(module: Partial<Module<'http'>> = {}, server: Partial<SimServer> = {}) {
    const converse = (): Conversation => {
      this.connections++
      return (request, clock) => {
        this.requests.push(Buffer.from(request).toString('latin1'))
        const text = this.answer(clock, this.requests.length)
        return text === undefined ? undefined : [Buffer.from(text, 'latin1')]
      }
    }
    this.server = this.world.add(HOST, { converse, ...server })
    const trace = (line: string): void => void this.lines.push(line)
    const target = { host: HOST, module: httpModule(module), trace }
    this.session = http.open(this.world.platform, target)
  }

  /** The server's clock − our monotonic clock. */
  truth(): bigint {
    return this.world.clockOf(this.server) - this.world.mono()
  }

  async read(): Promise<ProbeResult> {
    const seen: { result?: ProbeResult } = {}
    void this.session.read(new AbortController().signal).then(one => (seen.result = one))
    for (let i = 0; i < 8000 && !seen.result; i++) await this.world.pass(milliseconds(5))
    const { result } = seen
    if (!result) throw new Error('a reading that does not end')
    return result
  }
}
