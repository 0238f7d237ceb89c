import {
  clientLogEntries,
  componentLine,
  diagRecord,
  sipMessage,
  traceRecord,
} from '../../src/demo/trace-text.js'
import { encodeHep } from '../../src/protocol/hep-encode.js'
import { durationNs } from '../../src/time/units.js'
import { head, invite, sample, signedWith } from '../protocol/trace-samples.js'
import { GERMAN, eventXml } from '../protocol/windows-events.js'

/** What all mutations begin with: texts whose characters are bytes. */

export const validDiagnostics = [
  '1020;reason="Identity of the referrer could not be verified";ErrorType="Invalid signature";HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";source="sip.contoso.com"',
  '15030;reason="Failed to route to Exchange Server";dialplan="Hosted__exap.um.outlook.com__org";appName="ExumRouting"',
  '10003.2; REASON = unquoted text ;source=""',
  '1011;reason=\u00e2\u0080\u009cround; quotes\u00e2\u0080\u009d',
]

const marked = {
  ...invite(3),
  startLine: 'INVITE sip:bob@contoso.com;gruu;opaque=app:voicemail SIP/2.0',
  headers: [
    ...invite(3).headers,
    ['Diversion', '<sip:b@contoso.com>'],
    ['Supported', 'ms-fe, 100rel'],
    ['Route', '<sip:exap.um.outlook.com;lr>'],
    ['v', 'SIP/2.0/TLS 192.0.2.3;branch=z9hG4bKa, SIP/2.0/UDP 192.0.2.4;branch=z9hG4bKb'],
  ] as const,
}
const failure = {
  startLine: 'SIP/2.0 503 Service Unavailable',
  headers: [
    ...invite(3).headers,
    ...validDiagnostics.map(value => ['ms-diagnostics', value] as const),
    ['Server', 'ExumRouting/6.0'],
  ] as const,
  body: '',
}
export const validSip = [invite(1), marked, failure].map(message => sipMessage(message))

const diagnosis = diagRecord({
  ...head,
  level: 'ERROR',
  text: 'The signature is not valid',
  resultCode: '0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED',
  startLine: 'INVITE sip:bob@contoso.com SIP/2.0',
  callId: 'call1@192.0.2.1',
  cseq: '1 INVITE',
  peer: 'fe1.contoso.com:5061',
  data: 'a="b"',
})
const line = componentLine({ ...head, level: 'INFO', place: 'a,b:c(1)', object: 1, text: 'Exit' })
const records = [
  traceRecord(sample(1)),
  traceRecord({ ...sample(3, 'fe1'), layout: 1, message: marked }),
  traceRecord({ ...sample(3), layout: 2, direction: 'outgoing;source="x"', message: failure }),
  signedWith(validDiagnostics[0] ?? ''),
  diagnosis,
  line,
]
export const validTraces = [...records, records.join(''), records.toReversed().join('junk\r\n')]

const entries = [invite(1), marked, failure].map(message =>
  clientLogEntries({
    at: head.at,
    utcOffset: durationNs(0n),
    process: 1,
    thread: 2,
    direction: 'incoming',
    local: '192.0.2.1:1',
    remote: '192.0.2.2:2',
    message,
  }),
)
export const validClientLogs = [...entries, entries.join('')]

const german = Buffer.from(eventXml({}, GERMAN)).toString('latin1')
export const validEvents = [
  eventXml(),
  german,
  `<?xml version="1.0"?><Events>${eventXml()}<!-- x -->${german}<![CDATA[a]]></Events>`,
]

const utf8 = new TextEncoder()
const hep = validSip.map((text, i) =>
  encodeHep({
    payload: utf8.encode(text),
    protocolType: 1,
    family: 2,
    ipProtocol: 17,
    source: Uint8Array.of(192, 0, 2, 1),
    destination: Uint8Array.of(192, 0, 2, 2),
    sourcePort: 5060,
    destinationPort: 5061,
    seconds: 1_700_000_000,
    microseconds: 250_000,
    captureId: 2001,
    nodeName: `sbc${i}`,
    compressed: i === 2,
  }),
)
export const validHep = hep.map(bytes => Buffer.from(bytes).toString('latin1'))
export const validHepStreams = [...validHep, validHep.join('')]
