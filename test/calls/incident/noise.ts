import {
  type Random,
  type TraceHead,
  type TraceLevel,
  componentLine,
  traceRecord,
} from '../../../src/demo/trace-text.js'
import type { UnixNs } from '../../../src/time/units.js'

const LINES: readonly (readonly [TraceLevel, place: string, text: string])[] = [
  [
    'NOISE',
    'SIPStack,CSIPRequest::GetNextHopByRouteHeader:SIPRequest.cpp(2440)',
    'Exit - no route',
  ],
  [
    'VERBOSE',
    'SIPStack,CRecvContext::ProcessCompletion:RecvContext.cpp(107)',
    'Enter - 1442 bytes',
  ],
  [
    'INFO',
    'UserServices,CRegistrar::Lookup:Registrar.cpp(881)',
    'Endpoint found: 0xC3E93EE0 is not it',
  ],
  [
    'WARN',
    'SIPStack,CSIPResponse::Send:SIPResponse.cpp(311)',
    'Sending SIP/2.0 503 Service Unavailable',
  ],
  [
    'NOISE',
    'ExumRouting,Router.Route:router.cs(212)',
    'opaque=app:voicemail appName="ExumRouting"',
  ],
  ['ERROR', 'SIPStack,CConnection::OnError:Connection.cpp(64)', 'Call-ID: none; Exit - 0x8007274C'],
]

/** A line that is neither a message nor a diagnosis. */
export const noiseLine = (head: TraceHead, random: Random): string => {
  const [level, place, text] = LINES[Math.floor(random() * LINES.length)]!
  const object = 0x2_8fdd_0000 + Math.floor(random() * 0xffff)
  return componentLine({ ...head, level, place, object, text })
}

export const STRAY_END = '$$end_record\n'

/** Another product's record, with DD/MM: a failed call that is none of ours. */
export const foreignRecord = (at: UnixNs, index: number): string => {
  const iso = new Date(Number(at / 1_000_000n)).toISOString()
  const date = `${iso.slice(8, 10)}/${iso.slice(5, 7)}/${iso.slice(0, 4)}`
  return [
    `[VoiceRoute] ${date} ${iso.slice(11, 23)} 0BE8 13A4 Verbose CallHandler.cpp:221 $$begin_record`,
    'Direction: incoming',
    'Message-Type: response',
    'Start-Line: SIP/2.0 503 Service Unavailable',
    'From: <sip:user1@fabrikam.com>;tag=1',
    'To: <sip:bob@fabrikam.com;opaque=app:voicemail>;tag=2',
    `Call-ID: foreign-${index}@fabrikam.com`,
    'CSeq: 1 INVITE',
    'Via: SIP/2.0/TLS 192.0.2.90:5061;branch=z9hG4bKforeign',
    'Message-Body: -',
    '$$end_record\n',
  ].join('\n')
}

/** A record of ours that another one interrupts: it has no end, and nothing else tells of its call. */
export const interruptedRecord = (head: TraceHead, index: number): string => {
  const whole = traceRecord({
    ...head,
    direction: 'incoming',
    instance: index,
    message: {
      startLine: 'SIP/2.0 504 Server time-out',
      headers: [
        ['From', '<sip:user1@contoso.com>;tag=1'],
        ['To', '<sip:bob@contoso.com>;tag=2'],
        ['Call-ID', `interrupted-${index}@contoso.com`],
        ['CSeq', '1 OPTIONS'],
      ],
      body: '',
    },
  })
  return whole.slice(0, whole.indexOf('Message-Body'))
}
