import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import t from 'tap'
import type { Findings } from '../../src/calls/explain/findings.js'
import { findingsOf } from '../../src/calls/explain/findings-of.js'
import { openFile } from '../../src/calls/explain/input.js'
import { Reading } from '../../src/calls/explain/reading.js'
import { CALLER_WORDS, SKEWED, type ServerName, Traces, incident } from '../calls/explain/call.js'
import { CLI } from '../exporter/exporter.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { type Ended, edgeclock } from './run.js'

const ALL = ['FE1', 'FE2', 'EDGE01', 'EDGE02'] as const
const DEADLINE_MS = 30_000

const written = async (scope: Scope, name: string, content: string | Buffer): Promise<string> => {
  const path = join(await temporaryFolder(scope, 'explain'), name)
  await writeFile(path, content)
  return path
}

/** The servers' traces as files. */
const files = (scope: Scope, traces: Traces, servers: readonly ServerName[] = ALL) =>
  Promise.all(servers.map(server => written(scope, `${server}.log`, traces.of(server))))

/** Without a process of its own, which is slow to start. */
const findings = async (...paths: readonly string[]): Promise<Findings> => {
  const opened = await Promise.all(paths.map(openFile))
  const reading = new Reading()
  await reading.readAll(opened.flatMap(one => (one.ok ? [one.input] : [])))
  return findingsOf(reading)
}

/** Lines joined, so that it does not matter where they break. */
const words = ({ stdout }: Ended): string => stdout.replaceAll(/\s+/g, ' ')

const piped = async (input: Buffer | string, ...args: readonly string[]): Promise<Ended> => {
  const child = spawn(process.execPath, [CLI, 'explain', ...args], { timeout: DEADLINE_MS })
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'exit')
  return { code: child.exitCode ?? -1, stdout, stderr }
}

void t.test('four servers: the one that differs from the others is named, and cured', async t => {
  const paths = await files(t, incident())
  const ended = await edgeclock('explain', ...paths)
  t.equal(ended.code, 1)
  t.equal(ended.stderr, '')
  t.ok(
    words(ended).startsWith(
      'The clock of EDGE02 is 6 h 0 min 0 s behind FE1 (± 105 ms). 6 voicemail calls failed because of it: Front Ends sign each referrer with the time, and EDGE02 refuses what lies outside its window (429, ms-diagnostics 1020, SIP_E_CRYPT_REFERRER_DATE_SKEWED). The clocks of EDGE01, FE1 and FE2 agree. In all, 7 SIP requests failed by it',
    ),
    ended.stdout,
  )
  for (const command of [
    'w32tm /resync /rediscover',
    'w32tm /query /status /verbose',
    'sc.exe qtriggerinfo w32time',
    'edgeclock read ADDRESS-OF-EDGE02 --reference=NTP-SERVER',
  ]) {
    t.match(ended.stdout, `\n       ${command}\n`)
  }
  t.ok(
    Math.max(
      ...ended.stdout
        .split('\nVoicemail calls:')[0]!
        .split('\n')
        .map(l => l.length),
    ) <= 100,
  )
})

void t.test('the same as JSON', async t => {
  const paths = await files(t, incident())
  const ended = await edgeclock('explain', '--format=json', ...paths)
  t.equal(ended.code, 1)
  const found = JSON.parse(ended.stdout) as Findings
  t.same(found, await findings(...paths))
  t.match(found, {
    pools: ['edgepool1', 'fepool1'],
    voicemail_calls: { answered: 6, failed: 6, abandoned: 0, unresolved: 0 },
    voicemail_failures: [{ sip_code: 429, diagnostic: '1020', cause: 'clock_skew', count: 6 }],
    sip_failures: [{ sip_code: 429, count: 7, servers: { edge02: 7 } }],
    clock_skew: {
      voicemail_calls: 6,
      sip_requests: 7,
      results: [{ diagnostic: '1020', name: 'SIP_E_CRYPT_REFERRER_DATE_SKEWED' }],
      named: {
        edge_pools: ['edgepool1.contoso.com'],
        signers: ['fe1.contoso.com'],
        sources: ['sip.contoso.com'],
      },
    },
    clocks: { verdict: 'wrong_by_majority', agreeing: ['edge01', 'fe1', 'fe2'] },
  })
  t.match(found.voicemail_failures[0]?.text, /^Identity of the referrer/)
  t.match(found.files[3], {
    malformed: 0,
    servers: [
      { server: 'edge02', first: '2026-03-01T23:30:01.030Z', last: '2026-03-01T23:30:12.255Z' },
    ],
  })
  t.equal(found.files[3]?.records, 14)
  const [pair] = found.clocks.offsets
  t.ok(
    pair && pair.server === 'edge02' && Math.abs(pair.offset_seconds + 21_600) < pair.error_seconds,
  )
  t.equal(found.offsets.length, 8)
})

void t.test('nothing of a caller is in either format', async t => {
  const paths = await files(t, incident())
  for (const format of ['text', 'json']) {
    const { stdout } = await edgeclock('explain', `--format=${format}`, ...paths)
    for (const word of CALLER_WORDS) t.notMatch(stdout, word)
  }
})

void t.test(
  'two servers: the one that refuses is likelier to be wrong, and it is said so',
  async t => {
    const ended = await edgeclock('explain', ...(await files(t, incident(), ['FE1', 'EDGE02'])))
    t.match(words(ended), 'The clock of EDGE02 is 6 h 0 min 0 s behind FE1')
    t.match(words(ended), 'It is the likelier to be wrong')
    t.match(words(ended), 'Read the clocks of EDGE02 and FE1 before one of them is set.')
  },
)

void t.test(
  'two servers whose clocks differ and no failure to blame one: both are to be read',
  async t => {
    const traces = new Traces().call({ from: 'FE1', to: 'EDGE02', ending: { status: '200 OK' } })
    const paths = await files(t, traces, ['FE1', 'EDGE02'])
    const ended = await edgeclock('explain', ...paths)
    t.equal(ended.code, 0)
    t.match(words(ended), 'Which of them is wrong cannot be told from these traces.')
    t.match(words(ended), 'Nothing failed')
  },
)

void t.test("one Front End's trace: whose clock is wrong is not made up", async t => {
  const [path = ''] = await files(t, incident(), ['FE1'])
  const ended = await edgeclock('explain', path)
  t.equal(ended.code, 1)
  const said = words(ended)
  t.match(said, '3 voicemail calls failed because two clocks contradict each other')
  t.match(said, 'Whose clock is wrong cannot be told from these traces alone.')
  t.match(said, 'names only the pool edgepool1.contoso.com, never the node')
  t.match(said, 'Read the clock of each node of edgepool1.contoso.com')
  t.notMatch(said, 'EDGE02')
  t.same((await findings(path)).offsets, [])
})

void t.test(
  'servers that agree while calls fail by skew: the wrong clock is elsewhere',
  async t => {
    const traces = incident()
    const ended = await edgeclock('explain', ...(await files(t, traces, ['FE1', 'FE2', 'EDGE01'])))
    t.match(
      words(ended),
      'The clocks of EDGE01, FE1 and FE2 agree: the wrong one is that of a server',
    )
  },
)

void t.test('another failure is told by its cause, without a repair', async t => {
  const header = (value: string) => [['ms-diagnostics', value]] as const
  const traces = new Traces()
    .call({
      from: 'FE1',
      to: 'EDGE01',
      ending: {
        status: '500 Server Internal Error',
        headers: header('15030;appName="ExumRouting"'),
      },
    })
    .call({
      from: 'FE1',
      to: 'EDGE01',
      ending: { status: '504 Server time-out', headers: header('1038;reason="x"') },
      voicemail: false,
    })
  const paths = await files(t, traces, ['FE1', 'EDGE01'])
  const ended = await edgeclock('explain', ...paths)
  t.equal(ended.code, 1)
  t.match(ended.stdout, /^ +1 +500 +15030 +um_routing +Failed to route to the Exchange server$/m)
  t.notMatch(ended.stdout, 'What to do')
  const found = await findings(...paths)
  t.same(found.advice, [])
  const unverified = found.sip_failures.find(one => one.diagnostic === '1038')
  t.equal(unverified?.text, null, 'what is not confirmed is not explained')
})

void t.test('nothing failed: it is said, with exit code 0', async t => {
  const traces = new Traces().call({ from: 'FE1', to: 'EDGE01', ending: { status: '200 OK' } })
  const ended = await edgeclock('explain', ...(await files(t, traces, ['FE1', 'EDGE01'])))
  t.equal(ended.code, 0)
  t.match(ended.stdout, 'Nothing failed: no voicemail call and no other SIP request.\n')
  t.match(ended.stdout, 'Voicemail calls: 1 answered, 0 failed')
})

void t.test('UTF-16, UTF-8 with a mark and standard input give the same', async t => {
  const traces = incident()
  const [fe1 = '', edge02 = ''] = await files(t, traces, ['FE1', 'EDGE02'])
  const same = ({ voicemail_calls, sip_failures, offsets }: Findings) => ({
    voicemail_calls,
    sip_failures,
    offsets,
  })
  const plain = same(await findings(fe1, edge02))
  const marked = `\uFEFF${traces.of('EDGE02').replaceAll('\n', '\r\n')}`
  const wide = await written(t, 'wide.log', Buffer.from(marked, 'utf16le'))
  t.same(same(await findings(fe1, wide)), plain)
  t.same(same(await findings(fe1, await written(t, 'utf8.log', marked))), plain)
  for (const input of [traces.of('EDGE02'), Buffer.from(marked, 'utf16le')]) {
    const ended = await piped(input, '--format=json', fe1, '-')
    t.equal(ended.code, 1)
    t.same(same(JSON.parse(ended.stdout) as Findings), plain)
  }
})

void t.test('a trace larger than any window comes through a pipe as from a file', async t => {
  const traces = new Traces()
  for (let i = 0; i < 1200; i++) {
    traces.call({ from: 'FE1', to: 'EDGE02', ending: i % 3 === 0 ? SKEWED : { status: '200 OK' } })
  }
  const input = traces.of('EDGE02')
  t.ok(input.length > 1_200_000)
  const path = await written(t, 'EDGE02.log', input)
  const [file, pipe] = [await findings(path), await piped(input, '--format=json', '-')]
  t.same(file.voicemail_calls, { answered: 800, failed: 400, abandoned: 0, unresolved: 0 })
  t.equal(file.files[0]?.records, 2400)
  t.equal(file.files[0]?.bytes, input.length)
  const { files: read, ...same } = JSON.parse(pipe.stdout) as Findings
  t.match(read, [{ name: 'standard input', bytes: input.length, records: 2400, malformed: 0 }])
  t.match(file, same)
})

void t.test("where the heads name no server, a file's name does", async t => {
  const found = await findings(...(await files(t, incident(1))))
  t.match(
    found.servers,
    ALL.map(name => ({ logged_as: name, named_by_file: true, pool: '' })).sort((a, b) =>
      a.logged_as.localeCompare(b.logged_as),
    ),
  )
  t.equal(found.clocks.verdict, 'wrong_by_majority')
  t.equal(found.clocks.offsets[0]?.server, 'edge02')
})

void t.test('Windows events among the files are counted', async t => {
  const event = (id: number, provider: string, record: number) =>
    `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="${provider}"/><EventID>${id}</EventID><TimeCreated SystemTime="2026-03-02T05:30:0${record}.1234567Z"/><EventRecordID>${record}</EventRecordID><Channel>Lync Server</Channel><Computer>EDGE02</Computer></System></Event>`
  const xml = `<?xml version="1.0"?>\n<Events>${event(14_619, 'LS Protocol Stack', 1)}${event(14_619, 'LS Protocol Stack', 2)}${event(999, 'Other', 3)}</Events>`
  const path = await written(t, 'events.xml', xml)
  const found = await findings(path)
  t.match(found.events, [{ event_id: 14_619, count: 2, servers: { edge02: 2 } }])
  t.match(found.files, [
    { records: 3, servers: [{ server: 'edge02', first: '2026-03-02T05:30:01.123Z' }] },
  ])
  t.match(
    (await edgeclock('explain', path)).stdout,
    /^ +2 +14619 +Logged by Edge servers .* EDGE02$/m,
  )
})

void t.test('what cannot be read is said, and the rest goes on', async t => {
  const [path = ''] = await files(t, incident(), ['FE1'])
  const folder = await temporaryFolder(t, 'explain')
  const big = await written(t, 'big-endian.log', Buffer.from([0xfe, 0xff, 0, 65]))
  const prose = await written(t, 'prose.log', 'no trace at all\n')
  const missing = join(folder, 'missing.log')
  const ended = await edgeclock('explain', missing, folder, big, prose, path)
  t.equal(ended.code, 1)
  t.match(ended.stderr, `edgeclock: ${missing}: there is no such file\n`)
  t.match(ended.stderr, `edgeclock: ${folder}: it is a folder\n`)
  t.match(ended.stderr, `edgeclock: ${big}: it is UTF-16BE`)
  t.match(ended.stderr, `edgeclock: ${prose}: not one record in it`)
  t.match(ended.stdout, '3 voicemail calls failed')
})

void t.test('nothing to be read at all: exit 3; a question without sense: 2', async t => {
  const prose = await written(t, 'prose.log', 'no trace at all\n')
  t.match(await edgeclock('explain', '/nonexistent/x.log'), { code: 3, stdout: '' })
  t.match(await edgeclock('explain', prose), { code: 3, stdout: '' })
  t.equal((await edgeclock('explain')).code, 2)
  t.equal((await edgeclock('explain', prose, '--format=xml')).code, 2)
})
