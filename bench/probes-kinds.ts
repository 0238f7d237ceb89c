import { makeCertificate } from '../test/peers/certificate.js'
import type { BlackboxModule } from '../test/peers/blackbox.js'
import { startChronyd } from '../test/peers/chronyd.js'
import { startLighttpd } from '../test/peers/lighttpd.js'
import { startNginx } from '../test/peers/nginx.js'
import type { Scope } from '../test/peers/scope.js'

/** What is probed, and the configurations of ours that do it. */
/** So many of ours at once: /probe takes 64, and each waits for second edges. */
export const PROBE_AT_ONCE = 48
/** Their clocks differ, so that not all of them are at a second edge at once. */
const CLOCKS = 8

/** Without it the server signs something for each hello, and has no time for so many of them. */
const CHEAP = 'TLS-RSA-WITH-AES-128-GCM-SHA256'

export interface Kind {
  readonly prober: 'ntp' | 'tls' | 'http'
  readonly blackbox: BlackboxModule
  readonly servers: number
  readonly intervalSeconds: number
  readonly warmUpSeconds: number
  readonly staleness?: string
  /** At least so many times blackbox: from the schedule, through /probe. */
  readonly aims?: { readonly schedule: number; readonly probe: number }
}

export const KINDS: readonly Kind[] = [
  { prober: 'ntp', blackbox: 'tcp_connect', servers: 800, intervalSeconds: 0.4, warmUpSeconds: 2 },
  {
    prober: 'tls',
    blackbox: 'tcp_connect',
    servers: 1000,
    intervalSeconds: 4,
    warmUpSeconds: 16,
    aims: { schedule: 3, probe: 1.5 },
  },
  {
    prober: 'http',
    blackbox: 'http_2xx',
    servers: 4000,
    intervalSeconds: 4,
    warmUpSeconds: 16,
    staleness: '0s',
    aims: { schedule: 5, probe: 1.5 },
  },
]

/** All alike. */
export const MODULES = Array.from({ length: PROBE_AT_ONCE }, (_, i) => `quick${i}`)

/** Ports of servers of one kind, each with a clock of its own, and one that TCP can be tried at. */
export const startServers = async (scope: Scope, { prober }: Kind): Promise<readonly number[]> => {
  if (prober === 'ntp') return [(await startChronyd(scope)).port]
  const offsets = Array.from({ length: CLOCKS }, (_, i) => `+${(i / CLOCKS).toFixed(3)}`)
  if (prober === 'http') {
    return Promise.all(offsets.map(async offset => (await startNginx(scope, { offset })).port))
  }
  const { bothFile: pemFile } = await makeCertificate(scope, { key: 'rsa' })
  return Promise.all(
    offsets.map(
      async offset =>
        (await startLighttpd(scope, { tls: 'mbedtls', pemFile, offset, cipher: CHEAP })).port,
    ),
  )
}

const moduleOf = ({ prober, intervalSeconds, staleness }: Kind) => ({
  prober,
  timeout: `${intervalSeconds * 1000}ms`,
  ...(staleness !== undefined && { staleness }),
})

/** A pool of `count` servers: addresses of loopback, in turn at the given ports. */
export const poolConfig = (
  reference: string,
  kind: Kind,
  ports: readonly number[],
  count: number,
) => {
  const servers = Array.from({ length: count }, (_, i) => ({
    name: `edge${i}`,
    address: `127.0.0.1:${ports[i % ports.length]}`,
  }))
  const interval = `${kind.intervalSeconds * 1000}ms`
  return {
    reference: { servers: [reference], interval: '1s', timeout: '900ms' },
    modules: Object.fromEntries(MODULES.map(name => [name, moduleOf(kind)])),
    pools: count === 0 ? [] : [{ name: 'pool', interval, modules: MODULES.slice(0, 1), servers }],
  }
}
