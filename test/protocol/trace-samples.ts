import {
  type ProtocolRecord,
  type SipText,
  type TraceHead,
  traceRecord,
} from '../../src/demo/trace-text.js'
import { unixNs } from '../../src/time/units.js'

/** Seconds of Unix time at which the samples were logged. */
export const WHEN = Date.UTC(2026, 10, 22, 10, 5, 7, 123) / 1000

export const head: TraceHead = {
  layout: 3,
  pool: 'edgepool1',
  server: 'edge01',
  at: unixNs(BigInt(Math.round(WHEN * 1000)) * 1_000_000n),
  process: 0x6e4,
  thread: 0xeb4,
  sequence: 0x5386,
  correlation: 2_003_888_399,
}

export const invite = (call: number): SipText => ({
  startLine: 'INVITE sip:bob@contoso.com SIP/2.0',
  headers: [
    ['From', '<sip:alice@contoso.com>;tag=1'],
    ['To', '<sip:bob@contoso.com>'],
    ['Call-ID', `call${call}@192.0.2.1`],
    ['CSeq', '1 INVITE'],
    ['Via', `SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK${call}`],
  ],
  body: 'v=0\no=- 0 0 IN IP4 192.0.2.1\n',
})

/** An INVITE as a server logged it. */
export const sample = (call: number, server = 'edge01'): ProtocolRecord => ({
  ...head,
  server,
  direction: 'incoming',
  peer: 'fe1.contoso.com:61182',
  instance: 0xc23f,
  message: invite(call),
})

/** A record of a 429 with this ms-diagnostics. */
export const signedWith = (diagnostics: string): string => {
  const { headers } = invite(9)
  return traceRecord({
    ...sample(9),
    message: {
      startLine: 'SIP/2.0 429 Provide Referrer Identity',
      headers: [...headers, ['ms-diagnostics', diagnostics]],
      body: '',
    },
  })
}
