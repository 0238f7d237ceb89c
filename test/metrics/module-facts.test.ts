import { Registry } from 'prom-client'
import t from 'tap'
import type { ModuleSnapshot, Snapshot } from '../../src/clockside/snapshot.js'
import { exposition } from '../../src/metrics/exposition.js'
import { putClocks } from '../../src/metrics/samples.js'

/** The samples of what a module tells besides its clock. */
const samplesOf = async (facts: Partial<ModuleSnapshot>): Promise<string[]> => {
  const snapshot: Snapshot = {
    reference: { synchronized: true, agreeing: 3, servers: [] },
    host: { steps: 0, suspends: 0 },
    servers: [
      {
        pool: 'p',
        server: 's',
        address: '192.0.2.1',
        contradictions: 0,
        steps: 0,
        service: {},
        modules: [{ module: 'rdp', failures: {}, discards: {}, ...facts }],
      },
    ],
  }
  const text = await exposition(
    put => putClocks(put, snapshot),
    Registry.PROMETHEUS_CONTENT_TYPE,
  ).metrics()
  return text
    .split('\n')
    .filter(line => line.startsWith('edgeclock_server_'))
    .map(line => line.replace('edgeclock_server_', '').replace('pool="p",server="s",', ''))
}

void t.test('a certificate is two dates, and whether the server holds it for valid', async t => {
  const dates = { notBefore: 1_700_000_000, notAfter: 1_800_000_000 }
  const both = [
    'certificate_not_before_timestamp_seconds{module="rdp"} 1700000000',
    'certificate_not_after_timestamp_seconds{module="rdp"} 1800000000',
  ]
  t.same(await samplesOf({ certificate: dates }), both, 'in doubt it is not told')
  for (const [valid, value] of [
    [true, 1],
    [false, 0],
  ] as const) {
    t.same(await samplesOf({ certificate: { ...dates, validAtServerTime: valid } }), [
      ...both,
      `certificate_valid_at_server_time{module="rdp"} ${value}`,
    ])
  }
})

void t.test('what a computer calls itself is labels, empty where it does not say', async t => {
  t.same(await samplesOf({ identity: { computer: 'EDGE02', domain: 'CONTOSO' } }), [
    'identity_info{module="rdp",computer="EDGE02",dns_name="",domain="CONTOSO"} 1',
  ])
  t.same(await samplesOf({ identity: { dnsName: 'edge02.contoso.com' } }), [
    'identity_info{module="rdp",computer="",dns_name="edge02.contoso.com",domain=""} 1',
  ])
  t.same(await samplesOf({}), [])
})
