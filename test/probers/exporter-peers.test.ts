import { type Test, test } from 'tap'
import { builtInModules } from '../../src/config/modules.js'
import { ntp } from '../../src/probers/ntp.js'
import { certificateValidity } from '../../src/protocol/x509.js'
import { contains, halfWidth, minus, widen } from '../../src/time/interval.js'
import { durationNs, milliseconds, seconds } from '../../src/time/units.js'
import { startChronyd } from '../peers/chronyd.js'
import { offsetSeconds as secondsOf } from '../peers/faketime.js'
import { startNodeExporter } from '../peers/node-exporter.js'
import { honestReply, startNtpServer } from '../peers/ntp-server.js'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { openExporter, platform, readNow, readingOf, shiftOf } from './exporter-reading.js'

const NARROW = milliseconds(15)

/** What a reference says, by the same monotonic clock. */
const openReference = (port: number) => {
  const module = builtInModules().find(one => one.kind === 'ntp')
  if (module?.kind !== 'ntp') throw new Error('ntp is no module')
  return ntp.open(platform, { host: '127.0.0.1', module: { ...module, port } })
}

/**
 * The reference's clock against this machine's. Of a shift below a second chronyd makes nothing of use: it believes
 * the kernel's stamp of a request, which libfaketime does not shift, as long as that is within a second of its own.
 */
const startReference = async (t: Test, offset: string): Promise<number> => {
  const offsetSeconds = secondsOf(offset)
  const { port } =
    Math.abs(offsetSeconds) < 1
      ? await startNtpServer(t, request => honestReply(request, { offsetSeconds }))
      : await startChronyd(t, { offset })
  return port
}

/** Our own server's clock is good to what the scheduler leaves of a tick of the wall clock. */
const SLACK = milliseconds(1)

for (const offset of ['-6h', '+90.5', '+1.4', '+0.4']) {
  void test(`against a reference at ${offset}, node_exporter is as far off the other way`, async t => {
    if (skipUnless(t, 'node-exporter', 'chronyd', 'libfaketime')) return
    const [referencePort, { port }] = await Promise.all([
      startReference(t, offset),
      startNodeExporter(t),
    ])
    const truth = seconds(-secondsOf(offset))
    const reference = openReference(referencePort)
    const session = openExporter({ port })
    t.teardown(() => session.close())
    let readings = 0
    const narrow = async () => {
      const shown = readingOf(await readNow(session))
      const trueTime = readingOf(await readNow(reference))
      const around = minus(shown.interval, trueTime.interval)
      if (!contains(widen(around, SLACK), truth)) t.fail(`${around.lo} to ${around.hi}`)
      return ++readings >= 20 && halfWidth(around) <= NARROW
    }
    t.ok(await until(narrow, { what: 'a reading of 15 ms', timeoutMs: 25_000 }))
  })
}

void test('Linux has no tick: without staleness the clock is inside all the same', async t => {
  if (skipUnless(t, 'node-exporter')) return
  const { port, output } = await startNodeExporter(t)
  const before = output()
  const session = openExporter({ port, staleness: durationNs(0n) })
  t.teardown(() => session.close())
  for (let i = 0; i < 50; i++) {
    const reading = readingOf(await readNow(session))
    const around = shiftOf(reading)
    if (!contains(around, 0n)) t.fail(`${around.lo} to ${around.hi}`)
    t.ok(reading.rtt < seconds(5))
  }
  t.match(readingOf(await readNow(session)).facts, {
    bootTimestamp: Number,
    synchronized: Boolean,
  })
  t.equal(output(), before, 'and nothing is left in its log')
})

void test('a node_exporter with collectors off tells what is left', async t => {
  if (skipUnless(t, 'node-exporter')) return
  const { port, output } = await startNodeExporter(t, { without: ['timex'] })
  const session = openExporter({ port })
  t.teardown(() => session.close())
  const { facts } = readingOf(await readNow(session))
  t.match(Object.keys(facts), ['bootTimestamp'])
  const line = /level=warn.*Couldn't create filtered metrics handler.*disabled collector: timex/
  await until(() => line.test(output()), { what: 'its line in the log' })
})

void test('a node_exporter without the clock has no time', async t => {
  if (skipUnless(t, 'node-exporter')) return
  const { port } = await startNodeExporter(t, { without: ['time'] })
  const session = openExporter({ port })
  t.teardown(() => session.close())
  t.match(await readNow(session), { ok: false, reason: 'no_time' })
  t.match(await readNow(session), { ok: false, reason: 'no_time' })
})

void test('over TLS it is read too, and its certificate is told', async t => {
  if (skipUnless(t, 'node-exporter', 'openssl')) return
  const { port, certificate } = await startNodeExporter(t, { tls: true })
  const session = openExporter({ port, tls: true })
  t.teardown(() => session.close())
  const reading = readingOf(await readNow(session))
  t.ok(contains(shiftOf(reading), 0n))
  t.same(reading.facts.certificate, certificate && certificateValidity(certificate))
  t.ok(reading.facts.certificate)
  const plain = openExporter({ port })
  t.teardown(() => plain.close())
  t.match(await readNow(plain), { ok: false, reason: 'protocol' }, 'without TLS: status 400')
})
