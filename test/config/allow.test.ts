import { isIPv4 } from 'node:net'
import * as fc from 'fast-check'
import { test } from 'tap'
import { allowProbe, parseAllowEntry } from '../../src/config/allow.js'
import { configOf, REFERENCE } from './parsed.js'

const allowing = (...entries: readonly string[]): ((host: string) => boolean) =>
  allowProbe({ pools: [], probe: { allow: entries } })

const POOL = `pools:
  - name: p
    servers:
      - {name: edge01, address: 192.0.2.11}
      - {name: edge02, address: "Edge02.Contoso.com:1123"}
      - {name: edge03, address: "2001:DB8::3"}
`

void test('the servers of the pools are allowed, in any spelling of their addresses', async t => {
  const allowed = allowProbe(configOf(REFERENCE + POOL))
  const yes = ['192.0.2.11', '::ffff:192.0.2.11', '::ffff:c000:20b', 'edge02.contoso.com']
  for (const host of [...yes, 'EDGE02.contoso.com.', '2001:db8::3', '2001:db8:0:0::0003'])
    t.ok(allowed(host), host)
  for (const host of ['192.0.2.12', 'edge01', 'a.example', 'contoso.com', '2001:db8::4', ''])
    t.notOk(allowed(host), host)
})

void test('nothing is allowed that nothing allows', async t => {
  for (const host of ['127.0.0.1', '::1', 'localhost', '', '*']) t.notOk(allowing()(host), host)
})

void test('a network allows the addresses in it', async t => {
  const allowed = allowing(
    '192.0.2.0/25',
    '2001:db8::/33',
    '198.51.100.7/32',
    '::ffff:10.0.0.0/104',
  )
  for (const host of [
    '192.0.2.0',
    '192.0.2.127',
    '::ffff:192.0.2.5',
    '2001:db8:7fff::1',
    '198.51.100.7',
    '10.9.9.9',
  ])
    t.ok(allowed(host), host)
  for (const host of [
    '192.0.2.128',
    '192.0.1.255',
    '2001:db8:8000::1',
    '198.51.100.8',
    '11.0.0.0',
    '2001:db8::1%eth0',
    '[2001:db8::1]',
  ])
    t.notOk(allowed(host), host)
})

void test('a network of one family says nothing of the other', async t => {
  t.notOk(allowing('::/0')('192.0.2.1'))
  t.notOk(allowing('::ffff:0:0/95')('192.0.2.1'))
  t.notOk(allowing('0.0.0.0/0')('2001:db8::1'))
})

const bits = (address: string): bigint =>
  isIPv4(address)
    ? address.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n)
    : wide(address)
const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
const wide = (address: string): bigint => {
  const [head = '', tail] = address.split('::')
  const after = groups(tail ?? '')
  const zeros = Array.from({ length: 8 - groups(head).length - after.length }, () => '0')
  const all = tail === undefined ? groups(head) : [...groups(head), ...zeros, ...after]
  return all.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n)
}

void test('an address is in a network if its first bits are', async () => {
  const v6 = fc.ipV6().filter(a => !a.includes('.') && bits(a) >> 32n !== 0xffffn)
  for (const [address, width] of [[fc.ipV4(), 32] as const, [v6, 128] as const])
    fc.assert(
      fc.property(address, address, fc.integer({ min: 0, max: width }), (network, host, prefix) => {
        const shift = BigInt(width - prefix)
        const expected = bits(network) >> shift === bits(host) >> shift
        return allowing(`${network}/${prefix}`)(host) === expected
      }),
      { numRuns: 1000 },
    )
})

void test('a domain allows the names below it, and only names', async t => {
  const allowed = allowing('*.Contoso.com', 'time.example.net.')
  for (const host of ['a.contoso.com', 'A.B.CONTOSO.COM', 'a.contoso.com.', 'TIME.example.net'])
    t.ok(allowed(host), host)
  for (const host of [
    'contoso.com',
    'acontoso.com',
    '.contoso.com',
    'a.contoso.com.evil.example',
    'x.time.example.net',
    'a..contoso.com',
    '192.0.2.1',
    'a b.contoso.com',
    '%00.contoso.com',
  ])
    t.notOk(allowed(host), host)
})

void test('a number that a resolver would take for an address slips through nothing', async t => {
  const allowed = allowing('0.0.0.0/0', '::/0', '*.com', '127.0.0.1')
  for (const host of [
    '0x7f.1',
    '127.1',
    '2130706433',
    '0x7f000001',
    '017700000001',
    '127.0.0.1.',
    '127.0.1',
    '0177.0.0.1',
  ])
    t.notOk(allowed(host), host)
  t.ok(allowed('127.0.0.1'))
})

void test('a name never matches a network', async t => {
  for (const host of ['localhost', 'a.example', '10.example'])
    t.notOk(allowing('0.0.0.0/0', '::/0')(host))
})

void test('what is no address, network, name or domain cannot be allowed', async t => {
  const bad = ['', '*', '*.', '*.*.a', 'a.*', '*.192.0.2.1', '*.1', '192.0.2.0/33', '::/129', 'a/8']
  for (const entry of [
    ...bad,
    '192.0.2.0/',
    '192.0.2.0/-1',
    '192.0.2.0/8/8',
    '/8',
    '127.1',
    '127.1/8',
    'fe80::1%1/64',
    'a:123',
    '1.2.3.4/0x8',
  ])
    t.match(parseAllowEntry(entry), { ok: false, detail: /\w/ }, entry)
})
