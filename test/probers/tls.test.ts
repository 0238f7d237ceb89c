import { type Test, test } from 'tap'
import type { ProbeReading } from '../../src/probers/prober.js'
import { contains, halfWidth } from '../../src/time/interval.js'
import { milliseconds, seconds, toMilliseconds } from '../../src/time/units.js'
import { type MadeCertificate, makeCertificate } from '../peers/certificate.js'
import { offsetSeconds } from '../peers/faketime.js'
import { startLighttpd } from '../peers/lighttpd.js'
import { skipUnless } from '../peers/peer.js'
import { startSServer } from '../peers/s-server.js'
import { type Schannel, startSchannel } from '../peers/schannel.js'
import { startTalker } from '../peers/talker.js'
import { until } from '../peers/wait.js'
import { alert, joinBytes, randomWith, records, serverHello } from '../protocol/tls-bytes.js'
import { certificateWith, time } from '../protocol/x509-bytes.js'
import { DER, DER_VALIDITY, firstReading, open, parted, shiftOf } from './tls-reading.js'

const SHIFTS = ['-6h', '+90.5', '+0.4'] as const
const NARROW = milliseconds(20)
const HELLOS = 14
/** A machine that is busy with other things may hold one request up, and all that is aimed by it. */
const ATTEMPTS = 4

/** Reads until one reading is narrow, within 14 hellos; every one has to hold the shift. */
const narrowReading = async (
  t: Test,
  port: number,
  shiftSeconds: number,
): Promise<ProbeReading | undefined> => {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { read, hellos, clock } = open(t, { port })
    while (hellos() < HELLOS) {
      const reading = await read()
      if (!reading.ok) {
        t.fail(`${reading.reason}: ${reading.detail}`)
        return undefined
      }
      const shift = shiftOf(reading, clock)
      t.ok(contains(shift, seconds(shiftSeconds)), `holds ${shiftSeconds} s`)
      const half = halfWidth(shift)
      t.comment(`${shiftSeconds} s: ${hellos()} hellos, ± ${toMilliseconds(half).toFixed(2)} ms`)
      if (half <= NARROW && hellos() <= HELLOS) return reading
    }
  }
  t.fail(`no reading of ${shiftSeconds} s was narrow after ${HELLOS} hellos`)
  return undefined
}

const VALIDITY = { notBefore: 1_577_836_800, notAfter: 2_524_607_999 }

void test('mbedTLS tells its clock, within 20 ms after 14 hellos, and its certificate', async t => {
  if (skipUnless(t, 'openssl', 'lighttpd', 'lighttpd-mod-mbedtls', 'libfaketime')) return
  const { bothFile: pemFile } = await makeCertificate(t, { key: 'rsa' })
  const one = async (offset: string): Promise<void> => {
    const { port } = await startLighttpd(t, { tls: 'mbedtls', pemFile, offset })
    const reading = await narrowReading(t, port, offsetSeconds(offset))
    if (reading) t.strictSame(reading.facts, { certificate: VALIDITY })
  }
  await Promise.all(SHIFTS.map(one))
})

void test('servers that put random bytes there end in no_time', async t => {
  if (skipUnless(t, 'openssl', 'lighttpd', 'lighttpd-mod-mbedtls')) return
  const certificate = await makeCertificate(t)
  const gnutls = await startLighttpd(t, { tls: 'gnutls', pemFile: certificate.bothFile })
  const table = [
    ['GnuTLS', gnutls.port, /mark of TLS 1.3/],
    ['OpenSSL', (await startSServer(t, { certificate })).port, /mark of TLS 1.3/],
    [
      'OpenSSL without TLS 1.3',
      await sServerPort(t, certificate, '-tls1_2'),
      /does not put its time/,
    ],
    ['OpenSSL with TLS 1.3 only', await sServerPort(t, certificate, '-tls1_3'), /TLS 1.3 only/],
  ] as const
  for (const [name, port, detail] of table) {
    const { read } = open(t, { port })
    for (let i = 0; i < 3; i++)
      t.match(await read(), { ok: false, reason: 'no_time', detail }, name)
  }
})

const sServerPort = async (t: Test, certificate: MadeCertificate, version: string) =>
  (await startSServer(t, { certificate, args: [version] })).port

void test('a server that wants a client’s certificate tells time and its own certificate', async t => {
  const cuts: readonly [name: string, recordBytes: number, pieceBytes: number][] = [
    ['in one record', 1 << 14, 0],
    ['in pieces of a packet', 1 << 14, 100],
    ['in many records', 20, 0],
    ['in many records and pieces', 61, 40],
  ]
  const one = async ([name, recordBytes, pieceBytes]: (typeof cuts)[number]): Promise<void> => {
    const options = {
      certificate: DER,
      chain: [DER],
      shiftSeconds: -21_600,
      recordBytes,
      pieceBytes,
    }
    const { port } = await startSchannel(t, options)
    const { read, clock, lines } = open(t, { port })
    for (let i = 0; i < 2; i++) {
      const reading = await read()
      if (!reading.ok) return void t.fail(`${name}: ${reading.detail}`)
      t.ok(contains(shiftOf(reading, clock), seconds(-21_600)), name)
      t.strictSame(reading.facts, { certificate: DER_VALIDITY }, name)
    }
    t.match(lines[0], /ServerHello\.random begins with \d{4}-.*Z: .* ahead of/)
  }
  await Promise.all(cuts.map(one))
})

const goodbye = joinBytes(alert(1, 90), alert(1, 0))

const readOnce = async (
  t: Test,
  server: Schannel,
  options = {},
): Promise<readonly Uint8Array[]> => {
  const { read, hellos } = open(t, { port: server.port, ...options })
  await firstReading(read)
  return until(() => server.said().length >= hellos() && server.said(), { what: 'all closed' })
}

void test('each hello is new, names the server, and is taken back politely', async t => {
  const server = await startSchannel(t, { certificate: DER })
  const said = await readOnce(t, server, { server_name: 'edge.test' })
  const randoms = new Set<string>()
  for (const one of said) {
    const [hello, behind] = parted(one)
    randoms.add(hello.toString('hex', 11, 43))
    t.ok(hello.includes('edge.test'))
    t.strictSame(new Uint8Array(behind), goodbye)
  }
  t.equal(randoms.size, said.length)
  t.equal(server.resets(), 0)
})

void test('a chain of megabytes costs nothing: the time and the first certificate are read', async t => {
  const server = await startSchannel(t, { certificate: DER, chain: [new Uint8Array(4e6)] })
  const { read, clock } = open(t, { port: server.port })
  const reading = await firstReading(read)
  t.ok(contains(shiftOf(reading, clock), 0n))
  t.strictSame(reading.facts, { certificate: DER_VALIDITY })
})

void test('a certificate of megabytes is passed over, and one that is none too', async t => {
  for (const certificate of [new Uint8Array(4e6), new Uint8Array(500)]) {
    const server = await startSchannel(t, { certificate })
    const { read } = open(t, { port: server.port })
    t.strictSame((await firstReading(read)).facts, {})
  }
})

void test('a certificate that was renewed is seen', async t => {
  const server = await startSchannel(t, { certificate: DER })
  const { read } = open(t, { port: server.port })
  t.strictSame((await firstReading(read)).facts, { certificate: DER_VALIDITY })
  const renewed = certificateWith(time.utc('261201000000Z'), time.utc('271201000000Z'))
  server.change({ certificate: renewed })
  const expected = { certificate: { notBefore: 1_796_083_200, notAfter: 1_827_619_200 } }
  t.strictSame((await firstReading(read)).facts, expected)
})

void test('a certificate that never comes whole does not hide the time', async t => {
  const server = await startTalker(t, socket => {
    socket.once('data', () => {
      socket.write(records(serverHello({ random: randomWith(Math.floor(Date.now() / 1000)) })))
    })
  })
  const { read, clock } = open(t, { port: server.port, timeout: seconds(3) })
  const reading = await firstReading(read)
  t.ok(contains(shiftOf(reading, clock), 0n))
  t.strictSame(reading.facts, {})
})
