import t from 'tap'
import type { GoodReading, OneReading } from '../../src/clockside/snapshot.js'
import { formatReading } from '../../src/commands/read-format.js'

const context = {
  target: 'edge02',
  module: 'rdp',
  against: 'reference',
  limits: { warning: 5, critical: 60 },
} as const
const bare: GoodReading = {
  ok: true,
  offset: 0,
  error: 0.01,
  rtt: 0.001,
  duration: 0.1,
  service: {},
}
const told: GoodReading = {
  ...bare,
  service: { bootTimestamp: 1_800_000_000, synchronized: false },
  certificate: { notBefore: 1_700_000_000, notAfter: 1_800_000_000, validAtServerTime: false },
  identity: { computer: 'EDGE02', dnsName: 'edge02.contoso.com', domain: 'CONTOSO' },
}
const text = (reading: OneReading): string => formatReading.text(reading, 'ok', context)
const json = (reading: OneReading): object =>
  JSON.parse(formatReading.json(reading, 'ok', context)) as object

void t.test('what a server tells of itself is a line each', async t => {
  t.same(text(told).split('\n').slice(2), [
    'it calls itself EDGE02 (edge02.contoso.com)',
    'its certificate is valid from 2023-11-14 22:13:20 UTC until 2027-01-15 08:00:00 UTC; by its own clock it is not valid now',
    'it started at 2027-01-15 08:00:00 UTC, by its own clock',
    'it says itself that it is not synchronised',
  ])
  t.equal(text(bare).split('\n').length, 2)
})

void t.test('what is in doubt is said to be', async t => {
  const certificate = { notBefore: 0, notAfter: 1e300 }
  t.match(text({ ...bare, certificate }), 'until 1e+300 s of Unix time; whether it is now by its')
  t.match(
    text({ ...bare, certificate: { ...certificate, validAtServerTime: true } }),
    'is valid now',
  )
  t.match(text({ ...bare, identity: { dnsName: 'a.example' } }), 'calls itself a.example\n'.trim())
  t.notMatch(text({ ...bare, identity: { domain: 'CONTOSO' } }), 'calls itself')
})

void t.test('all of it is in the JSON, and what is not known is not', async t => {
  t.match(json(told), {
    boot_timestamp_seconds: 1_800_000_000,
    certificate_not_before: 1_700_000_000,
    certificate_not_after: 1_800_000_000,
    certificate_valid_at_server_time: false,
    computer: 'EDGE02',
    dns_name: 'edge02.contoso.com',
    domain: 'CONTOSO',
  })
  t.same(
    Object.keys(json(bare)).filter(key => /cert|boot|computer|dns|domain/.test(key)),
    [],
  )
})

void t.test('what a server said is not printed raw', async t => {
  const detail = 'it said \u001b[2J'
  t.match(text({ ok: false, reason: 'protocol', detail, duration: 1 }), 'it said \\u{1b}[2J')
})
