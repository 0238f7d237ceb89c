import { test } from 'tap'
import { moduleNamed } from '../../src/config/config.js'
import { builtInModules } from '../../src/config/modules.js'
import { seconds } from '../../src/time/units.js'
import { configOf, problemsOf, REFERENCE, warningsOf } from './parsed.js'

const EXAMPLE = `reference:
  servers: [ntp1.contoso.com, "192.0.2.1:1123", {address: "[2001:db8::1]:123"}, "2001:db8::2"]
  interval: 1m4s
  timeout: 500ms
  max_error: 2s
modules:
  far: {prober: ntp, port: 1123, timeout: 5s}
  ntp: {prober: ntp, timeout: 2s}      # overrides the built-in one
pools:
  - name: edgepool1
    interval: 30s
    modules: [far, ntp]
    servers:
      - {name: edge01, address: 192.0.2.11}
      - {name: edge02, address: 'edge02.contoso.com:2123', modules: [ntp]}
  - name: edgepool2
    servers:
      - {name: edge01, address: '2001:db8::11'}
host: {pool: edgepool1, name: edge01}
calls:
  state_directory: /var/lib/edgeclock
  sources:
    - {kind: trace, pool: edgepool1, path: "/var/log/cls/*.log"}
    - {kind: events, pool: edgepool1, path: "/var/log/lync/*.xml"}
    - {kind: events, pool: edgepool1, log: "Lync Server"}
    - {kind: hep, pool: edgepool1, listen: "0.0.0.0:9060", transport: udp}
    - {kind: push, pool: edgepool1}
probe: {allow: ["192.0.2.0/24", "*.contoso.com"]}
`

const builtIn = () => Object.fromEntries(builtInModules().map(module => [module.name, module]))

void test('the full example is resolved: every server carries its modules', async t => {
  const ntp = { name: 'ntp', kind: 'ntp', port: 123, timeout: seconds(2) }
  const far = { name: 'far', kind: 'ntp', port: 1123, timeout: seconds(5) }
  t.strictSame(configOf(EXAMPLE), {
    reference: {
      servers: [
        { host: 'ntp1.contoso.com', port: 123 },
        { host: '192.0.2.1', port: 1123 },
        { host: '2001:db8::1', port: 123 },
        { host: '2001:db8::2', port: 123 },
      ],
      interval: seconds(64),
      timeout: seconds(0.5),
      maxError: seconds(2),
    },
    modules: { ...builtIn(), ntp, far },
    pools: [
      {
        name: 'edgepool1',
        interval: seconds(30),
        modules: [far, ntp],
        servers: [
          { name: 'edge01', address: { host: '192.0.2.11' }, modules: [far, ntp] },
          {
            name: 'edge02',
            address: { host: 'edge02.contoso.com', port: 2123 },
            modules: [{ ...ntp, port: 2123 }],
          },
        ],
      },
      {
        name: 'edgepool2',
        interval: seconds(15),
        modules: [ntp],
        servers: [{ name: 'edge01', address: { host: '2001:db8::11' }, modules: [ntp] }],
      },
    ],
    host: { pool: 'edgepool1', name: 'edge01', interval: seconds(15) },
    calls: {
      stateDirectory: '/var/lib/edgeclock',
      settleAfter: seconds(10),
      openLimit: seconds(600),
      sources: [
        {
          kind: 'trace',
          name: 'trace:/var/log/cls/*.log',
          pool: 'edgepool1',
          path: '/var/log/cls/*.log',
        },
        {
          kind: 'events',
          name: 'events:/var/log/lync/*.xml',
          pool: 'edgepool1',
          path: '/var/log/lync/*.xml',
        },
        {
          kind: 'events',
          name: 'events:Lync Server',
          pool: 'edgepool1',
          log: 'Lync Server',
          interval: seconds(15),
        },
        {
          kind: 'hep',
          name: 'hep:udp/0.0.0.0:9060',
          pool: 'edgepool1',
          listen: { host: '0.0.0.0', port: 9060 },
          transport: 'udp',
        },
        {
          kind: 'push',
          name: 'push:edgepool1',
          pool: 'edgepool1',
          tokenFile: undefined,
          maxBytes: 64 * 2 ** 20,
        },
      ],
    },
    probe: { allow: ['192.0.2.0/24', '*.contoso.com'] },
  })
})

void test('only the reference is needed; everything else has its default', async t => {
  const config = configOf(REFERENCE)
  t.match(config.reference, { interval: seconds(16), timeout: seconds(1), maxError: seconds(1) })
  t.strictSame(config.modules, builtIn())
  t.match(config, { pools: [], host: undefined, calls: undefined, probe: { allow: [] } })
})

void test('a section whose lines are all commented out is as good as absent', async t => {
  t.strictSame(
    configOf(`${REFERENCE}modules:\npools:\nhost:\ncalls:\nprobe:\n`),
    configOf(REFERENCE),
  )
  t.strictSame(configOf(`${REFERENCE}probe:\n  allow:\n`), configOf(REFERENCE))
})

void test('a configuration is frozen throughout, and can be posted to a thread', async t => {
  const config = configOf(EXAMPLE)
  const frozen = (value: unknown): boolean =>
    typeof value !== 'object' ||
    value === null ||
    (Object.isFrozen(value) && Object.values(value).every(frozen))
  t.ok(frozen(config))
  t.strictSame(structuredClone(config), config)
})

void test('a module is found by its own name only', async t => {
  const config = configOf(EXAMPLE)
  t.equal(moduleNamed(config, 'far')?.port, 1123)
  t.equal(moduleNamed(config, 'toString'), undefined)
  t.equal(moduleNamed(config, 'near'), undefined)
})

void test('fewer than three reference servers are accepted with a warning', async t => {
  t.same(warningsOf(REFERENCE), [])
  t.match(warningsOf('reference:\n  servers: [a]'), [/^2:3: reference\.servers: quorum: one /])
  t.match(warningsOf('reference:\n  servers: [a, b]'), [/^2:3: reference\.servers: quorum: two /])
})

void test('a host in a pool whose name is nearly a configured one is warned of', async t => {
  const pool = 'pools: [{name: EdgePool1, servers: [{name: a, address: b}]}]\n'
  const host = (name: string): string => `${REFERENCE}${pool}host: {pool: ${name}, name: a}`
  t.match(warningsOf(host('edgepool1')), [/^3:8: host\.pool: unknown-pool: .*EdgePool1\?$/])
  t.same(warningsOf(host('EdgePool1')), [])
  t.same(warningsOf(host('elsewhere')), [])
})

void test('everything that is wrong is told at once, in the order of the file', async t => {
  const text = `reference:
  servers: [a.example, A.example., {address: c, nts: true}]
  intervall: 16s
  timeout: 20s
modules:
  sip_tls: {prober: sip, port: 5061}
pools:
  - name: edgepool1
    interval: 15
    modules: [ntp, rpd]
    servers:
      - {name: edge01, address: 127.1}
      - {name: Edge01, address: 192.0.2.12, modules: [sip_tsl]}
calls: {sources: []}
`
  t.same(problemsOf(text), [
    '2:24: reference.servers[1]: duplicate: this server is already there above; it has one vote',
    '2:49: reference.servers[2].nts: unsupported: nts is not supported by this version',
    '3:3: reference.intervall: unknown-key: unknown key "intervall"; did you mean interval?',
    '4:3: reference.timeout: timeout: the timeout 20s is longer than the interval 16s',
    '6:13: modules.sip_tls.prober: unsupported: prober "sip" is not supported by this version; there are: ntp, tls, rdp, winrm, smb, http, exporter',
    '9:5: pools[0].interval: duration: 15 is not a duration; write for example 15s',
    '10:20: pools[0].modules[1]: unknown-module: "rpd" is neither built in nor under modules; did you mean rdp?',
    '12:24: pools[0].servers[0].address: type: expected an address, found a number; put it in quotes',
    '13:10: pools[0].servers[1].name: duplicate: this pool already has a server "Edge01"',
    '13:55: pools[0].servers[1].modules[0]: unknown-module: "sip_tsl" is neither built in nor under modules; did you mean sip_tls?',
    '14:1: calls.state_directory: required: is missing; expected a file name',
    '14:9: calls.sources: range: at least one source is needed; leave calls out for none',
  ])
})

void test('after a syntax error, what is certain before it is told with it', async t => {
  const text = `${REFERENCE}pools:
  - name: p
    intervall: 15s
    modules: [later]
   servers: []
modules: {later: {prober: ntp}}
`
  const problems = problemsOf(text)
  t.match(problems[0], /^4:5: pools\[0\]\.intervall: unknown-key: /)
  t.ok(problems.slice(1).every(problem => / yaml: /.test(problem)))
  t.ok(problems.length > 1)
})

void test('what the parser says of one place twice is told once, in the order of the file', async t => {
  for (const text of ['['.repeat(40), '*reference: x', '*\n\0']) {
    const problems = problemsOf(text)
    t.equal(new Set(problems).size, problems.length, JSON.stringify(text))
    const columns = problems.map(problem => Number(problem.split(':')[1]))
    if (!text.includes('\n'))
      t.same(
        columns,
        columns.toSorted((a, b) => a - b),
      )
  }
  t.match(
    problemsOf('*\n\0').map(problem => problem[0]),
    ['1', '1', '2'],
  )
})

void test('no more than 500 problems are told one by one', async t => {
  const problems = problemsOf(`${REFERENCE}probe:\n  allow:\n${'    - ""\n'.repeat(700)}`)
  t.equal(problems.length, 501)
  t.match(problems.at(-1), /and 200 more problems$/)
})
