import t from 'tap'
import {
  type SipText,
  type TraceHead,
  clientLogEntries,
  componentLine,
  diagRecord,
  mulberry32,
  sipMessage,
  traceRecord,
} from '../../src/demo/trace-text.js'
import { seconds, unixNs } from '../../src/time/units.js'

const HEAD: TraceHead = {
  layout: 1,
  pool: 'edgepool1',
  server: 'EDGE01',
  at: unixNs(BigInt(Date.parse('2012-01-18T05:00:43.101Z')) * 1_000_000n + 999_999n),
  process: 0x6e4,
  thread: 0xeb4,
  sequence: 0x5abc,
  correlation: 3_480_436_056,
  cpu: 3,
}

const REFUSAL: SipText = {
  startLine: 'SIP/2.0 503 Service Unavailable',
  headers: [
    ['From', '"Jörg" <sip:joerg@contoso.com>;tag=1'],
    ['CSeq', '1 INVITE'],
  ],
  body: '',
}

const REQUEST: SipText = {
  startLine: 'MESSAGE sip:bob@contoso.com SIP/2.0',
  headers: [
    ['CALL-ID', 'abc'],
    ['content-length', '999'],
  ],
  body: 'Grüße\nv=0\n',
}

const lines = (...all: readonly string[]): string => all.map(line => `${line}\n`).join('')

void t.test('a protocol record of the first layout names a processor', async t => {
  const record = { ...HEAD, direction: 'incoming', instance: 0xc23f, message: REFUSAL } as const
  t.equal(
    traceRecord(record),
    lines(
      'TL_INFO(TF_PROTOCOL) [3]06E4.0EB4::01/18/2012-05:00:43.101.00005abc (SIPStack,SIPAdminLog::TraceProtocolRecord:SIPAdminLog.cpp(125))$$begin_record',
      'Trace-Correlation-Id: 3480436056',
      'Instance-Id: 0000C23F',
      'Direction: incoming',
      'Message-Type: response',
      'Start-Line: SIP/2.0 503 Service Unavailable',
      'From: "Jörg" <sip:joerg@contoso.com>;tag=1',
      'CSeq: 1 INVITE',
      'Message-Body: -',
      '$$end_record',
    ),
  )
})

void t.test('the other layouts have a correlation id, and the third the server', async t => {
  const record = {
    direction: 'outgoing',
    peer: 'fe1.contoso.com:61182',
    instance: 1,
    message: REQUEST,
  }
  const [second, ...rest] = traceRecord({ ...HEAD, ...record, layout: 2 }).split('\n')
  t.equal(
    second,
    'TL_INFO(TF_PROTOCOL) [3]06E4.0EB4::01/18/2012-05:00:43.101.00005abc (SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(261))[3480436056] $$begin_record',
  )
  t.strictSame(rest, [
    'Trace-Correlation-Id: 3480436056',
    'Instance-Id: 00000001',
    'Direction: outgoing',
    'Peer: fe1.contoso.com:61182',
    'Message-Type: request',
    'Start-Line: MESSAGE sip:bob@contoso.com SIP/2.0',
    'CALL-ID: abc',
    'content-length: 999',
    'Message-Body: Grüße',
    'v=0',
    '$$end_record',
    '',
  ])
  t.equal(
    traceRecord({ ...HEAD, ...record, layout: 3 }).split('\n')[0],
    'TL_INFO(TF_PROTOCOL) [edgepool1\\EDGE01]06E4.0EB4::01/18/2012-05:00:43.101.00005ABC (SIPStack,SIPAdminLog::ProtocolRecord::Flush:ProtocolRecord.cpp(265)) [3480436056] $$begin_record',
  )
})

void t.test('a diagnosis has its result code on a line of its own, or after its text', async t => {
  const record = {
    ...HEAD,
    layout: 3,
    level: 'WARN',
    text: 'Referrer identity is not valid',
    resultCode: '0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED',
    startLine: 'SIP/2.0 429 Provide Referrer Identity',
    callId: 'abc',
    cseq: '1 INVITE',
    peer: '192.0.2.30:5061',
    data: 'fqdn="fe1.contoso.com"',
  } as const
  t.equal(
    diagRecord(record),
    lines(
      'TL_WARN(TF_DIAG) [edgepool1\\EDGE01]06E4.0EB4::01/18/2012-05:00:43.101.00005ABC (SIPStack,SIPAdminLog::WriteDiagnosticEvent:SIPAdminLog.cpp(830)) [3480436056] $$begin_record',
      'LogType: diagnostic',
      'Severity: warning',
      'Text: Referrer identity is not valid',
      'Result-Code: 0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED',
      'SIP-Start-Line: SIP/2.0 429 Provide Referrer Identity',
      'SIP-Call-ID: abc',
      'SIP-CSeq: 1 INVITE',
      'Peer: 192.0.2.30:5061',
      'Data: fqdn="fe1.contoso.com"',
      '$$end_record',
    ),
  )
  const beside = diagRecord({ ...record, resultOnTextLine: true }).split('\n')
  t.equal(
    beside[3],
    'Text: Referrer identity is not valid Result-Code: 0xC3E93EE0 SIP_E_CRYPT_REFERRER_DATE_SKEWED',
  )
  t.equal(beside[4], 'SIP-Start-Line: SIP/2.0 429 Provide Referrer Identity')
})

void t.test('noise is one line', async t => {
  const place = 'SIPStack,CSIPRequest::Route:SIPRequest.cpp(2440)'
  t.equal(
    componentLine({ ...HEAD, level: 'ERROR', place, object: 0x28fdd70, text: 'Exit - none' }),
    'TL_ERROR(TF_COMPONENT) [3]06E4.0EB4::01/18/2012-05:00:43.101.00005abc (SIPStack,CSIPRequest::Route:SIPRequest.cpp(2440))( 00000000028FDD70 ) Exit - none\n',
  )
})

void t.test('a message on the wire counts the bytes of its body, whatever was said', async t => {
  t.equal(
    sipMessage(REQUEST),
    'MESSAGE sip:bob@contoso.com SIP/2.0\r\nCALL-ID: abc\r\nContent-Length: 14\r\n\r\nGrüße\r\nv=0\r\n',
  )
  t.match(sipMessage(REFUSAL), /\r\nContent-Length: 0\r\n\r\n$/)
})

void t.test('the client log tells of a message in local time, in three entries', async t => {
  const entry = {
    at: unixNs(BigInt(Date.parse('2026-03-01T23:59:59.042Z')) * 1_000_000n),
    utcOffset: seconds(3600),
    process: 0x1a4c,
    thread: 0x1e88,
    local: '192.0.2.5:51834',
    remote: '192.0.2.1:5061',
    message: REQUEST,
  }
  const head = '03/02/2026|00:59:59.042 1A4C:1E88 INFO  :: '
  t.equal(
    clientLogEntries({ ...entry, direction: 'incoming' }),
    lines(
      `${head}Data Received - 192.0.2.1:5061 (To Local Address: 192.0.2.5:51834) 87 bytes:`,
      `${head}MESSAGE sip:bob@contoso.com SIP/2.0`,
      'CALL-ID: abc',
      'Content-Length: 14',
      '',
      'Grüße',
      'v=0',
      `${head}End of Data Received - 192.0.2.1:5061 (To Local Address: 192.0.2.5:51834) 87 bytes`,
    ),
  )
  t.match(
    clientLogEntries({ ...entry, direction: 'outgoing', message: REFUSAL }),
    /Sending Packet - 192\.0\.2\.1:5061 \(From Local Address: 192\.0\.2\.5:51834\) \d+ bytes:/,
  )
})

void t.test('the same seed gives the same numbers, each from 0 up to 1', async t => {
  const drawn = (seed: number) => Array.from({ length: 1000 }, mulberry32(seed))
  t.strictSame(drawn(7), drawn(7))
  t.notSame(drawn(7), drawn(8))
  t.ok(drawn(7).every(value => value >= 0 && value < 1))
  t.equal(new Set(drawn(7)).size, 1000)
})
