import { sipMessage } from '../dist/demo/trace-text.js'
import { encodeHep } from '../dist/protocol/hep-encode.js'

/**
 * HEP packets as a capture agent in front of a pool sends them: of a thousand calls, each as one server
 * sees it once. Some 1 KB a packet.
 */
const CALLS = 1000
/** Of a hundred. */
const FAILING = 15
/** What is exchanged to make the calls new ones. */
const TAG = '0badc0de'

const SKEWED =
  '1020;reason="Identity of the referrer could not be verified with the ms-identity parameter";' +
  'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";signer="fe2.contoso.com";source="sip.contoso.com"'

const SDP = [
  'v=0',
  'o=- 0 0 IN IP4 192.0.2.60',
  's=session',
  'c=IN IP4 192.0.2.60',
  't=0 0',
  'm=audio 30000 RTP/AVP 104 9 8 0 101',
  'a=candidate:1 1 UDP 2130706431 192.0.2.60 30000 typ host',
  'a=candidate:1 2 UDP 2130705918 192.0.2.60 30001 typ host',
  'a=rtpmap:104 SILK/16000',
  'a=rtpmap:101 telephone-event/8000',
  '',
].join('\n')

const USUAL = [
  ['Max-Forwards', '68'],
  ['Contact', `<sip:user1@contoso.com;opaque=user:epid:${'abcdEFGH'.repeat(4)};gruu>`],
  ['User-Agent', 'UCCAPI/16.0.5266.1000 OC/16.0.5266.1000 (Skype for Business)'],
  ['Supported', 'timer, histinfo, ms-safe-transfer, ms-sender, ms-early-media, 100rel'],
  ['Allow', 'INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS'],
  ['P-Asserted-Identity', '"User One"<sip:user1@contoso.com>,<tel:+15550100;ext=100>'],
  ['Record-Route', '<sip:fepool1.contoso.com:5061;transport=tls;ms-fe=fe1.contoso.com;lr>'],
]

const ANSWERED = [
  ['INVITE sip:bob@contoso.com SIP/2.0', '1 INVITE', SDP],
  ['SIP/2.0 100 Trying', '1 INVITE'],
  ['SIP/2.0 180 Ringing', '1 INVITE'],
  ['SIP/2.0 200 OK', '1 INVITE', SDP],
  ['ACK sip:bob@contoso.com SIP/2.0', '1 ACK'],
  ['BYE sip:bob@contoso.com SIP/2.0', '2 BYE'],
  ['SIP/2.0 200 OK', '2 BYE'],
]
const FAILED = [
  ['INVITE sip:bob@contoso.com;gruu;opaque=app:voicemail SIP/2.0', '1 INVITE', SDP],
  ['SIP/2.0 100 Trying', '1 INVITE'],
  ['SIP/2.0 429 Provide Referrer Identity', '1 INVITE'],
  ['ACK sip:bob@contoso.com;gruu;opaque=app:voicemail SIP/2.0', '1 ACK'],
]

const utf8 = new TextEncoder()

const packet = (startLine, cseq, body = '', id) => {
  const headers = [
    ['Via', `SIP/2.0/TLS fe1.contoso.com:5061;branch=z9hG4bK${TAG}.${id}fe1`],
    ['Via', `SIP/2.0/TLS client.contoso.com:5061;branch=z9hG4bK${TAG}.${id}client`],
    ['From', `"User One"<sip:user1@contoso.com>;tag=${id};epid=${id}`],
    ['To', '<sip:bob@contoso.com>'],
    ['Call-ID', `${TAG}${id}${id}`],
    ['CSeq', cseq],
    ...USUAL,
    ...(startLine.includes(' 429 ') ? [['ms-diagnostics', SKEWED]] : []),
    ...(body === '' ? [] : [['Content-Type', 'application/sdp']]),
  ]
  const message = sipMessage({ startLine, headers, body })
  return encodeHep({
    family: 2,
    ipProtocol: 6,
    source: Uint8Array.of(192, 0, 2, 1),
    destination: Uint8Array.of(192, 0, 2, 2),
    sourcePort: 5061,
    destinationPort: 50_000,
    seconds: 1_772_429_400,
    microseconds: 0,
    protocolType: 1,
    captureId: 2001,
    nodeName: 'edge02',
    payload: utf8.encode(message),
  })
}

/**
 * The packets; how many of their calls fail; and what makes all the calls new ones.
 *
 * @returns {{ packets: Buffer[], failing: number, renew: () => void }}
 */
export const composePackets = () => {
  const packets = Array.from({ length: CALLS }, (_, index) => {
    const id = index.toString(16).padStart(8, '0')
    const messages = index % 100 < FAILING ? FAILED : ANSWERED
    return messages.map(([line, cseq, body]) => Buffer.from(packet(line, cseq, body, id)))
  }).flat()
  const places = packets.map(bytes => {
    const found = []
    for (let at = bytes.indexOf(TAG); at >= 0; at = bytes.indexOf(TAG, at + 1)) found.push(at)
    return found
  })
  let round = 0
  const renew = () => {
    const tag = (round++).toString(16).padStart(TAG.length, '0')
    for (const [i, bytes] of packets.entries()) {
      for (const at of places[i]) bytes.write(tag, at, 'latin1')
    }
  }
  return { packets, failing: (CALLS * FAILING) / 100, renew }
}
