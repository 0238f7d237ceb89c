import { type Failure, failure } from '../net/failure.js'
import type { Connection, Platform } from '../net/platform.js'
import { type StreamTarget, openConnection, sniOf } from '../net/stream-client.js'
import { encodeClientHello, withRandom } from '../protocol/tls-client-hello.js'
import { FLIGHT_BYTES_LIMIT, type FlightEnd, ServerFlight, TOLD } from '../protocol/tls-flight.js'
import {
  ALERT,
  FAREWELL,
  RANDOM_BYTES,
  type ServerHello,
  gmtUnixTime,
  isDowngraded,
  isHelloRetry,
} from '../protocol/tls.js'
import { type CertificateValidity, certificateValidity } from '../protocol/x509.js'
import { SECOND, stampInterval } from '../time/stamp.js'
import { type DurationNs, type MonoNs, toMilliseconds, toSeconds } from '../time/units.js'
import type { Prober, ProbeTarget } from './prober.js'
import { type SecondSource, type SecondStamp, SecondEdgeSession } from './second-edge.js'

/** So many stamps in step are a clock; random bytes are not in step by chance. */
const SAMPLES = 3
/** Where the certificate did not come in time, so many hellos do not wait for it. */
const IMPATIENT_HELLOS = 100

const TLS_1_3 = failure('no_time', 'the server speaks TLS 1.3 only, which tells no time')
const DOWNGRADED = failure(
  'no_time',
  'the server has the mark of TLS 1.3 in its random, and so no time to go by',
)

/**
 * The clock that a server of TLS 1.2 or older puts into its ServerHello (RFC 5246 §7.4.1.2), before it asks
 * for a client's certificate. No handshake is brought to its end, and no certificate is verified.
 */
export const tls: Prober<'tls'> = {
  reasons: ['timeout', 'refused', 'unreachable', 'dns', 'tls', 'protocol', 'no_time', 'aborted'],
  open: (platform, target) => {
    const { timeout, staleness } = target.module
    const { trace } = target
    const options = { timeout, staleness, samples: SAMPLES, trace }
    return new SecondEdgeSession(platform, new HelloSource(platform, target), options)
  },
}

interface KnownCertificate {
  readonly der: Uint8Array
  readonly validity: CertificateValidity | undefined
}

/** Tells a whole second for each hello, which takes a connection of its own. */
class HelloSource implements SecondSource {
  readonly #platform: Platform
  readonly #target: ProbeTarget<'tls'>
  readonly #to: StreamTarget
  readonly #hello: Uint8Array
  #certificate: KnownCertificate | undefined
  /** How many hellos more do not wait for the certificate. */
  #impatient = 0

  constructor(platform: Platform, target: ProbeTarget<'tls'>) {
    const { port, server_name: serverName } = target.module
    this.#platform = platform
    this.#target = target
    this.#to = { host: target.host, port, tls: false, serverName }
    this.#hello = encodeClientHello(sniOf(this.#to))
  }

  async ask(signal: AbortSignal): Promise<SecondStamp | Failure> {
    const opened = await openConnection(this.#platform, this.#to, signal)
    if (!opened.ok) return opened
    const flight = new ServerFlight()
    const result = await this.#greet(opened.connection, flight, signal)
    // Who ended it with an alert has said what there was to say, and others do not speak TLS.
    opened.connection.close(flight.hello ? FAREWELL : undefined)
    return result
  }

  close(): void {
    // No connection is kept.
  }

  /**
   * The server's own certificate is waited for, not what comes behind it. To close as soon as the time is in
   * hand would be no sooner done with, for the next hello waits for its second and what was under way comes all
   * the same, and a certificate that was renewed would not be seen.
   */
  async #greet(
    connection: Connection,
    flight: ServerFlight,
    signal: AbortSignal,
  ): Promise<SecondStamp | Failure> {
    const { clock } = this.#platform
    const waits = this.#impatient === 0
    let received: MonoNs | undefined
    const before = clock.mono()
    const exchanged = await connection.exchange({
      request: withRandom(this.#hello, this.#platform.randomBytes(RANDOM_BYTES)),
      accept: (bytes, at, ended) => {
        flight.read(bytes)
        if (flight.hasRandom) received ??= at
        const isLast = ended || !waits || bytes.length >= FLIGHT_BYTES_LIMIT
        return flight.end ?? (flight.hello && isLast ? TOLD : undefined)
      },
      limit: FLIGHT_BYTES_LIMIT,
      signal,
    })
    const { hello } = flight
    if (!hello || received === undefined) return exchanged.ok ? failureOf(flight.end) : exchanged
    // We were given up, or our own clocks moved meanwhile: then none of the instants can be trusted.
    if (!exchanged.ok && exchanged.reason === 'aborted') return exchanged
    this.#impatient = isLate(exchanged) ? IMPATIENT_HELLOS : Math.max(0, this.#impatient - 1)
    const sent = exchanged.ok ? exchanged.sent : before
    return this.#stampOf(hello, sent, received, flight.certificate)
  }

  #stampOf(
    hello: ServerHello,
    sent: MonoNs,
    received: MonoNs,
    der: Uint8Array | undefined,
  ): SecondStamp | Failure {
    if (isHelloRetry(hello)) return TLS_1_3
    if (isDowngraded(hello)) return DOWNGRADED
    const certificate = der && this.#validityOf(der)
    const facts = certificate ? { certificate } : {}
    const stamp = { sent, received, stamp: gmtUnixTime(hello) }
    this.#target.trace?.(described(stamp, this.#target.module.staleness))
    return { ok: true, ...stamp, facts }
  }

  /** It is the same for months: it is read when it is another one. */
  #validityOf(der: Uint8Array): CertificateValidity | undefined {
    if (!this.#certificate || Buffer.compare(this.#certificate.der, der) !== 0) {
      this.#certificate = { der: der.slice(), validity: certificateValidity(der) }
    }
    return this.#certificate.validity
  }
}

const isLate = (result: { readonly ok: true } | Failure): boolean =>
  !result.ok && result.reason === 'timeout'

const failureOf = (end: FlightEnd | undefined): Failure => {
  if (end?.kind === 'malformed') return failure('protocol', end.detail)
  if (end?.kind !== 'alert') return failure('protocol', 'no ServerHello')
  if (end.code === ALERT.protocolVersion) return TLS_1_3
  return failure('tls', `the server refuses with the alert ${end.name}`)
}

const described = (
  stamp: Pick<SecondStamp, 'sent' | 'received' | 'stamp'>,
  staleness: DurationNs,
): string => {
  const { lo, hi } = stampInterval({ ...stamp, resolution: SECOND, staleness })
  const utc = new Date(toMilliseconds(stamp.stamp)).toISOString()
  const [from, to] = [lo, hi].map(end => toSeconds(end).toFixed(6))
  return `ServerHello.random begins with ${utc}: ${from} to ${to} s ahead of our monotonic clock`
}
