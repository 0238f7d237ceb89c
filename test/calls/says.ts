import * as fc from 'fast-check'
import { type Direction, type Method, SipMessage } from '../../src/protocol/sip-message.js'
import type { Sample } from '../../src/calls/series.js'

/** What a message says, all but its Call-ID by default. */
export interface Said {
  readonly callId?: string
  readonly status?: number
  readonly method?: Method
  readonly cseq?: number
  readonly vias?: number
  readonly marks?: number
  readonly diagnostics?: readonly string[]
  readonly direction?: Direction
  readonly stamp?: number
  readonly branch?: string
  readonly server?: string
}

/** The message that says it, as a reader would give it. */
export const message = (said: Said): SipMessage => {
  const { callId = 'call@192.0.2.1', branch = '', diagnostics = [] } = said
  const made = new SipMessage()
  made.text = callId + branch
  made.callIdTo = made.branchFrom = callId.length
  made.branchTo = made.text.length
  made.status = said.status ?? 0
  made.method = said.method ?? 'INVITE'
  made.cseq = said.cseq ?? 1
  made.vias = said.vias ?? 1
  made.marks = said.marks ?? 0
  made.diagnostics.push(...diagnostics)
  made.direction = said.direction ?? 'incoming'
  made.stamp = said.stamp ?? Number.NaN
  made.server = said.server ?? ''
  return made
}

/** The same but for a few things. */
export const but = (said: Said, change: Said): Said => ({ ...said, ...change })

export const sortedSamples = (samples: readonly Sample[]): readonly string[] =>
  samples.map(([labels, value]) => `${labels.join('|')} ${value}`).sort()

/** Anything that an INVITE or a REFER of a call may be seen to do. */
export const callSoup: fc.Arbitrary<Said> = fc
  .record({
    status: fc.constantFrom(0, 0, 0, 100, 183, 200, 302, 401, 407, 429, 486, 487, 500, 503, 603),
    method: fc.constantFrom('INVITE', 'INVITE', 'INVITE', 'REFER', 'CANCEL', 'ACK'),
    cseq: fc.integer({ min: 1, max: 3 }),
    vias: fc.integer({ min: 0, max: 4 }),
    marks: fc.constantFrom(0, 0, 0, 1, 1, 3),
    diagnostics: fc.subarray([
      '1020;HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)"',
      '1020',
      '10003',
      '15030',
      '60001',
      'no id',
    ]),
    direction: fc.constantFrom('incoming', 'outgoing', ''),
    server: fc.constantFrom('edge01', 'edge02', 'fe1', ''),
  })
  .map(said => (said.method === 'CANCEL' ? but(said, { status: 0 }) : said))
