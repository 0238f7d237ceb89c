import * as fc from 'fast-check'
import { test } from 'tap'
import { characters } from './parsed.js'
import { parseConfig } from '../../src/config/config.js'
import { formatProblem } from '../../src/config/problem.js'
import { parseWebConfig } from '../../src/config/web.js'

const FILE = `reference:
  servers: [ntp1.contoso.com, "192.0.2.1:123", {address: time.example.net}]
  interval: 16s
modules:
  far: {prober: ntp, port: 1123, timeout: 5s}
pools:
  - name: edgepool1
    interval: 15s
    modules: &m [far, ntp]
    servers:
      - {name: edge01, address: 192.0.2.11}
      - {name: edge02, address: 192.0.2.12, modules: *m}
host: {pool: edgepool1, name: edge01}
calls:
  state_directory: state
  sources: [{kind: trace, pool: p, path: "*.log"}, {kind: hep, pool: p, listen: ":9060"}, {kind: push, pool: p}]
probe: {allow: ["192.0.2.0/24", "*.contoso.com"]}
`
const WEB = `tls_server_config: {cert_file: a, key_file: b, client_auth_type: RequestClientCert}
http_server_config: {http2: true, headers: {X-Frame-Options: deny}}
basic_auth_users: {alice: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi}
`

const judged = (text: string): boolean =>
  [parseConfig(text), parseWebConfig(text, 'web.yml')].every(parsed => {
    if (parsed.ok) return Object.isFrozen(parsed.config)
    const lines = parsed.problems.map(p => formatProblem(p, 'f'))
    const inOrder = parsed.problems.every((p, i) => p.line >= (parsed.problems[i - 1]?.line ?? 0))
    return lines.length > 0 && inOrder && lines.every(line => !/[\p{Cc}\u2028\u2029]/u.test(line))
  })

void test('any bytes are a configuration or have problems, each on one line', async () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), bytes => judged(Buffer.from(bytes).toString())),
    { numRuns: 500 },
  )
})

void test('a good file with a piece cut out, doubled or spoilt never throws', async t => {
  const noise = fc.string({
    unit: fc.constantFrom(...characters('a1:-[]{}&*!|>"\',\n\t ~')),
    maxLength: 4,
  })
  for (const good of [FILE, WEB]) {
    t.ok(parseConfig(FILE).ok)
    const place = fc.nat(good.length)
    fc.assert(
      fc.property(place, place, noise, (from, to, between) =>
        judged(good.slice(0, from) + between + good.slice(to)),
      ),
      { numRuns: 500 },
    )
  }
})

void test('any value at any key never throws', async () => {
  const keys =
    'reference modules pools host probe calls state_directory sources kind path log listen token_file max_size servers interval timeout max_error name address prober port allow pool tls_server_config headers http_server_config basic_auth_users toString constructor then valueOf'
  const { tree } = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(
        null,
        true,
        15,
        -1,
        Number.MAX_VALUE,
        '15s',
        'ntp',
        'a.example',
        '',
        'constructor',
        'events',
        'hep',
        ':9060',
        'push',
      ),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...keys.split(' ')), tie('tree'), { maxKeys: 4 }),
    ),
  }))
  fc.assert(
    fc.property(tree, value => judged(JSON.stringify(value))),
    { numRuns: 500 },
  )
})
