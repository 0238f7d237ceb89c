import { isDeepStrictEqual } from 'node:util'
import * as fc from 'fast-check'
import { test } from 'tap'
import { maskSecrets, showConfig } from '../../src/config/show.js'
import { characters, configOf, REFERENCE } from './parsed.js'

const NAME = {
  unit: fc.oneof(
    fc.constantFrom(...characters('ab01:#-?"\'{}[]&*!|>%@` ~\\')),
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
  ),
  minLength: 1,
  maxLength: 12,
} as const
const label = fc.string(NAME).filter(s => s.trim() !== '' && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(s))
const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[a-z]{1,9}\.example$/))
const bracketed = (h: string, port: number): string =>
  h.includes(':') ? `[${h}]:${port}` : `${h}:${port}`
const port = fc.integer({ min: 1, max: 65_535 })
const address = fc.oneof(
  host,
  fc.tuple(host, port).map(([h, p]) => bracketed(h, p)),
)
const timeout = fc.integer({ min: 1, max: 900 }).map(ms => `${ms}ms`)
const interval = fc.integer({ min: 1, max: 86_400 }).map(s => `${s}s`)
const modules = fc.uniqueArray(fc.constantFrom('ntp', 'constructor', 'toString', 'm_1'), {
  minLength: 1,
})
const lower = (item: { readonly name: string }): string => item.name.toLowerCase()

const server = fc.record({ name: label, address, modules }, { requiredKeys: ['name', 'address'] })
const servers = fc.uniqueArray(server, { selector: lower, minLength: 1, maxLength: 3 })
const pool = fc.record(
  { name: label, servers, interval, modules },
  { requiredKeys: ['name', 'servers'] },
)
const options = fc.record(
  { prober: fc.constant('ntp'), port, timeout },
  { requiredKeys: ['prober'] },
)
const named = { pool: label, name: fc.uuid() }
const traces = fc.record({
  ...named,
  kind: fc.constant('trace'),
  path: label.map(s => `${s}.log`),
})
const events = fc.record({
  ...named,
  kind: fc.constant('events'),
  path: label.map(s => `${s}.xml`),
})
const log = fc.record({
  ...named,
  kind: fc.constant('events'),
  log: fc.uuid(),
  interval,
})
const hep = fc.record({
  ...named,
  kind: fc.constant('hep'),
  listen: fc.constantFrom(':0', '0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'a.example:0'),
  transport: fc.constantFrom('udp', 'tcp'),
})
const push = fc.record(
  {
    kind: fc.constant('push'),
    name: fc.uuid(),
    pool: fc.uuid(),
    token_file: label,
    max_size: fc.oneof(
      fc.integer({ min: 1, max: 4096 }).map(n => `${n}MiB`),
      fc.integer({ min: 1024, max: 2 ** 32 }).map(n => `${n}B`),
      fc.integer({ min: 2, max: 4_000_000 }).map(n => `${n}kB`),
    ),
  },
  { requiredKeys: ['kind', 'name', 'pool'] },
)
const file = fc.record(
  {
    reference: fc.record(
      {
        servers: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,9}\.example$/), { minLength: 1 }),
        interval,
      },
      { requiredKeys: ['servers'] },
    ),
    modules: fc.record(
      { constructor: options, toString: options, m_1: options, ntp: options },
      { requiredKeys: ['constructor', 'toString', 'm_1'] },
    ),
    pools: fc.uniqueArray(pool, { selector: lower, maxLength: 3 }),
    host: fc.record({ pool: label, name: label, interval }, { requiredKeys: ['pool', 'name'] }),
    calls: fc.record({
      state_directory: label,
      open_limit: fc.constantFrom('10s', '1h30m'),
      sources: fc.uniqueArray(fc.oneof(traces, events, log, hep, push), {
        selector: written => JSON.stringify({ ...written, name: '' }),
        minLength: 1,
        maxLength: 5,
      }),
    }),
    probe: fc.record({
      allow: fc.array(fc.oneof(host, fc.constantFrom('10.0.0.0/8', '::/0', '*.a.example')), {
        maxLength: 3,
      }),
    }),
  },
  { requiredKeys: ['reference', 'modules'] },
)

void test('what is shown is read back to the same configuration', async () => {
  fc.assert(
    fc.property(file, written => {
      // JSON is YAML.
      const config = configOf(JSON.stringify(written))
      return isDeepStrictEqual(configOf(showConfig(config)), config)
    }),
    { numRuns: 100 },
  )
})

void test('defaults are shown, durations as they are written, and nothing twice', async t => {
  const text = `
reference: {servers: [a.example, "[2001:db8::1]:1123", {address: c.example}]}
pools:
  - name: p
    servers: [{name: a, address: 192.0.2.1}, {name: b, address: "192.0.2.2:1123", modules: [slow]}]
modules: {slow: {prober: ntp, timeout: 1500ms}}
host: {pool: p, name: a}
calls:
  state_directory: state
  sources:
    - {kind: trace, pool: p, path: "*.log"}
    - {kind: events, pool: p, log: Lync Server}
    - {kind: hep, pool: p, listen: ":9060"}
    - {kind: push, pool: p, token_file: /run/token, max_size: 131072KiB}
`
  t.equal(
    showConfig(configOf(text)),
    `reference:
  servers:
    - a.example:123
    - "[2001:db8::1]:1123"
    - c.example:123
  interval: 16s
  timeout: 1s
  max_error: 1s
modules:
  ntp:
    prober: ntp
    port: 123
    timeout: 1s
  tls:
    prober: tls
    port: 443
    timeout: 5s
    staleness: 16ms
    server_name: ""
  rdp:
    prober: rdp
    port: 3389
    timeout: 5s
    staleness: 16ms
  winrm:
    prober: winrm
    port: 5985
    timeout: 5s
    staleness: 16ms
    tls: false
    path: /wsman
    server_name: ""
  smb:
    prober: smb
    port: 445
    timeout: 5s
    staleness: 16ms
  http:
    prober: http
    port: 80
    timeout: 5s
    staleness: 1s
    tls: false
    path: /
    server_name: ""
  exporter:
    prober: exporter
    port: 9182
    timeout: 10s
    staleness: 16ms
    tls: false
    path: /metrics
    server_name: ""
  slow:
    prober: ntp
    port: 123
    timeout: 1s500ms
pools:
  - name: p
    interval: 15s
    modules:
      - ntp
    servers:
      - name: a
        address: 192.0.2.1
      - name: b
        address: 192.0.2.2:1123
        modules:
          - slow
host:
  pool: p
  name: a
  interval: 15s
calls:
  state_directory: state
  settle_after: 10s
  open_limit: 10m
  sources:
    - kind: trace
      name: trace:*.log
      pool: p
      path: "*.log"
    - kind: events
      name: events:Lync Server
      pool: p
      log: Lync Server
      interval: 15s
    - kind: hep
      name: hep:udp/:9060
      pool: p
      listen: :9060
      transport: udp
    - kind: push
      name: push:p
      pool: p
      token_file: /run/token
      max_size: 128MiB
probe:
  allow: []
`,
  )
})

void test('a long name is not folded', async t => {
  const name = 'edge '.repeat(40).trim()
  const pools = `pools: [{name: ${name}, servers: [{name: a, address: b}]}]`
  t.match(showConfig(configOf(REFERENCE + pools)), `  - name: ${name}\n`)
})

void test('the values of secret keys are masked at any depth', async t => {
  const secrets = {
    user: 'u',
    password: 'p',
    deep: [{ token: { a: 1 }, secret: null, bearer_token: 'b' }],
  }
  const mask = '<secret>'
  t.same(maskSecrets(secrets), {
    user: 'u',
    password: mask,
    deep: [{ token: mask, secret: mask, bearer_token: mask }],
  })
})
