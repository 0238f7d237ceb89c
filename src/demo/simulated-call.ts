import type { Random, SipText } from './trace-text.js'

export const edgeNames = ['edge01', 'edge02'] as const
export type EdgeName = (typeof edgeNames)[number]
export const frontEndNames = ['fe1', 'fe2'] as const
export type FrontEndName = (typeof frontEndNames)[number]
export type ServerName = EdgeName | FrontEndName

/** Whoever sends and receives SIP. Only the pools' servers write traces. */
export interface Party {
  /** As in a Via and in `Peer:`. */
  readonly address: string
  readonly server?: ServerName
}

export const serverParty = (server: ServerName): Party => ({
  address: `${server}.contoso.com:5061`,
  server,
})

export const isEdge = (server: string | undefined): server is EdgeName =>
  edgeNames.some(name => name === server)

export type Header = SipText['headers'][number]

/** A message as one server traces it. */
export interface Logged {
  /** True time, milliseconds since the call began. */
  readonly at: number
  readonly server: ServerName
  readonly direction: string
  readonly peer: string
  readonly message: SipText
}

export interface Content {
  readonly headers?: readonly Header[]
  readonly type?: string
  readonly body?: string
}

export interface Sending extends Content {
  /** Added by the Front End that hands the request to an Edge. */
  readonly outward?: readonly Header[]
}

interface Hop {
  readonly from: Party
  readonly to: Party
  readonly startLine: string
  /** Topmost first. */
  readonly vias: readonly string[]
}

/** A request on its way: the first party sends it, the last one replies. */
export interface Leg {
  readonly method: string
  readonly cseq: number
  readonly hops: readonly Hop[]
}

const LONGEST_HOP_MS = 20
const LONGEST_WORK_MS = 3

const edgesOf = (way: 'incoming' | 'outgoing', peer: Party): string => {
  const isInside = peer.server !== undefined
  const [near, far] = isInside ? ['internal', 'external'] : ['external', 'internal']
  return way === 'incoming'
    ? `incoming;source="${near} edge";destination="${far} edge"`
    : `outgoing;source="${far} edge";destination="${near} edge"`
}

/** One Call-ID, and what the servers on its way trace of it. */
export class SimulatedCall {
  readonly logged: Logged[] = []
  /** When the next message goes out; milliseconds since the call began. */
  at = 0
  readonly #random: Random
  readonly #id: string
  readonly #from: string
  readonly #to: string
  #cseq = 0

  /** `from` and `to`: addresses of record, such as `sip:user7@contoso.com`. */
  constructor(random: Random, from: string, to: string) {
    this.#random = random
    this.#id = `${this.#hex(16)}${this.#hex(16)}`
    this.#from = `<${from}>;tag=${this.#hex(10)};epid=${this.#hex(10)}`
    this.#to = `<${to}>`
  }

  /** A request along the path; all but an ACK have a number of their own. */
  send(method: string, path: readonly Party[], sending: Sending = {}): Leg {
    if (method !== 'ACK') this.#cseq++
    const { headers = [], outward = [], ...content } = sending
    const startLine = `${method} ${this.#to.slice(1, -1)} SIP/2.0`
    const out = path.findIndex((to, i) => isEdge(to.server) && path[i - 1]?.server !== undefined)
    const hops: Hop[] = []
    for (const [i, to] of path.slice(1).entries()) {
      const from = path[i] ?? to
      const above = hops.at(-1)?.vias ?? []
      const via = this.#via(from)
      const added = out !== -1 && i + 1 >= out ? [...outward, ...headers] : headers
      this.#carry(from, to, startLine, `${this.#cseq} ${method}`, [via, ...above], {
        ...content,
        headers: [['Max-Forwards', String(70 - i)], ...added],
      })
      const noted = `${via};ms-received-port=${this.#port()};ms-received-cid=${this.#hex(5)}`
      hops.push({ from, to, startLine, vias: [noted, ...above] })
    }
    return { method, cseq: this.#cseq, hops }
  }

  /** A response from the last party back to the first. */
  reply({ method, cseq, hops }: Leg, status: string, content: Content = {}): void {
    for (const { from, to, vias } of hops.toReversed()) {
      this.#carry(to, from, `SIP/2.0 ${status}`, `${cseq} ${method}`, vias, content)
    }
  }

  /** RFC 3261 §17.1.1.3: a refusal, and its acknowledgement hop by hop. */
  refuse(leg: Leg, status: string, content: Content = {}): void {
    this.reply(leg, status, content)
    this.#hopByHop('ACK', leg)
  }

  /** RFC 3261 §9: hop by hop too; then the INVITE ends with 487. */
  cancel(leg: Leg): void {
    this.#hopByHop('CANCEL', leg)
    this.refuse(leg, '487 Request Terminated')
  }

  #hopByHop(method: 'ACK' | 'CANCEL', { cseq, hops }: Leg): void {
    for (const { from, to, startLine, vias } of hops) {
      const own = vias.slice(0, 1).map(via => via.replace(/;ms-received.*/, ''))
      const line = startLine.replace(/^\w+/, method)
      this.#carry(from, to, line, `${cseq} ${method}`, own)
      if (method === 'CANCEL') this.#carry(to, from, 'SIP/2.0 200 OK', `${cseq} ${method}`, own)
    }
  }

  /** From one party's trace to the other's. */
  #carry(
    from: Party,
    to: Party,
    startLine: string,
    cseq: string,
    vias: readonly string[],
    { headers = [], type, body = '' }: Content = {},
  ): void {
    const toTag = /^SIP\/2\.0 1|^INVITE|^CANCEL/.test(startLine)
      ? ''
      : `;tag=${this.#id.slice(-10)}`
    // On the wire each line ends with two bytes.
    const length = body.length + body.split('\n').length - 1
    const all: readonly Header[] = [
      ...vias.map((via): Header => ['Via', via]),
      ['From', this.#from],
      ['To', `${this.#to}${toTag}`],
      ['Call-ID', this.#id],
      ['CSeq', cseq],
      ...headers,
      ...(type === undefined ? [] : [['Content-Type', type] as const]),
      ['Content-Length', String(length)],
    ]
    const message: SipText = { startLine, headers: all, body }
    this.at += LONGEST_WORK_MS * this.#random()
    this.#trace(from, 'outgoing', to, message)
    this.at += 1 + LONGEST_HOP_MS * this.#random() ** 2
    this.#trace(to, 'incoming', from, message)
  }

  #trace({ server }: Party, way: 'incoming' | 'outgoing', peer: Party, message: SipText): void {
    if (server === undefined) return
    const direction = isEdge(server) ? edgesOf(way, peer) : way
    this.logged.push({ at: this.at, server, direction, peer: peer.address, message })
  }

  #via({ address, server }: Party): string {
    const flags = server === undefined ? '' : ';branched=FALSE;ms-internal-info="acHwJ"'
    return `SIP/2.0/TLS ${address};branch=z9hG4bK${this.#hex(8)}.${this.#hex(16)}${flags}`
  }

  #port(): number {
    return 49_152 + Math.floor(16_000 * this.#random())
  }

  #hex(digits: number): string {
    let text = ''
    while (text.length < digits) text += Math.floor(16 * this.#random()).toString(16)
    return text
  }
}
