import { test } from 'tap'
import { milliseconds } from '../../src/time/units.js'
import { startApache } from '../peers/apache.js'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { holdsTruth, outcomeOf } from './one-reading.js'
import { readWinrm } from './winrm-reading.js'

const PEERS = ['apache2', 'mod-auth-gssapi', 'gss-ntlmssp', 'libfaketime']
const NARROW = milliseconds(15)
const EXACT = milliseconds(3)

for (const offset of ['-6h', '+90.5', '+0.4']) {
  void test(`Apache at ${offset} is read by one stamp, to 15 ms`, async t => {
    if (skipUnless(t, ...PEERS)) return
    const { port, paths } = await startApache(t, { offset })
    for (const path of [paths.both, paths.ntlm]) {
      const options = { port, path }
      await holdsTruth(t, { kind: 'winrm', options }, { offset, narrow: NARROW })
      // This server reads a clock without ticks: only the round trip and a microsecond are left.
      const fresh = { ...options, staleness: milliseconds(0) }
      await holdsTruth(t, { kind: 'winrm', options: fresh }, { offset, narrow: EXACT })
    }
  })
}

void test('the computer that made the challenge is named', async t => {
  if (skipUnless(t, ...PEERS)) return
  const { port, paths } = await startApache(t, { computer: 'EDGE07', domain: 'PERIMETER' })
  const traced: string[] = []
  const result = await readWinrm({ port, path: paths.both }, { trace: line => traced.push(line) })
  if (!result.ok) throw new Error(outcomeOf(result))
  t.match(result.facts.identity, { computer: 'EDGE07', domain: 'PERIMETER' })
  t.equal(result.facts.certificate, undefined)
  t.match(traced, [/MsvAvTimestamp.* EDGE07/])
})

void test('a reading leaves two lines in the access log, and no error', async t => {
  if (skipUnless(t, ...PEERS)) return
  const apache = await startApache(t)
  const before = await apache.errorLog()
  const result = await readWinrm({ port: apache.port, path: apache.paths.both })
  t.ok(result.ok, outcomeOf(result))
  const posted = async () => (await apache.accessLog()).filter(line => line.includes('POST'))
  await until(async () => (await posted()).length >= 2, { what: 'both lines' })
  await apache.stop()
  const line = /^127\.0\.0\.1 - - \[.*\] "POST \/wsman HTTP\/1\.1" 401 \d+ "-" "edgeclock"$/
  const lines = await posted()
  t.equal(lines.length, 2)
  for (const one of lines) t.match(one, line)
  const errors = (await apache.errorLog()).slice(before.length)
  t.strictSame(
    errors.filter(one => !one.includes('[mpm_event:notice]')),
    [],
  )
})
