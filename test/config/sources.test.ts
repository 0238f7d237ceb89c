import { test, type Test } from 'tap'
import { commonSourceOptions, SOURCE_KINDS, sourceOptions } from '../../src/config/sources.js'
import { configOf, problemsOf, REFERENCE, warningsOf } from './parsed.js'

type Cases = Readonly<Record<string, readonly RegExp[]>>

/** Sources as YAML flow, each on a line of its own from line 5 on → the problems. */
const file = (...sources: readonly string[]): string =>
  `${REFERENCE}calls:\n  state_directory: state\n  sources:\n${sources.map(s => `  - ${s}\n`).join('')}`

const check = (t: Test, cases: Cases): void => {
  for (const [text, problems] of Object.entries(cases)) {
    const found = problemsOf(file(...text.split('\n')))
    t.match(found, problems, text)
    t.equal(found.length, problems.length, found.join('\n'))
  }
}

const sourcesOf = (...sources: readonly string[]) => configOf(file(...sources)).calls?.sources ?? []
const trace = (path: string): string => `{kind: trace, pool: p, path: ${JSON.stringify(path)}}`
const log = (name: string): string => `{kind: events, pool: p, log: ${JSON.stringify(name)}}`
const hep = (listen: string): string => `{kind: hep, pool: p, listen: ${listen}}`
const push = (rest: string): string => `{kind: push, pool: p, ${rest}}`

/** Of every kind, one with nothing but what it must have. */
const LEAST = [
  trace('a.log'),
  '{kind: events, pool: p, path: a.xml}',
  hep(':9060'),
  '{kind: push, pool: p}',
]

void test('calls have a state directory and from 1 to 100 sources', async t => {
  const many = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, i) => trace(`${i}.log`))
  t.same(problemsOf(file(...many(100))), [])
  t.match(problemsOf(file(...many(101))), [/^4:3: calls\.sources: range: at most 100 sources$/])
  const cases: Cases = {
    'calls: {}': [/calls\.state_directory: required: /, /calls\.sources: required: .* a list$/],
    'calls: {state_directory: a, sources: []}': [/^2:29: calls\.sources: range: at least one/],
    'calls: {state_directory: "", sources: [{kind: push, pool: p}]}': [
      /^2:9: calls\.state_directory: name: is not a file name$/,
    ],
    'calls: {state_directry: a, sources: [{kind: push, pool: p}]}': [
      /state_directory: required: /,
      /state_directry: unknown-key: .*did you mean state_directory\?$/,
    ],
    'calls: [a]': [/^2:1: calls: type: expected a mapping/],
  }
  for (const [text, problems] of Object.entries(cases))
    t.match(problemsOf(REFERENCE + text), problems, text)
})

void test('a source is of a kind that there is', async t => {
  check(t, {
    '{kind: trac, pool: p, path: a}': [
      /^5:6: calls\.sources\[0\]\.kind: choice: "trac" is not one of trace, events, hep, push; did you mean trace\?$/,
    ],
    '{kind: toString, pool: p}': [/kind: choice: /],
    '{pool: p, path: a}': [/sources\[0\]\.kind: required: .* one of trace, events, hep, push$/],
    '{kind: 3}': [/kind: type: /],
    text: [/sources\[0\]: type: expected a mapping \(key: value\), found text$/],
  })
})

void test('every kind takes the options of the table and no others', async t => {
  t.same(SOURCE_KINDS, ['trace', 'events', 'hep', 'push'])
  for (const [index, kind] of SOURCE_KINDS.entries()) {
    t.equal(sourcesOf(LEAST[index] ?? '')[0]?.kind, kind)
    const options = { ...commonSourceOptions, ...sourceOptions[kind] }
    const problems = problemsOf(file(`{kind: ${kind}, pool: p, xyzzy: 1}`))
    const unknown = problems.find(problem => problem.includes('xyzzy')) ?? ''
    const known = unknown.replace(/^.*there are: /, '').split(', ')
    t.same(known.sort(), ['kind', ...Object.keys(options)].sort())
    for (const { doc } of Object.values(options)) t.ok(doc.length > 10)
  }
})

void test('an option that a kind has by default is the one that its line tells', async t => {
  t.match(sourcesOf(log('a'))[0], { interval: 15_000_000_000n })
  t.match(sourceOptions.events.interval.doc, /default 15s/)
  t.match(sourcesOf(hep(':1'))[0], { transport: 'udp' })
  t.match(sourceOptions.hep.transport.doc, /default udp/)
  t.match(sourcesOf('{kind: push, pool: p}')[0], { maxBytes: 64 * 2 ** 20, tokenFile: undefined })
  t.match(sourceOptions.push.max_size.doc, /default 64MiB/)
})

void test('a source is named by what it reads, unless it has a name', async t => {
  const names = sourcesOf(
    ...LEAST,
    log('Lync Server'),
    '{kind: hep, pool: p, listen: "[::1]:9060", transport: tcp}',
    '{kind: trace, pool: p, path: b.log, name: front ends}',
  ).map(({ name }) => name)
  t.same(names, [
    'trace:a.log',
    'events:a.xml',
    'hep:udp/:9060',
    'push:p',
    'events:Lync Server',
    'hep:tcp/[::1]:9060',
    'front ends',
  ])
})

void test('a long name is cut to its end, and no character in two', async t => {
  for (const padding of ['', 'x']) {
    const path = `${'a'.repeat(300)}${'😀'.repeat(121)}${padding}.log`
    const [source] = sourcesOf(trace(path))
    t.ok(path.endsWith(source?.name.replace('trace:…', '') ?? '?'))
    t.ok(source && source.name.length <= 253 && source.name.length >= 252)
    t.notMatch(source?.name, /\p{Cs}/u)
  }
})

void test('two sources do not have one name', async t => {
  check(t, {
    '{kind: trace, pool: p, path: a.log, name: x}\n{kind: push, pool: p, name: x}': [
      /^6:27: calls\.sources\[1\]\.name: duplicate: a source above already has the name "x"/,
    ],
    [`{kind: push, pool: p, name: "trace:a.log"}\n${trace('a.log')}`]: [
      /^6:5: calls\.sources\[1\]\.name: duplicate: .* write another$/,
    ],
    [`${hep('":0"')}\n${hep('":0"')}`]: [/^6:5: calls\.sources\[1\]\.name: duplicate: /],
    '{kind: push, pool: p, name: ""}': [/name: name: a name is not empty$/],
  })
})

void test('nothing is read by two sources', async t => {
  check(t, {
    [`${trace('logs/a.log')}\n{kind: trace, pool: q, name: x, path: ./logs//a.log}`]: [
      /^6:37: calls\.sources\[1\]\.path: duplicate: a source above already reads these files$/,
    ],
    [`${trace('a.log')}\n{kind: events, pool: p, path: a.log}`]: [
      /sources\[1\]\.path: duplicate: /,
    ],
    [`${trace('a.log')}\n${trace('A.log')}`]: [],
    [`${log('Lync Server')}\n${log('lync server')}`]: [/sources\[1\]\.log: duplicate: /],
    '{kind: push, pool: p}\n{kind: push, pool: P, name: x}': [
      /^6:18: calls\.sources\[1\]\.pool: duplicate: there is already a push source of this pool/,
    ],
    '{kind: push, pool: p}\n{kind: push, pool: q}': [],
    [`${hep('":9060"')}\n${hep('"0.0.0.0:9060"')}\n${hep('"[::]:9060"')}`]: [
      /sources\[1\]\.listen: duplicate: a source above already listens there$/,
      /sources\[2\]\.listen: duplicate: /,
    ],
    [`${hep('"[::1]:9060"')}\n${hep('"[0:0::1]:9060"')}`]: [/sources\[1\]\.listen: duplicate: /],
    [`${hep('":9060"')}\n{kind: hep, pool: p, listen: ":9060", transport: tcp}`]: [],
    [`${hep('"192.0.2.1:9060"')}\n${hep('"192.0.2.2:9060"')}\n${hep('"192.0.2.1:9061"')}`]: [],
  })
})

void test('a path is of files, not of a directory nor of everything', async t => {
  const everything = ['*', '**', '/*', '/**', '/**/*', '**/*', './*', '../*', 'C:\\*', 'C:\\**\\*']
  for (const path of everything)
    t.match(problemsOf(file(trace(path))), [/path: path: .* is everything there/], path)
  for (const path of ['/', '.', '..', 'logs/', 'C:\\', 'C:\\logs\\', 'logs/.', '*/', '/var/..'])
    t.match(problemsOf(file(trace(path))), [/path: path: .* is a directory/], path)
  for (const path of ['', 'a\nb', 'a\0', 'x'.repeat(4097)])
    t.match(problemsOf(file(trace(path))), [/path: path: .* is not a file name/], path)
  for (const path of ['a', '*.log', '/*/a.log', 'logs/*', '/var/log/**', 'C:\\logs\\*.log', '..a'])
    t.same(problemsOf(file(trace(path))), [], path)
})

void test('events are read from files or from a log', async t => {
  check(t, {
    '{kind: events, pool: p, path: a.xml, log: b}': [
      /^5:29: calls\.sources\[0\]\.path: choice: not beside log/,
    ],
    '{kind: events, pool: p}': [/sources\[0\]\.path: required: /],
    '{kind: events, pool: p, lgo: a}': [
      /path: required: /,
      /unknown key "lgo"; did you mean log\?$/,
    ],
    '{kind: events, pool: p, path: a.xml, interval: 5s}': [
      /sources\[0\]\.interval: choice: is of no use without log/,
    ],
    '{kind: events, pool: p, log: a, interval: 999ms}': [/interval: range: /],
    '{kind: events, pool: p, log: a, interval: 1s}': [],
    [log('Microsoft-Windows-Time-Service/Operational')]: [],
  })
  for (const name of ['', '/q:*', '-a', 'a:b', 'a"b', '%a%', 'a\\b', 'x'.repeat(256)])
    t.match(problemsOf(file(log(name))), [/log: path: .* is not the name of a Windows/], name)
})

void test('HEP is listened for at an address and a port', async t => {
  const listens = sourcesOf(
    ...['":9060"', '"0.0.0.0:9061"', '"[::1]:0"', 'localhost:9062'].map(hep),
  )
  t.match(listens, [
    { listen: { host: undefined, port: 9060 } },
    { listen: { host: '0.0.0.0', port: 9061 } },
    { listen: { host: '::1', port: 0 } },
    { listen: { host: 'localhost', port: 9062 } },
  ])
  check(t, {
    [hep('"9060"')]: [/^5:26: calls\.sources\[0\]\.listen: address: "9060": write :9060, /],
    [hep('9060')]: [/listen: type: .*found a number; put it in quotes$/],
    [hep('"a b:1"')]: [/listen: address: /],
    '{kind: hep, pool: p}': [/listen: required: is missing; expected an address and port/],
    '{kind: hep, pool: p, listen: ":1", transport: tls}': [/transport: unsupported: tls is not/],
    '{kind: hep, pool: p, listen: ":1", transport: ucp}': [/did you mean udp\?$/],
  })
})

void test('a push has a greatest size, and maybe a token in a file', async t => {
  t.match(sourcesOf(push('token_file: /run/secrets/t, max_size: 1KiB'))[0], {
    tokenFile: '/run/secrets/t',
    maxBytes: 1024,
  })
  check(t, {
    [push('max_size: 4GiB')]: [],
    [push('max_size: 1000B')]: [
      /^5:27: .*max_size: range: "1000B" is out of range: from 1KiB to 4GiB$/,
    ],
    [push('max_size: 5GiB')]: [/max_size: range: /],
    [push('max_size: 64')]: [/max_size: size: 64 is not a size; write for example 64MiB/],
    [push('token_file: ""')]: [/token_file: name: is not a file name$/],
    [push('token: abc')]: [/token: unknown-key: unknown key "token"/],
  })
})

void test("a source's pool need not be watched, but is written in one way", async t => {
  const pools = 'pools: [{name: EdgePool1, servers: [{name: a, address: b}]}]\n'
  const source = (pool: string): string => `{kind: push, pool: ${pool}}`
  t.same(warningsOf(file(source('elsewhere')) + pools), [])
  t.same(warningsOf(file(source('EdgePool1'), source('edgepool2')) + pools), [])
  t.match(warningsOf(file(source('edgepool1')) + pools), [
    /^5:18: calls\.sources\[0\]\.pool: unknown-pool: "edgepool1" is written "EdgePool1" elsewhere/,
  ])
  t.match(warningsOf(file(source('a'), '{kind: trace, pool: A, path: x}')), [/^6:/])
  t.match(problemsOf(file('{kind: push}')), [/sources\[0\]\.pool: required: /])
})
