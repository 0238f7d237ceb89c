import {
  type Random,
  type SipText,
  componentLine,
  mulberry32,
  traceRecord,
} from '../src/demo/trace-text.js'
import { unixNs } from '../src/time/units.js'
import { sdp } from '../test/calls/incident/bodies.js'

export interface Kind {
  readonly share: number
  readonly um: boolean
  /** Undefined: answered, and hung up. */
  readonly fails?: { readonly line: string; readonly key: string; readonly diagnostics?: string }
}

const SKEWED =
  '1020;reason="Identity of the referrer could not be verified with the ms-identity parameter";' +
  'ErrorType="Invalid signature";Referrer="user1@contoso.com";' +
  'HRESULT="0xC3E93EE0(SIP_E_CRYPT_REFERRER_DATE_SKEWED)";signer="fe2.contoso.com";source="sip.contoso.com"'
const UNREACHED = '1038;reason="Failed to connect to a peer server";source="sip.contoso.com"'

/** Of a hundred calls in a block. */
export const KINDS: readonly Kind[] = [
  { share: 60, um: false },
  { share: 18, um: true },
  {
    share: 12,
    um: true,
    fails: {
      line: '429 Provide Referrer Identity',
      key: '429|1020|clock_skew',
      diagnostics: SKEWED,
    },
  },
  {
    share: 4,
    um: true,
    fails: { line: '504 Server time-out', key: '504|1038|network', diagnostics: UNREACHED },
  },
  { share: 6, um: false, fails: { line: '403 Forbidden', key: '403||other' } },
]

/** What a copy of the block has its own of, as it stands in the composed one. */
const MINUTE = '03/02/2026-05:30'
export const TAG = '0badc0de'
const SEQUENCE = '.ABCD'
export const START_MS = Date.UTC(2026, 2, 2, 5, 30)
export const MS_PER_MINUTE = 60_000
const NOISE_SHARE = 0.5

type Header = SipText['headers'][number]
const CONTENT_TYPE: Header = ['Content-Type', 'application/sdp']

/** What every message has besides, as it is usual. */
const HEADERS: readonly Header[] = [
  ['Max-Forwards', '68'],
  ['Contact', `<sip:user1@contoso.com;opaque=user:epid:${'abcdEFGH'.repeat(4)};gruu>`],
  ['User-Agent', 'UCCAPI/16.0.5266.1000 OC/16.0.5266.1000 (Skype for Business)'],
  ['Supported', 'ms-dialog-route-set-update'],
  ['Supported', 'timer'],
  ['Supported', 'histinfo'],
  ['Supported', 'ms-safe-transfer'],
  ['Supported', 'ms-sender'],
  ['Supported', 'ms-early-media'],
  ['Supported', '100rel'],
  ['Ms-Conversation-ID', 'AdEkmNkcAAECAwQFBgcICQoLDA0ODw=='],
  ['ms-keep-alive', 'UAC;hop-hop=yes'],
  ['Allow', 'INVITE, BYE, ACK, CANCEL, INFO, UPDATE, REFER, NOTIFY, BENOTIFY, OPTIONS'],
  ['ms-subnet', '192.0.2.0'],
  ['Accept-Language', 'en-US'],
  ['ms-endpoint-location-data', 'NetworkScope;ms-media-location-type=Intranet'],
  ['P-Preferred-Identity', '<sip:user1@contoso.com>, <tel:+15550100;ext=100>'],
  ['P-Asserted-Identity', '"User One"<sip:user1@contoso.com>,<tel:+15550100;ext=100>'],
  ['History-Info', '<sip:bob@contoso.com>;index=1;ms-target-phrase="RequestUri"'],
  ['Record-Route', '<sip:fepool1.contoso.com:5061;transport=tls;ms-fe=fe1.contoso.com;lr>'],
  ['ms-application-via', 'fe1.contoso.com_fepool1;ms-server=fe1.contoso.com;ms-pool=fepool1'],
  ['ms-routing-phase', 'from-uri-routing-done'],
]

/** Some megabytes of trace, and where each copy has its own text in it. */
export interface Block {
  readonly bytes: Buffer
  readonly records: number
  /** Of the date, the hour and the minute of each stamp. */
  readonly minutes: Uint32Array
  /** Of the part of Call-IDs and branches that a block has to itself. */
  readonly tags: Uint32Array
  /** Of the upper half of each sequence number. */
  readonly sequences: Uint32Array
}

/** The text of a block as it grows: each record with its share of noise. */
class BlockText {
  records = 0
  readonly #random: Random
  readonly #parts: string[] = []
  #sequence = 0xabcd0000
  #recordBytes = 0
  #noiseBytes = 0

  constructor(random: Random) {
    this.#random = random
  }

  record(at: number, direction: string, message: SipText): void {
    const inside = direction.startsWith('in') === direction.includes(INTERNAL)
    const peer = inside ? 'fe1.contoso.com:5061' : '192.0.2.70:5061'
    const text = traceRecord({ ...this.#head(at), direction, peer, instance: 0xc23f, message })
    this.#parts.push(text)
    this.#recordBytes += text.length
    this.records++
    while (this.#noiseBytes * (1 - NOISE_SHARE) < this.#recordBytes * NOISE_SHARE) this.#noise(at)
  }

  toString(): string {
    return this.#parts.join('')
  }

  #noise(at: number): void {
    const place = 'SIPStack,CSIPRequest::GetNextHopByRouteHeader:SIPRequest.cpp(2440)'
    const object = 0x2_8fdd_0000 + Math.floor(this.#random() * 0xffff)
    const text = `Exit - returned 0x0 after ${Math.floor(this.#random() * 900)} us, 1 route`
    const line = componentLine({ ...this.#head(at), level: 'NOISE', place, object, text })
    this.#parts.push(line)
    this.#noiseBytes += line.length
  }

  #head(at: number) {
    return {
      layout: 3,
      pool: 'edgepool1',
      server: 'EDGE02',
      at: unixNs(BigInt(START_MS + Math.min(Math.floor(at), MS_PER_MINUTE - 1)) * 1_000_000n),
      process: 0x0584,
      thread: 0x0a44 + 4 * Math.floor(this.#random() * 8),
      sequence: this.#sequence++,
      correlation: 156_659_184,
    } as const
  }
}

const INTERNAL = 'source="internal'
const IN = 'source="internal edge";destination="external edge"'
const OUT = 'source="external edge";destination="internal edge"'

/** One call as an Edge traces it, in from the Front End and out to the world. */
const playCall = (text: BlockText, { um, fails }: Kind, index: number, begin: number): void => {
  const id = index.toString(16).padStart(8, '0')
  let at = begin
  const message = (
    startLine: string,
    cseq: string,
    hops: number,
    more: SipText['headers'] = [],
  ) => {
    const branch = `z9hG4bK${TAG}.${id}${cseq[0]}`
    const hosts = ['edge02', 'fe1', 'client'].slice(3 - hops)
    const vias = hosts.map((host): Header => [
      'Via',
      `SIP/2.0/TLS ${host}.contoso.com:5061;branch=${branch}${host}`,
    ])
    // An ACK of a refusal has its hop's Via alone.
    if (cseq.endsWith('ACK')) vias.length = 1
    const body = cseq.endsWith('INVITE') && !fails ? sdp('192.0.2.60', 30_000 + index) : ''
    const headers: Header[] = [
      ...vias,
      ['From', `"User One"<sip:user1@contoso.com>;tag=${id};epid=${id}`],
      ['To', '<sip:bob@contoso.com>'],
      ['Call-ID', `${TAG}${id}${id}`],
      ['CSeq', cseq],
      ...HEADERS,
      ...more,
      ...(body === '' ? [] : [CONTENT_TYPE]),
    ]
    at += 1
    return { startLine, headers, body }
  }
  const uri = um ? 'sip:bob@contoso.com;gruu;opaque=app:voicemail' : 'sip:bob@contoso.com'
  const invite = `INVITE ${uri} SIP/2.0`
  text.record(at, `incoming;${IN}`, message(invite, '1 INVITE', 2))
  text.record(at, `outgoing;${IN}`, message('SIP/2.0 100 Trying', '1 INVITE', 2))
  if (fails) {
    const said =
      fails.diagnostics === undefined ? [] : [['ms-diagnostics', fails.diagnostics] as const]
    text.record(at, `outgoing;${OUT}`, message(`SIP/2.0 ${fails.line}`, '1 INVITE', 2, said))
    text.record(at, `incoming;${IN}`, message(`ACK ${uri} SIP/2.0`, '1 ACK', 2))
    return
  }
  text.record(at, `outgoing;${IN}`, message(invite, '1 INVITE', 3))
  for (const [line, cseq] of [
    ['SIP/2.0 200 OK', '1 INVITE'],
    ['BYE sip:bob@contoso.com SIP/2.0', '2 BYE'],
    ['SIP/2.0 200 OK', '2 BYE'],
  ] as const) {
    const back = line.startsWith('SIP')
    text.record(at, `incoming;${back ? OUT : IN}`, message(line, cseq, back ? 3 : 2))
    text.record(at, `outgoing;${back ? OUT : IN}`, message(line, cseq, back ? 2 : 3))
  }
}

const positions = (text: string, what: string, shift = 0): Uint32Array => {
  const found: number[] = []
  for (let at = text.indexOf(what); at >= 0; at = text.indexOf(what, at + 1)) found.push(at + shift)
  return Uint32Array.from(found)
}

/** One minute on EDGE02: a hundred calls. */
export const composeBlock = (seed: number): Block => {
  const random = mulberry32(seed)
  const calls = KINDS.flatMap(kind => Array<Kind>(kind.share).fill(kind))
  const text = new BlockText(random)
  for (const [index, kind] of calls.entries()) {
    playCall(text, kind, index, (index * MS_PER_MINUTE) / calls.length)
  }
  const whole = text.toString()
  return {
    bytes: Buffer.from(whole, 'latin1'),
    records: text.records,
    minutes: positions(whole, MINUTE),
    tags: positions(whole, TAG),
    sequences: positions(whole, SEQUENCE, 1),
  }
}
