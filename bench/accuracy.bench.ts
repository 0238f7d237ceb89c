import { milliseconds } from '../src/time/units.js'
import { startApache } from '../test/peers/apache.js'
import { makeCertificate } from '../test/peers/certificate.js'
import { startChronyd } from '../test/peers/chronyd.js'
import { startFreerdp } from '../test/peers/freerdp.js'
import { htpdate } from '../test/peers/htpdate.js'
import { startLighttpd } from '../test/peers/lighttpd.js'
import { startNginx } from '../test/peers/nginx.js'
import { startNodeExporter } from '../test/peers/node-exporter.js'
import { startSamba } from '../test/peers/samba.js'
import { openScope } from '../test/peers/scope.js'
import { startUdpProxy } from '../test/peers/udp-proxy.js'
import { QUICK, SLOW, ntpRows, single } from './accuracy-ntp.js'
import { type ProberRow, type Watched, proberRow } from './accuracy-probers.js'
import { HEAD, HEAD_EXCHANGES, type Row, compared, printed, repeat } from './accuracy-readings.js'

/**
 * How far each client is from the truth, which is known: the servers run on this machine, some with their
 * clock shifted. NTP against a chronyd that is not, as near as loopback and 20 ms away; then each prober
 * against a Debian program, with what it takes to get there. Exits with 1 where an interval of ours misses.
 * `npm run bench -- accuracy [ntp|probers]`: only one of the two.
 */
const SHIFT = '+0.4'
const QUICK_READINGS = 30
/** Each waits for its server's second edge. */
const AIMED_READINGS = 8
const HTPDATE_READINGS = 8
const WARM_UP = 50

const scope = openScope()

const say = (line: string): void => void process.stdout.write(`${line}\n`)

const ntpTables = async (): Promise<readonly Row[]> => {
  const server = await startChronyd(scope)
  await repeat(WARM_UP, () => single(server))
  say(`\nOne chronyd on loopback. |error| against the known truth; µs.\n${HEAD}`)
  const near = await ntpRows(scope, server, QUICK)
  for (const row of near) say(printed(row))
  const proxy = await startUdpProxy(scope, { to: server, outMs: 20, backMs: 20 })
  say(`\nThe same chronyd through a proxy, 20 ms there and 20 ms back.\n${HEAD}`)
  const far = await ntpRows(scope, proxy, SLOW)
  for (const row of far) say(printed(row))
  return [...near, ...far]
}

const shifted = { offset: SHIFT }
const quick = { readings: QUICK_READINGS, acquisitions: 3, shift: Number(SHIFT) }
const aimed = { readings: AIMED_READINGS, acquisitions: 2, shift: Number(SHIFT) }

/** One after the other: a server that is not asked any more is no load to the others. */
const watched: readonly (() => Promise<Watched>)[] = [
  // Shifted by less than a second it would take the kernel's stamps, which are not shifted, for its own.
  async () => ({
    ...quick,
    client: 'ntp, chronyd',
    kind: 'ntp',
    port: (await startChronyd(scope, { offset: '+90.5' })).port,
    shift: 90.5,
  }),
  async () => {
    const { bothFile: pemFile } = await makeCertificate(scope)
    const { port } = await startLighttpd(scope, { tls: 'mbedtls', pemFile, ...shifted })
    return { ...aimed, client: 'tls, lighttpd with mbedTLS', kind: 'tls', port }
  },
  async () => ({
    ...quick,
    client: 'winrm, apache2 with gssapi',
    kind: 'winrm',
    port: (await startApache(scope, shifted)).port,
  }),
  async () => ({
    ...quick,
    client: 'smb, samba',
    kind: 'smb',
    port: (await startSamba(scope, shifted)).port,
  }),
  async () => ({
    ...quick,
    client: 'rdp, freerdp-shadow',
    kind: 'rdp',
    port: (await startFreerdp(scope, shifted)).port,
  }),
  // A Go program: libfaketime does not shift it.
  async () => ({
    ...quick,
    client: 'exporter, node_exporter',
    kind: 'exporter',
    port: (await startNodeExporter(scope)).port,
    shift: 0,
  }),
]

const httpRows = async (): Promise<readonly Row[]> => {
  const { address, port } = await startNginx(scope, shifted)
  const http = { ...aimed, kind: 'http', port } as const
  const rows: Row[] = []
  const put = (row: Row): void => {
    rows.push(row)
    say(printed(row))
  }
  const fresh = { staleness: milliseconds(0) }
  put(await proberRow({ ...http, ...fresh, client: 'http, nginx, staleness 0s' }))
  put(await proberRow({ ...http, acquisitions: 1, client: 'http, nginx, default staleness' }))
  let requests = 0
  const readings = await repeat(HTPDATE_READINGS, async () => {
    const answer = await htpdate(address, port)
    requests = answer.requests
    return compared(answer.offsetSeconds, Number(SHIFT))
  })
  // It gives no bound; so many requests it takes each time.
  put({ client: `htpdate -q, nginx (${requests} requests)`, readings })
  return rows
}

const missedOf = (row: Row | ProberRow): number =>
  'missed' in row ? row.missed : row.readings.filter(reading => reading.missed).length

const proberTable = async (): Promise<readonly Row[]> => {
  const clocks = `${SHIFT} s (chronyd's +90.5 s, node_exporter's 0)`
  say(`\nEach prober on loopback, the server's clock ${clocks}; µs, and exchanges until then.`)
  say(HEAD_EXCHANGES)
  const rows: Row[] = []
  for (const start of watched) {
    const row = await proberRow(await start())
    rows.push(row)
    say(printed(row))
  }
  return [...rows, ...(await httpRows())]
}

try {
  const [only] = process.argv.slice(2)
  const ntp = only === 'probers' ? [] : await ntpTables()
  const probers = only === 'ntp' ? [] : await proberTable()
  const ours = ntp.filter(({ client }) => client.startsWith('edgeclock'))
  const missed = [...ours, ...probers].map(missedOf).reduce((sum, count) => sum + count, 0)
  say(`\n${missed} of our intervals missed the truth.`)
  process.exitCode = missed > 0 ? 1 : 0
} finally {
  await scope.close()
}
