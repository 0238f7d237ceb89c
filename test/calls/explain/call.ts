import { type SipText, type TraceLayout, traceRecord } from '../../../src/demo/trace-text.js'
import { type UnixNs, milliseconds, seconds, unixNs } from '../../../src/time/units.js'

/** Its caller's name and number must never come out again. */
export const CALLER = '"Kim Akers" <sip:kim@contoso.com>;tag=1'
export const CALLER_WORDS = ['Kim', 'Akers', 'kim@', 'user1', 'call-']

/** A server's clock − true time, seconds. */
export const CLOCKS = { FE1: 0, FE2: -0.1, EDGE01: 0.2, EDGE02: -21_600 } as const
export type ServerName = keyof typeof CLOCKS

const START = unixNs(1_772_429_400_000_000_000n)
const HOP_MS = 5

export const SKEWED = {
  status: '429 Provide Referrer Identity',
  headers: [
    [
      'ms-diagnostics',
      '1020;reason="Identity of the referrer could not be verified with the ms-identity parameter";ErrorType="Invalid signature";Referrer="user1@contoso.com";HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";signer="fe1.contoso.com";source="sip.contoso.com"',
    ],
    [
      'ms-edge-proxy-message-trust',
      'ms-source-type=EdgeProxyGenerated;ms-ep-fqdn=edgepool1.contoso.com;ms-source-verified-user=verified',
    ],
  ],
} as const

export interface Ending {
  readonly status: string
  readonly headers?: readonly (readonly [string, string])[]
}

export interface CallOptions {
  readonly from: ServerName
  readonly to: ServerName
  readonly ending: Ending
  readonly voicemail?: boolean
  readonly layout?: TraceLayout
}

let calls = 0

/** Traces of several servers, call by call, each by its own clock. */
export class Traces {
  readonly #texts = new Map<ServerName, string>()
  #at = 0

  of(server: ServerName): string {
    return this.#texts.get(server) ?? ''
  }

  /** One INVITE from one server to another, and how the other ends it. */
  call({ from, to, ending, voicemail = true, layout = 3 }: CallOptions): this {
    const id = ++calls
    const headers = [
      ['Via', `SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bK${id}`],
      ['From', CALLER],
      ['To', '<sip:user1@contoso.com>'],
      ['Call-ID', `call-${id}`],
      ['CSeq', '1 INVITE'],
    ] as const
    const uri = `sip:user1@contoso.com${voicemail ? ';opaque=app:voicemail' : ''}`
    const invite: SipText = { startLine: `INVITE ${uri} SIP/2.0`, headers, body: '' }
    const answer: SipText = {
      startLine: `SIP/2.0 ${ending.status}`,
      headers: [...headers, ...(ending.headers ?? [])],
      body: '',
    }
    this.#log(from, layout, 'outgoing', invite)
    this.#log(to, layout, 'incoming', invite)
    this.#log(to, layout, 'outgoing', answer)
    this.#log(from, layout, 'incoming', answer)
    this.#at += 1000
    return this
  }

  #log(server: ServerName, layout: TraceLayout, direction: string, message: SipText): void {
    this.#at += HOP_MS
    const pool = server.startsWith('FE') ? 'fepool1' : 'edgepool1'
    const at = (START + milliseconds(this.#at) + seconds(CLOCKS[server])) as UnixNs
    const ids = { process: 1, thread: 2, sequence: this.#at, correlation: 3, instance: 4 }
    const record = traceRecord({ layout, pool, server, at, ...ids, direction, message })
    this.#texts.set(server, this.of(server) + record)
  }
}

/** The incident: voicemail calls through both Edges; EDGE02 refuses each. */
export const incident = (layout: TraceLayout = 3): Traces => {
  const traces = new Traces()
  for (const from of ['FE1', 'FE2'] as const) {
    for (let i = 0; i < 3; i++) {
      traces.call({ from, to: 'EDGE01', ending: { status: '200 OK' }, layout })
      traces.call({ from, to: 'EDGE02', ending: SKEWED, layout })
    }
  }
  return traces.call({ from: 'FE1', to: 'EDGE02', ending: SKEWED, voicemail: false, layout })
}
