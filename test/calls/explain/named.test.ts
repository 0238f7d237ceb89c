import t from 'tap'
import { Named } from '../../../src/calls/explain/named.js'
import { SipMessage } from '../../../src/protocol/sip-message.js'

const failing = (status: number, diagnostics: readonly string[], trust = ''): SipMessage => {
  const message = new SipMessage()
  message.status = status
  message.diagnostics.push(...diagnostics)
  message.trust = trust
  return message
}

const SKEW = 'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"'

void t.test('hosts that failing responses name are kept; those of clock skew apart', async t => {
  const named = new Named()
  named.message(failing(504, ['1010;source="SIP.contoso.com"'], 'ms-ep-fqdn=edge.fabrikam.com'))
  named.message(
    failing(
      429,
      [`1020;${SKEW};signer="fe1.contoso.com"`],
      'a=b; MS-EP-FQDN="edgepool1.contoso.com"',
    ),
  )
  t.same(named.all, {
    edge_pools: ['edge.fabrikam.com', 'edgepool1.contoso.com'],
    signers: ['fe1.contoso.com'],
    sources: ['sip.contoso.com'],
  })
  t.same(named.inSkew, {
    edge_pools: ['edgepool1.contoso.com'],
    signers: ['fe1.contoso.com'],
    sources: [],
  })
  t.same(named.results, [{ diagnostic: '1020', name: 'SIP_E_CRYPT_REFERRER_DATE_SKEWED' }])
})

void t.test('what is no host is not kept: a user, a number, an address', async t => {
  const named = new Named()
  for (const value of ['user1@contoso.com', 'sip:a.b', '+49.30.123', '192.0.2.1', 'kim', '']) {
    named.message(failing(429, [`1020;signer="${value}";source="${value}"`], `ms-ep-fqdn=${value}`))
  }
  t.same(named.all, { edge_pools: [], signers: [], sources: [] })
})

void t.test(
  'successes, redirections and cancelled calls name nobody; names are bounded',
  async t => {
    const named = new Named()
    for (const status of [200, 302, 487])
      named.message(failing(status, ['1;source="a.contoso.com"']))
    t.same(named.all.sources, [])
    for (let i = 0; i < 100; i++) named.message(failing(500, [`1;source="h${i}.contoso.com"`]))
    t.equal(named.all.sources.length, 64)
  },
)
