import { test, type Test } from 'tap'
import { problemsOf, REFERENCE } from './parsed.js'

/** Text after a good reference (line 1) → the problems, by line. */
type Cases = Readonly<Record<string, readonly RegExp[]>>

const check = (t: Test, cases: Cases, before = REFERENCE): void => {
  for (const [text, problems] of Object.entries(cases)) {
    const found = problemsOf(before + text)
    t.match(found, problems, text)
    t.equal(found.length, problems.length, found.join('\n'))
  }
}

/** Pools that are good but for what is put into them. */
const server = (rest: string): string => `pools: [{name: p, servers: [{name: s, ${rest}}]}]`
const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join()

const named = (name: string): string =>
  `pools: [{name: ${name}, servers: [{name: ${name}, address: a}]}]`
const servers = (count: number): string => many(count, i => `{name: s${i}, address: a}`)
const every = (interval: string): string => `modules: {ntp: {prober: ntp, timeout: 1ms}}
pools:
  - name: p
    interval: ${interval}
    servers: [{name: s, address: a}]`
const slow = (rest: string, own = ''): string => `modules: {slow: {prober: ntp, timeout: 20s}}
pools:
  - name: p
    ${rest}
    servers: [{name: s, address: a${own}}]`

void test('a reference is required, with servers, and only known keys', async t => {
  const cases: Cases = {
    'pools: []': [/^1:1: reference: required: is missing; expected a mapping/],
    'reference:': [/^1:1: reference: type: expected a mapping \(key: value\), found nothing$/],
    'reference: {}': [/^1:1: reference\.servers: required: is missing; expected a list$/],
    'reference: {servers: []}': [/^1:13: reference\.servers: range: at least one/],
    'reference: {servers: a}': [/^1:13: reference\.servers: type: expected a list, found text$/],
    [`reference: {servers: [${many(17, i => `s${i}`)}]}`]: [/servers: range: at most 16/],
    [`reference: {servers: [${many(16, i => `s${i}`)}]}`]: [],
    '[reference]': [/^1:1: type: expected a mapping \(key: value\), found a list$/],
    'reference: {servers: [a], nts: true}': [
      /^1:27: reference\.nts: unknown-key: .*there are: servers/,
    ],
  }
  check(t, cases, '')
})

void test('a reference server is an address with or without a port, once', async t => {
  const cases: Cases = {
    'reference: {servers: [a, {address: a}, "a:123", "a:124"]}': [
      /^1:26: reference\.servers\[1\]: duplicate: /,
      /^1:40: reference\.servers\[2\]: duplicate: /,
    ],
    'reference: {servers: ["::ffff:192.0.2.1", 192.0.2.1]}': [/servers\[1\]: duplicate: /],
    'reference: {servers: [{}]}': [/servers\[0\]\.address: required: is missing; expected an addr/],
    'reference: {servers: [{address: a, nts: false}]}': [/^1:36: .*nts: unsupported: nts is not/],
    'reference: {servers: [{adress: a}]}': [
      /servers\[0\]\.address: required: /,
      /adress: unknown-key: unknown key "adress"; did you mean address\?$/,
    ],
    'reference: {servers: ["a:0"]}': [/address: "a:0": a port is a number from 1 to 65535$/],
    'reference: {servers: [1, ~, [a]]}': [/found a number; put/, /found nothing$/, /found a list$/],
  }
  check(t, cases, '')
})

void test('the timeout of the reference fits into its interval', async t => {
  const cases: Cases = {
    'reference: {servers: [a], interval: 500ms}': [/^1:27: reference\.interval: timeout: /],
    'reference: {servers: [a], timeout: 17s}': [
      /^1:27: reference\.timeout: timeout: the timeout 17s/,
    ],
    'reference: {servers: [a], timeout: 16s}': [],
  }
  check(t, cases, '')
})

void test('a duration has units and bounds', async t => {
  check(t, {
    [every('100ms')]: [],
    [every('1d')]: [],
    [every('99ms')]: [
      /^5:5: pools\[0\]\.interval: range: "99ms" is out of range: from 100ms to 1d$/,
    ],
    [every('1d1ms')]: [/interval: range: /],
    [every('0s')]: [/interval: range: /],
    [every('"15"')]: [/interval: duration: "15" is not a duration; write for example 15s$/],
    [every('15')]: [/interval: duration: 15 is not a duration; write for example 15s$/],
    [every('1.5s')]: [/duration: "1.5s" is not a duration; write for example 15s, 250ms or 1m30s$/],
    [every('')]: [/duration: null is not a duration; write/],
    [every('{toString: 1}')]: [/interval: duration: \{"toString":1\} is not a duration/],
    'modules: {m: {prober: ntp, timeout: 0s}}': [/timeout: range: "0s" is out of range: from 1ms/],
  })
})

void test('a module is of a prober that this version has, with its options', async t => {
  check(t, {
    'modules: {m: {prober: ldap}}': [
      /^2:15: modules\.m\.prober: unsupported: prober "ldap" is not/,
    ],
    'modules: {m: {prober: nt}}': [/there are: ntp, tls, .*; did you mean ntp\?$/],
    'modules: {m: {prober: constructor}}': [/modules\.m\.prober: unsupported: /],
    'modules: {m: {port: 1}}': [
      /^2:11: modules\.m\.prober: required: .* one of ntp, tls, rdp, winrm, smb, http, exporter$/,
    ],
    'modules: {m: {prober: 3}}': [
      /modules\.m\.prober: type: expected one of ntp, .*, found a number/,
    ],
    'modules: {m: ~}': [/modules\.m: type: expected a mapping \(key: value\), found nothing$/],
    'modules: {m: {prober: ntp, prot: 1}}': [/prot: unknown-key: .*did you mean port\?$/],
    'modules: {m: {prober: ntp, port: 0}}': [/port: range: 0 is not a port: from 1 to 65535$/],
    'modules: {m: {prober: ntp, port: 1.5}}': [/port: range: /],
    'modules: {m: {prober: ntp, port: "1"}}': [/port: type: expected a port, found text$/],
    'modules: [m]': [/^2:1: modules: type: expected a mapping \(key: value\), found a list$/],
  })
})

void test('what a prober is told besides its port is checked', async t => {
  check(t, {
    'modules: {m: {prober: http, tls: true, path: "/a?b=c", staleness: 0s, server_name: a.example}}':
      [],
    'modules: {m: {prober: http, tls: yes please}}': [
      /tls: type: expected true or false, found text$/,
    ],
    'modules: {m: {prober: winrm, path: wsman}}': [/path: path: "wsman" is not the path of a URL/],
    'modules: {m: {prober: winrm, path: "/a b"}}': [/path: path: /],
    'modules: {m: {prober: winrm, path: "/a\\r\\nX: y"}}': [/path: path: /],
    'modules: {m: {prober: tls, server_name: "a b"}}': [
      /server_name: name: "a b": not a host name/,
    ],
    'modules: {m: {prober: smb, staleness: 16}}': [/staleness: duration: .*write for example 16s/],
    'modules: {m: {prober: smb, staleness: 2h}}': [/staleness: range: /],
    'modules: {m: {prober: rdp, tls: true}}': [/tls: unknown-key: /],
  })
})

void test('a module has a name that can be a parameter of /probe', async t => {
  check(t, {
    [`modules: {${'m'.repeat(64)}: {prober: ntp}, _-9: {prober: ntp}}`]: [],
    'modules: {9m: {prober: ntp}}': [/^2:11: modules\["9m"\]: name: "9m": a module name is /],
    [`modules: {${'m'.repeat(65)}: {prober: ntp}}`]: [/: name: /],
    'modules: {"a b": {prober: ntp}}': [/: name: /],
    'modules: {"": {prober: ntp}}': [/: name: /],
  })
})

void test('pools and servers are named, once each whatever the case', async t => {
  const twice = [/^2:10: pools\[0\]\.name: name: /, /servers\[0\]\.name: name: /]
  check(t, {
    [named('""')]: twice,
    [named('" "')]: twice,
    [named('"a\\nb"')]: twice,
    [named('"\\x7f"')]: twice,
    [named(`"${'x'.repeat(254)}"`)]: twice,
    [named(`"${'x'.repeat(253)}"`)]: [],
    [named('42')]: [/pools\[0\]\.name: type: .*put it in quotes$/, /servers\[0\]\.name: type: /],
    'pools: [{name: p, servers: [{name: a, address: x}, {name: A, address: x}]}]': [
      /^2:53: pools\[0\]\.servers\[1\]\.name: duplicate: this pool already has a server "A"$/,
    ],
    'pools: [{name: p, servers: [{name: a, address: x}]}, {name: P, servers: [{name: a, address: x}]}]':
      [/^2:55: pools\[1\]\.name: duplicate: there is already a pool "P"$/],
    'pools: [{servers: [{address: a}]}]': [
      /^2:9: pools\[0\]\.name: required: is missing; expected a name$/,
      /^2:20: pools\[0\]\.servers\[0\]\.name: required: /,
    ],
  })
})

void test('a pool has servers, at most 10,000 in all', async t => {
  check(t, {
    'pools: [{name: p}]': [/^2:9: pools\[0\]\.servers: required: /],
    'pools: [{name: p, servers: []}]': [/^2:19: pools\[0\]\.servers: range: a pool without/],
    'pools: [{name: p, servers: [x]}]': [/^2:29: pools\[0\]\.servers\[0\]: type: .*found text$/],
    [`pools:\n- {name: p, servers: [${servers(9999)}]}\n- {name: q, servers: [${servers(1)}]}`]: [],
    [`pools:\n- {name: p, servers: [${servers(9999)}]}\n- {name: q, servers: [${servers(2)}]}`]: [
      /^4:13: pools\[1\]\.servers: range: there are more than 10000 servers/,
    ],
  })
})

void test('a server has an address', async t => {
  check(t, {
    [server('address: "192.0.2.1:1123"')]: [],
    [server('adress: a')]: [
      /address: required: /,
      /adress: unknown-key: .*did you mean address\?$/,
    ],
    [server('address: "a b"')]: [/^2:39: pools\[0\]\.servers\[0\]\.address: address: "a b": not a/],
    [server('address: 0x7f.1')]: [/address: address: "0x7f.1": not an IP address/],
    [server('address: 2130706433')]: [/address: type: expected an address, found a number/],
  })
})

void test('a list of modules names modules that there are, once each', async t => {
  check(t, {
    'modules: {m: {prober: ntp}}\npools: [{name: p, modules: [m, mm, ntp, m], servers: [{name: s, address: a}]}]':
      [
        /^3:32: pools\[0\]\.modules\[1\]: unknown-module: "mm" .*did you mean m\?$/,
        /^3:41: pools\[0\]\.modules\[3\]: duplicate: "m" is already in this list$/,
      ],
    [server('address: a, modules: [rpd]')]: [
      /^2:61: .*servers\[0\]\.modules\[0\]: unknown-module: .*did you mean rdp\?$/,
    ],
    [server('address: a, modules: [toString]')]: [/unknown-module: "toString"/],
    [server('address: "a:1", modules: [tls]')]: [],
    [server('address: a, modules: []')]: [/modules: range: at least one module/],
    [server('address: a, modules: ntp')]: [/modules: type: expected a list, found text$/],
    [server('address: a, modules: [9]')]: [/modules\[0\]: type: expected a module name/],
    [server(`address: a, modules: [${many(33, () => 'ntp')}]`)]: [
      /modules: range: at most 32 modules$/,
      ...Array.from({ length: 31 }, () => /: duplicate: /),
    ],
  })
})

void test("a module's timeout fits into the interval of its pool", async t => {
  check(t, {
    [slow('modules: [ntp, slow]')]: [
      /^5:20: pools\[0\]\.modules\[1\]: timeout: slow's timeout 20s is/,
    ],
    [slow('interval: 20s\n    modules: [slow]')]: [],
    [slow('interval: 15s', ', modules: [slow]')]: [
      /^6:47: pools\[0\]\.servers\[0\]\.modules\[0\]: timeout: slow's .* the pool's interval 15s$/,
    ],
    [slow('interval: 500ms', ', modules: [fast]').replace(
      '{slow',
      '{fast: {prober: ntp, timeout: 9ms}, slow',
    )]: [],
    'modules: {bad: {prober: ntp, port: 0, timeout: 20s}}\npools: [{name: p, modules: [bad], servers: [{name: s, address: a}]}]':
      [/modules\.bad\.port: range: /, /modules\[0\]: timeout: bad's timeout 20s/],
    [slow('interval: 500ms')]: [/^5:5: pools\[0\]\.interval: timeout: ntp's timeout 1s is longer/],
    'modules: {ntp: {prober: ntp, timeout: 16s}}\npools: [{name: p, servers: [{name: s, address: a}]}]':
      [/^3:9: pools\[0\]\.interval: timeout: ntp's timeout 16s/],
  })
})

void test('host, probe and the top level have their own keys', async t => {
  check(t, {
    'host: {name: a}': [/^2:1: host\.pool: required: /],
    'host: {pool: p, name: a, x: 1}': [
      /^2:26: host\.x: unknown-key: .*there are: pool, name, interval$/,
    ],
    'host: {pool: p, name: a, interval: 1s}': [],
    'host: {pool: p, name: a, interval: 999ms}': [/^2:26: host\.interval: range: /],
    'probe: {allow: [a, 192.0.2.0/33, 127.1, 5]}': [
      /^2:20: probe\.allow\[1\]: address: "192\.0\.2\.0\/33": the prefix length/,
      /^2:34: probe\.allow\[2\]: type: .*found a number; put it in quotes$/,
      /^2:41: probe\.allow\[3\]: type: /,
    ],
    'probe: {allow: a}': [/probe\.allow: type: expected a list, found text$/],
    'probe: {allowed: []}': [/unknown key "allowed"; did you mean allow\?$/],
    'pool: []': [/^2:1: pool: unknown-key: unknown key "pool"; did you mean pools\?$/],
    'xyzzy: 1': [/there are: reference, modules, pools, host, calls, probe$/],
  })
})
