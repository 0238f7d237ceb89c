/** `referrer_skewed`: the 429 of an Edge server that is hours off. `ok`: a call that is answered. */
export type SippAnswer = 'referrer_skewed' | 'ok'

const DIAGNOSTICS = [
  '1020',
  'reason="Identity of the referrer could not be verified with the ms-identity parameter"',
  'ErrorType="Invalid signature"',
  'Referrer="user1@contoso.com"',
  'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"',
  'cause="Invalid signature"',
  'signer="fe2.contoso.com"',
  'source="sip.contoso.com"',
].join(';')

const VOICEMAIL = 'sip:user1@contoso.com;opaque=app:voicemail'

const scenario = (name: string, steps: readonly string[]): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="${name}">
${steps.join('\n')}
</scenario>
`

const send = (lines: readonly string[], attributes = ''): string => {
  const text = [...lines, 'Content-Length: 0', '', ''].join('\n')
  return `<send${attributes}><![CDATA[\n${text}\n]]></send>`
}

const RETRANSMITTED = ' retrans="500"'

const response = (startLine: string, more: readonly string[], tag = ''): string[] => [
  startLine,
  '[last_Via:]',
  '[last_From:]',
  `[last_To:]${tag}`,
  '[last_Call-ID:]',
  '[last_CSeq:]',
  ...more,
]

const contact = (user: string): string => `Contact: <sip:${user}@[local_ip]:[local_port]>`
const TAG = ';tag=[pid]s[call_number]'

/** What the server does with each call. */
export const answeringScenario = (answer: SippAnswer): string => {
  const [startLine, more] =
    answer === 'ok'
      ? ['SIP/2.0 200 OK', [contact('user1')]]
      : ['SIP/2.0 429 Provide Referrer Identity', [`ms-diagnostics: ${DIAGNOSTICS}`]]
  const steps = [
    '<recv request="INVITE"/>',
    send(response(startLine ?? '', more, TAG), RETRANSMITTED),
    '<recv request="ACK"/>',
  ]
  const bye = ['<recv request="BYE"/>', send(response('SIP/2.0 200 OK', []))]
  return scenario('server', answer === 'ok' ? [...steps, ...bye] : steps)
}

const request = (method: string, sequence: number, more: readonly string[]): string[] => [
  `${method} ${VOICEMAIL} SIP/2.0`,
  ...more,
  `From: <sip:user2@contoso.com>;tag=[pid]c[call_number]`,
  'Call-ID: [call_id]',
  `CSeq: ${sequence} ${method}`,
  'Max-Forwards: 70',
]

const VIA = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]'
const AGAIN = '[last_To:]'

/** What the caller does: a call to voicemail that ends with this answer. */
export const callingScenario = (answer: SippAnswer): string => {
  const invite = request('INVITE', 1, [VIA, 'To: <sip:user1@contoso.com>', contact('user2')])
  const steps = [send(invite, RETRANSMITTED), '<recv response="100" optional="true"/>']
  if (answer === 'referrer_skewed') {
    // The ACK of a failure is part of its transaction (RFC 3261 §17.1.1.3): the same branch.
    const ack = request('ACK', 1, ['[last_Via:]', AGAIN])
    return scenario('caller', [...steps, '<recv response="429"/>', send(ack)])
  }
  return scenario('caller', [
    ...steps,
    '<recv response="200"/>',
    send(request('ACK', 1, [VIA, AGAIN])),
    send(request('BYE', 2, [VIA, AGAIN]), RETRANSMITTED),
    '<recv response="200"/>',
  ])
}
