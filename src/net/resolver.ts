import { type LookupAddress, promises as dns } from 'node:dns'
import { isIP } from 'node:net'
import { endedBy } from './deadline.js'
import { type Failure, failure } from './failure.js'
import type { Address } from './platform.js'

export type Lookup = (host: string) => Promise<LookupAddress>
type Found = ({ readonly ok: true } & Address) | Failure

/** getaddrinfo tells no time to live; a moved server is found again within this. */
const FRESH_MS = 60_000
/** libuv gives name look-ups two of its threads; more would only queue there, out of our sight. */
const LOOKUPS_AT_ONCE = 2
const NAMES_LIMIT = 20_000
const WAITING_LIMIT = 10_000

interface Entry {
  readonly found: Address
  readonly until: number
}

/**
 * The system's resolver (hosts file, search domains, everything that `ping` would use), behind a
 * cache. A name that was found once stays readable while its look-up is refreshed, fails or hangs:
 * a dead name server then costs no readings. getaddrinfo cannot be stopped, so a caller whose signal
 * ends leaves the look-up running and goes; each name has at most one under way, and names that
 * failed last time wait behind the others. c-ares could be stopped, but it ignores the hosts file.
 */
export class Resolver {
  readonly #lookup: Lookup
  readonly #nowMs: () => number
  readonly #known = new Map<string, Entry>()
  readonly #running = new Map<string, Promise<Found>>()
  readonly #failing = new Set<string>()
  readonly #waiting: { host: string; start: () => void }[] = []
  #active = 0

  constructor(
    lookup: Lookup = host => dns.lookup(host),
    nowMs: () => number = () => performance.now(),
  ) {
    this.#lookup = lookup
    this.#nowMs = nowMs
  }

  async resolve(host: string, signal: AbortSignal): Promise<Found> {
    const family = isIP(host)
    if (family === 4 || family === 6) return { ok: true, address: host, family }
    const entry = this.#known.get(host)
    if (!entry) return await orEnded(this.#refresh(host), signal)
    if (entry.until <= this.#nowMs()) void this.#refresh(host)
    return { ok: true, ...entry.found }
  }

  #refresh(host: string): Promise<Found> {
    const running = this.#running.get(host)
    if (running) return running
    if (this.#waiting.length >= WAITING_LIMIT) {
      return Promise.resolve(failure('dns', 'too many names wait for their look-up'))
    }
    const started = this.#turn(host)
      .then(() => this.#lookup(host))
      .then(
        found => this.#remember(host, found),
        (error: Error) => this.#missed(host, error),
      )
      .finally(() => this.#next(host))
    this.#running.set(host, started)
    return started
  }

  #turn(host: string): Promise<void> {
    if (this.#active < LOOKUPS_AT_ONCE) {
      this.#active++
      return Promise.resolve()
    }
    return new Promise(start => this.#waiting.push({ host, start }))
  }

  #next(host: string): void {
    this.#running.delete(host)
    const healthy = this.#waiting.findIndex(waiting => !this.#failing.has(waiting.host))
    const [next] = this.#waiting.splice(Math.max(0, healthy), 1)
    if (next) next.start()
    else this.#active--
  }

  #remember(host: string, { address, family }: LookupAddress): Found {
    const found: Address = { address, family: family === 6 ? 6 : 4 }
    if (this.#known.size >= NAMES_LIMIT) this.#known.clear()
    this.#known.set(host, { found, until: this.#nowMs() + FRESH_MS })
    this.#failing.delete(host)
    return { ok: true, ...found }
  }

  #missed(host: string, error: Error): Failure {
    if (this.#failing.size >= NAMES_LIMIT) this.#failing.clear()
    this.#failing.add(host)
    return failure('dns', error.message)
  }
}

const orEnded = (work: Promise<Found>, signal: AbortSignal): Promise<Found> =>
  new Promise(resolve => {
    const giveUp = (): void => {
      const why = endedBy(signal, 'address of the name')
      resolve(why.reason === 'timeout' ? failure('dns', why.detail) : why)
    }
    if (signal.aborted) return giveUp()
    signal.addEventListener('abort', giveUp, { once: true })
    void work.then(found => {
      signal.removeEventListener('abort', giveUp)
      resolve(found)
    })
  })
