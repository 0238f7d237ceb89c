import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { type Metrics, type RunningExporter, startExporter } from './exporter.js'

/** Calls settle some seconds after they have become quiet, and a test machine may be busy. */
const SETTLED_MS = 40_000

type Message = readonly [sequence: number, startLine: string, ...headers: string[]]

/** A record of a Front End, as the Centralized Logging Service writes it. */
const record = ([sequence, startLine, ...headers]: Message, callId: string, method: string) =>
  [
    `TL_INFO(TF_PROTOCOL) [fepool1\\fe1]0584.0A44::03/02/2017-07:10:46.${100 + sequence}.0000773E ` +
      '(SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265)) [156659184] $$begin_record',
    'Trace-Correlation-Id: 156659184',
    'Instance-Id: 0000C23F',
    'Direction: incoming',
    'Peer: edgepool1.contoso.com:5061',
    `Message-Type: ${startLine.startsWith('SIP/2.0') ? 'response' : 'request'}`,
    `Start-Line: ${startLine}`,
    'From: <sip:user1@contoso.com>;tag=5f3a;epid=1',
    'To: <sip:user2@contoso.com>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    'Via: SIP/2.0/TLS 192.0.2.10:5061;branch=z9hG4bK1;ms-received-port=5061',
    ...headers,
    'Message-Body: -',
    '$$end_record',
    '',
  ].join('\r\n')

const SKEWED =
  'ms-diagnostics: 1020;reason="Identity of the referrer could not be verified";' +
  'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";source="sip.contoso.com"'

/** A voicemail call that fails since a clock is wrong, and another that nobody could route. */
const trace = (call: string) =>
  [
    ...(
      [
        [0, 'INVITE sip:user2@contoso.com;opaque=app:voicemail SIP/2.0'],
        [1, 'SIP/2.0 429 Provide Referrer Identity', SKEWED],
      ] as const
    ).map(message => record(message, `${call}-voicemail`, 'INVITE')),
    ...(
      [
        [2, 'INVITE sip:user3@contoso.com SIP/2.0'],
        [3, 'SIP/2.0 404 Not Found', 'ms-diagnostics: 1003;reason="User does not exist"'],
      ] as const
    ).map(message => record(message, `${call}-other`, 'INVITE')),
  ].join('')

const failures = (metrics: Metrics) => ({
  skewed: metrics.value('edgeclock_sip_failures_total', {
    pool: 'edgepool1',
    server: 'fe1',
    sip_code: '429',
    diagnostic: '1020',
    cause: 'clock_skew',
  }),
  unrouted: metrics.value('edgeclock_sip_failures_total', { sip_code: '404' }),
  voicemail: metrics.value('edgeclock_um_call_failures_total', {
    pool: 'edgepool1',
    cause: 'clock_skew',
  }),
})

const counted = (exporter: RunningExporter, times: number) =>
  until(
    async () => {
      const { skewed, unrouted, voicemail } = failures(await exporter.metrics())
      return skewed === times && unrouted === times && voicemail === times
    },
    { what: `${times} of each to be counted`, timeoutMs: SETTLED_MS },
  )

const startPushed = async (t: Test, directory: string) => {
  const exporter = await startExporter(t, {
    reference: { servers: ['192.0.2.1'] },
    calls: { state_directory: directory, sources: [{ kind: 'push', pool: 'edgepool1' }] },
  })
  const token = (await readFile(join(directory, 'push.token'), 'utf8')).trim()
  const push = (body: string | Buffer, headers: Record<string, string> = {}) =>
    exporter.get('/api/v1/traces', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${token}`, ...headers },
      signal: AbortSignal.timeout(30_000),
    })
  return { exporter, push, token }
}

void t.test('a pushed trace is counted once, whatever happens meanwhile', async t => {
  const directory = join(await temporaryFolder(t, 'push'), 'state')
  const { exporter, push, token } = await startPushed(t, directory)
  const first = await push(trace('first'))
  t.equal(first.status, 200)
  t.same(await first.json(), { records: 4, malformed: 0, repeated: false })
  await counted(exporter, 1)
  const gzip = { 'content-encoding': 'gzip' }
  const again = await push(gzipSync(trace('first')), gzip)
  t.same(await again.json(), { records: 0, malformed: 0, repeated: true })
  const second = await push(gzipSync(trace('second')), gzip)
  t.same(await second.json(), { records: 4, malformed: 0, repeated: false })
  // Killed before what it acknowledged has settled.
  process.kill(exporter.pid, 'SIGKILL')
  await exporter.exited

  const after = await startPushed(t, directory)
  t.equal(after.token, token)
  for (const call of ['first', 'second']) {
    const repeated = await after.push(trace(call))
    t.same(await repeated.json(), { records: 0, malformed: 0, repeated: true })
  }
  // The same calls in another text.
  const overlapping = await after.push(`${trace('second')}${trace('third')}`)
  t.same(await overlapping.json(), { records: 8, malformed: 0, repeated: false })
  await counted(after.exporter, 3)
  t.same(await readdir(join(directory, 'edgeclock.tmp')), [])
  for (const { output } of [exporter, after.exporter]) {
    t.match(output(), /a push needs the bearer token.* file=\S+push\.token/)
    t.match(output(), /level=debug msg="a trace was pushed" source=push:edgepool1 bytes=\d+/)
    t.notMatch(output(), token)
    t.notMatch(output(), /user[1-3]/)
  }
})

/** The most memory that a process has had, in bytes; undefined where the system does not tell. */
const peak = async (pid: number): Promise<number | undefined> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const [, kilobytes] = /^VmHWM:\s*(\d+) kB$/m.exec(status) ?? []
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
}

void t.test('what is refused is not counted, and costs no memory', async t => {
  const directory = join(await temporaryFolder(t, 'push'), 'state')
  const { exporter, push } = await startPushed(t, directory)
  const gzip = { 'content-encoding': 'gzip' }
  const whole = gzipSync(trace('refused'))
  t.equal((await push(trace('refused'), { authorization: 'Bearer wrong' })).status, 401)
  t.equal((await push(trace('refused'), gzip)).status, 400)
  t.equal((await push(whole.subarray(0, -9), gzip)).status, 400)
  const before = await peak(exporter.pid)
  const zeros = gzipSync(Buffer.alloc(100 * 1024 * 1024))
  t.equal((await push(zeros, gzip)).status, 413)
  const after = await peak(exporter.pid)
  if (before !== undefined && after !== undefined) {
    const grown = (after - before) / 2 ** 20
    // The limit is 64 MiB, which any copy of the text would hold.
    t.ok(grown < 60, `grown by ${grown} MiB`)
  }
  const none = await push('no record at all\n')
  t.same(await none.json(), { records: 0, malformed: 0, repeated: false })
  // What is counted after all of it shows that nothing before it was.
  t.equal((await push(trace('good'))).status, 200)
  await counted(exporter, 1)
  t.equal((await exporter.metrics()).value('edgeclock_um_call_failures_total'), 1)
  t.same(await readdir(join(directory, 'edgeclock.tmp')), [])
})
