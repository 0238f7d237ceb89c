import { resolve } from 'node:path'
import { test } from 'tap'
import { formatProblem } from '../../src/config/problem.js'
import { parseWebConfig } from '../../src/config/web.js'

const HASH = '$2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi'
const FILENAME = resolve('/etc/edgeclock/web.yml')

const problemsOf = (text: string): readonly string[] => {
  const parsed = parseWebConfig(text, FILENAME)
  const problems = parsed.ok ? parsed.warnings : parsed.problems
  return problems.map(p => formatProblem(p, 'f').slice(2))
}
const tls = (rest: string): string => `tls_server_config: {cert_file: a, key_file: b, ${rest}}`
const header = (text: string): string => `http_server_config: {headers: {${text}}}`
const withCost = (cost: string): string => `basic_auth_users: {alice: ${HASH.replace('10', cost)}}`

void test('the whole file is read, relative paths from its directory', async t => {
  const text = `
tls_server_config:
  cert_file: edgeclock.crt
  key_file: ${JSON.stringify(resolve('/etc/ssl/edgeclock.key'))}
  client_auth_type: RequireAndVerifyClientCert
  client_ca_file: ca/clients.pem
  min_version: TLS13
http_server_config:
  http2: false
  headers:
    X-Frame-Options: deny
    Strict-Transport-Security: max-age=31536000; includeSubDomains
basic_auth_users:
  alice: ${HASH}
  0123: ${HASH}
  constructor: ${HASH}
`
  const parsed = parseWebConfig(text, FILENAME)
  t.strictSame(parsed, {
    ok: true,
    warnings: [],
    config: {
      tls: {
        certFile: resolve('/etc/edgeclock/edgeclock.crt'),
        keyFile: resolve('/etc/ssl/edgeclock.key'),
        clientAuthType: 'RequireAndVerifyClientCert',
        clientCaFile: resolve('/etc/edgeclock/ca/clients.pem'),
        minVersion: 'TLSv1.3',
        maxVersion: 'TLSv1.3',
      },
      headers: {
        'X-Frame-Options': 'deny',
        'Strict-Transport-Security': 'max-age=31536000; includeSubDomains',
      },
      users: [
        { user: 'alice', hash: HASH },
        { user: '0123', hash: HASH },
        { user: 'constructor', hash: HASH },
      ],
    },
  })
  t.ok(parsed.ok && Object.isFrozen(parsed.config.users[0]))
})

void test('nothing has to be there, but an empty file is a mistake', async t => {
  const nothing = { tls: undefined, headers: {}, users: [] }
  t.strictSame(parseWebConfig('{}', FILENAME), { ok: true, config: nothing, warnings: [] })
  const emptied = 'tls_server_config:\nhttp_server_config:\n  headers:\nbasic_auth_users:\n'
  t.strictSame(parseWebConfig(emptied, FILENAME), { ok: true, config: nothing, warnings: [] })
  t.same(problemsOf(''), ['1:1: yaml: the file is empty'])
})

void test('TLS 1.2 and 1.3 are spoken unless the file says otherwise', async t => {
  const versions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', clientAuthType: 'NoClientCert' }
  t.match(parseWebConfig(tls(''), FILENAME), { ok: true, config: { tls: versions } })
})

void test('TLS options are checked one by one and against each other', async t => {
  const cases: Readonly<Record<string, readonly RegExp[]>> = {
    'tls_server_config: {}': [/cert_file: required: /, /key_file: required: /],
    'tls_server_config: {cert_file: "", key_file: 1}': [/cert_file: name: /, /key_file: type: /],
    'tls_server_config: {cert_file: "a\\0", key_file: b}': [/cert_file: name: is not a file name$/],
    [tls('min_version: TLS10')]: [/^1:48: .*min_version: unsupported: TLS10 is not supported/],
    [tls('min_version: TLS1.2')]: [/min_version: choice: "TLS1.2" is not one of .*mean TLS12\?$/],
    [tls('min_version: TLS13, max_version: TLS12')]: [/min_version: range: is above max_version$/],
    [tls('client_auth_type: VerifyClient')]: [/client_auth_type: choice: /],
    [tls('client_auth_type: VerifyClientCertIfGiven')]: [
      /client_auth_type: required: .*client_ca_file/,
    ],
    [tls('client_auth_type: RequireAndVerifyClientCert')]: [/client_auth_type: required: /],
    [tls('client_auth_type: RequireAnyClientCert')]: [],
    [tls('client_ca_file: ca')]: [/client_ca_file: choice: is of no use without/],
    [tls('cipher_suites: []')]: [/cipher_suites: unsupported: /],
    [tls('client_allowed_sans: []')]: [/client_allowed_sans: unsupported: /],
    [tls('cert: x')]: [/\.cert: unsupported: /],
    [tls('min_versoin: TLS12')]: [/unknown key "min_versoin"; did you mean min_version\?$/],
  }
  for (const [text, problems] of Object.entries(cases)) {
    const found = problemsOf(text)
    t.match(found, problems, text)
    t.equal(found.length, problems.length, found.join('\n'))
  }
})

void test('HTTP/2 is not served: to ask for it is warned of, to decline it is not', async t => {
  t.match(problemsOf('http_server_config: {http2: true}'), [/^1:22: .*http2: unsupported: HTTP\/2/])
  t.ok(parseWebConfig('http_server_config: {http2: true}', FILENAME).ok)
  t.same(problemsOf('http_server_config: {http2: false}'), [])
  t.match(problemsOf('http_server_config: {http2: 1}'), [/http2: type: expected true or false/])
})

void test("only the toolkit's headers can be set, to values that a header can have", async t => {
  const cases: Readonly<Record<string, readonly RegExp[]>> = {
    'X-Frame-Options: DENY': [/X-Frame-Options: header: "DENY" is not one of deny, sameorigin$/],
    'X-Content-Type-Options: sniff': [/header: "sniff" is not one of nosniff$/],
    'x-frame-options: deny': [/unknown-key: .*did you mean X-Frame-Options\?$/],
    'Server: x': [/Server: unknown-key: unknown key "Server"; there are: Content-Security/],
    'X-XSS-Protection: "a\\r\\nSet-Cookie: b"': [
      /X-XSS-Protection: header: a header value is one line/,
    ],
    [`X-XSS-Protection: ${'x'.repeat(4096)}`]: [],
    [`X-XSS-Protection: ${'x'.repeat(4097)}`]: [/X-XSS-Protection: header: /],
    'X-XSS-Protection: 0': [/X-XSS-Protection: type: .*put it in quotes$/],
    'Content-Security-Policy: "default-src \'self\'"': [],
  }
  for (const [text, problems] of Object.entries(cases)) {
    const found = problemsOf(header(text))
    t.match(found, problems, text)
    t.equal(found.length, problems.length, found.join('\n'))
  }
})

void test('a user has a bcrypt hash of a bounded cost', async t => {
  for (const cost of ['04', '12', '17']) t.same(problemsOf(withCost(cost)), [], cost)
  for (const cost of ['03', '18', '31'])
    t.match(problemsOf(withCost(cost)), [/^1:20: basic_auth_users\.alice: hash: the hash's cost/])
  const shapes = [HASH.slice(0, -1), `${HASH}x`, HASH.replace('2y', '2x'), HASH.replace('Q', '!')]
  for (const hash of [...shapes, 'plain', '""'])
    t.match(problemsOf(`basic_auth_users: {alice: ${hash}}`), [/hash: is not a bcrypt hash/], hash)
})

void test('a password that stands where its hash belongs is not repeated', async t => {
  for (const password of ['hunter2', '12345678', '{hunter2: hunter2}'])
    t.notMatch(problemsOf(`basic_auth_users: {alice: ${password}}`).join(), /hunter2|12345678/)
})

void test('a user has a name that basic authentication can carry', async t => {
  for (const user of ['"a:b"', '"a\\tb"', `"${'x'.repeat(256)}"`])
    t.match(problemsOf(`basic_auth_users: {${user}: ${HASH}}`), [
      /: name: a user name has no colon/,
    ])
})

void test('there are at most 1000 users', async t => {
  const users = (count: number): string =>
    `basic_auth_users:\n${Array.from({ length: count }, (_, i) => `  u${i}: ${HASH}\n`).join('')}`
  t.same(problemsOf(users(1000)), [])
  t.match(problemsOf(users(1001)), [/^1:1: basic_auth_users: range: at most 1000 users$/])
})

void test('what is not supported is refused, never ignored', async t => {
  t.match(problemsOf('rate_limit: {interval: 1s}'), [/^1:1: rate_limit: unsupported: /])
  t.match(problemsOf('tls_config: {}'), [/^1:1: tls_config: unknown-key: /])
})
