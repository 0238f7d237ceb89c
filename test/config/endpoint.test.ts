import { isIP } from 'node:net'
import * as fc from 'fast-check'
import { test } from 'tap'
import { characters } from './parsed.js'
import {
  canonicalHost,
  endpointAt,
  formatEndpoint,
  formatListenAddress,
  hostFault,
  parseEndpoint,
  parseListenAddress,
  type Address,
} from '../../src/config/endpoint.js'

const label = fc.stringMatching(/^[a-z_]([a-z0-9-]{0,8}[a-z0-9])?$/)
const name = fc.array(label, { minLength: 1, maxLength: 4 }).map(labels => labels.join('.'))
const host = fc.oneof(name, fc.ipV4(), fc.ipV6())
const address: fc.Arbitrary<Address> = fc.oneof(
  host.map(h => ({ host: h })),
  fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) }),
)

void test('a host is written with or without a port, IPv6 in brackets where there is one', async t => {
  const cases: Readonly<Record<string, Address>> = {
    'time.example.net': { host: 'time.example.net' },
    'time.example.net:1123': { host: 'time.example.net', port: 1123 },
    'EDGE_01.': { host: 'EDGE_01.' },
    '192.0.2.1': { host: '192.0.2.1' },
    '192.0.2.1:123': { host: '192.0.2.1', port: 123 },
    '2001:db8::1': { host: '2001:db8::1' },
    '::': { host: '::' },
    '[2001:db8::1]': { host: '2001:db8::1' },
    '[2001:db8::1]:65535': { host: '2001:db8::1', port: 65_535 },
    '7eleven.example': { host: '7eleven.example' },
  }
  for (const [text, endpoint] of Object.entries(cases))
    t.same(parseEndpoint(text), { ok: true, endpoint }, text)
})

void test('what is written is read back', async () => {
  fc.assert(
    fc.property(address, endpoint => {
      const parsed = parseEndpoint(formatEndpoint(endpoint))
      return (
        parsed.ok &&
        parsed.endpoint.host === endpoint.host &&
        parsed.endpoint.port === endpoint.port
      )
    }),
  )
})

void test('what is neither a name nor an address is refused for its host', async t => {
  const bad = [
    '',
    ':123',
    'a b',
    'a..b',
    '.a',
    '.',
    '-a',
    'a-',
    'a/b',
    'a@b',
    '*',
    '*.a',
    'münchen',
  ]
  const v6 = [
    '[::1',
    '::1]',
    '[a]',
    '[1.2.3.4]:1',
    '[]',
    '1::2::3',
    ':::',
    'fe80::1%eth0',
    '[::1%1]:1',
  ]
  const long = ['a'.repeat(64), `${'a.'.repeat(127)}a`]
  for (const text of [...bad, ...v6, ...long])
    t.match(parseEndpoint(text), { ok: false, reason: 'host' }, text)
})

void test('an international name is asked for in its xn-- form', async t => {
  t.match(parseEndpoint('münchen.example'), { ok: false, detail: /xn--/ })
  t.match(parseEndpoint('xn--mnchen-3ya.example'), { ok: true })
})

void test('a port is a number from 1 to 65535', async t => {
  for (const port of ['0', '65536', '', '-1', '+1', '1.0', '0x7b', ' 1', '01', 'ntp', '123456'])
    t.match(parseEndpoint(`a:${port}`), { ok: false, reason: 'port' }, port)
  t.match(parseEndpoint('[::1]:'), { ok: false, reason: 'port' })
})

void test('a number that a resolver would take for an IPv4 address is no host name', async t => {
  const numeric = ['127.1', '2130706433', '0x7f.1', '0x7f000001', '127.0.0.0x1', '010.0.0.1', '0']
  for (const text of [...numeric, '127.0.0.1.', '127.1.', '0X7F.1', 'example.1', '1.2.3.4.5', '0x'])
    t.match(parseEndpoint(text), { ok: false, reason: 'host' }, text)
})

void test('any text is an endpoint or is refused with a reason', async t => {
  const odd = fc.string({
    unit: fc.constantFrom(...characters('a1.:[]%-_/ \u0000é')),
    maxLength: 20,
  })
  fc.assert(
    fc.property(fc.oneof(odd, fc.string({ unit: 'binary' })), text => {
      const parsed = parseEndpoint(text)
      return parsed.ok ? hostFault(parsed.endpoint.host) === undefined : parsed.detail !== ''
    }),
  )
  t.pass()
})

void test('one host has one spelling to compare by', async t => {
  t.equal(canonicalHost('EDGE01.Contoso.COM.'), 'edge01.contoso.com')
  t.equal(canonicalHost('2001:DB8:0:0::0001'), '2001:db8::1')
  t.equal(canonicalHost('::ffff:192.0.2.1'), '192.0.2.1')
  t.equal(canonicalHost('::FFFF:c000:201'), '192.0.2.1')
  t.equal(canonicalHost('0:0:0:0:0:ffff:c000:0201'), '192.0.2.1')
  t.equal(canonicalHost('64:ff9b::c000:201'), '64:ff9b::c000:201')
  fc.assert(fc.property(host, h => canonicalHost(canonicalHost(h)) === canonicalHost(h)))
  fc.assert(fc.property(fc.ipV6(), h => isIP(canonicalHost(h)) !== 0))
})

void test('the usual port stands in for one that is not written', async t => {
  t.same(endpointAt({ host: 'a' }, 123), { host: 'a', port: 123 })
  t.same(endpointAt({ host: 'a', port: 1123 }, 123), { host: 'a', port: 1123 })
})

void test('what is listened on is a port, with or without an address', async t => {
  for (const [text, expected] of [
    [':10429', { host: undefined, port: 10_429 }],
    ['127.0.0.1:0', { host: '127.0.0.1', port: 0 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
    ['localhost:80', { host: 'localhost', port: 80 }],
    ['10429', undefined],
    [':70000', undefined],
    ['::1:80', { host: '::1', port: 80 }],
    ['a b:80', undefined],
    ['127.0.0.1:1:2', undefined],
    ['', undefined],
  ] as const) {
    const address = parseListenAddress(text)
    t.same(address, expected, text)
    if (address) t.same(parseListenAddress(formatListenAddress(address)), address, text)
  }
})
