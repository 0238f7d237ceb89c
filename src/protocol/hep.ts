import {
  CHUNK,
  CHUNK_AT,
  CHUNK_TYPES,
  HEP_HEADER_BYTES,
  type HepFailure,
  type HepFailureReason,
  MAGIC,
  PACKET_AT,
  foreignReason,
  shortReason,
  u16,
  u32,
  widthOf,
} from './hep-format.js'

const utf8 = new TextDecoder()

/**
 * A packet, to be used again for the next one: decoding only notes where each value lies, and allocates
 * nothing. Byte values are views of what was decoded, and live as long as that. A number that the sender
 * left out is 0, bytes are empty, text is ''. Of two chunks of one type the last counts.
 */
export class HepPacket {
  readonly ok = true
  #bytes: Uint8Array = new Uint8Array()
  /** Of each type's value; both 0 where there is none. */
  readonly #start = new Uint16Array(CHUNK_TYPES)
  readonly #end = new Uint16Array(CHUNK_TYPES)
  #name = ''
  #nameBytes = new Uint8Array()

  /** 2 IPv4, 10 IPv6. */
  get family(): number {
    return this.#u8(CHUNK.family)
  }

  /** Of the captured message: 6 TCP, 17 UDP; 22 is what Kamailio says for TLS and WebSocket. */
  get ipProtocol(): number {
    return this.#u8(CHUNK.ipProtocol)
  }

  /** An address of 4 or 16 bytes. */
  get source(): Uint8Array {
    return this.#view(this.#end[CHUNK.source4] ? CHUNK.source4 : CHUNK.source6)
  }

  get destination(): Uint8Array {
    return this.#view(this.#end[CHUNK.destination4] ? CHUNK.destination4 : CHUNK.destination6)
  }

  get sourcePort(): number {
    return this.#u16(CHUNK.sourcePort)
  }

  get destinationPort(): number {
    return this.#u16(CHUNK.destinationPort)
  }

  /** Since 1970, by the sender's clock. */
  get seconds(): number {
    return this.#u32(CHUNK.seconds)
  }

  /** To be added to {@link seconds}. */
  get microseconds(): number {
    return this.#u32(CHUNK.microseconds)
  }

  /** See {@link HEP_PROTOCOL}. */
  get protocolType(): number {
    return this.#u8(CHUNK.protocolType)
  }

  get captureId(): number {
    return this.#u32(CHUNK.captureId)
  }

  /** What the sender authenticates itself with, readable by everybody on the way. */
  get authKey(): Uint8Array {
    return this.#view(CHUNK.authKey)
  }

  /** The payload is deflated, and left so: inflating is not pure, and can take any memory. */
  get compressed(): boolean {
    return this.#isEmpty(CHUNK.payload)
  }

  get payload(): Uint8Array {
    return this.#view(this.compressed ? CHUNK.compressed : CHUNK.payload)
  }

  /** Where the payload, if it is not compressed, lies in what was decoded: a view costs more than it. */
  get payloadStart(): number {
    return this.#start[CHUNK.payload] ?? 0
  }

  get payloadEnd(): number {
    return this.#end[CHUNK.payload] ?? 0
  }

  /** What the sender calls itself. UTF-8, decoded once for as long as it stays the same. */
  get nodeName(): string {
    const start = this.#start[CHUNK.nodeName] ?? 0
    const length = (this.#end[CHUNK.nodeName] ?? 0) - start
    let same = length === this.#nameBytes.length
    for (let i = 0; same && i < length; i++) same = this.#nameBytes[i] === this.#bytes[start + i]
    if (!same) {
      this.#nameBytes = this.#view(CHUNK.nodeName).slice()
      this.#name = utf8.decode(this.#nameBytes)
    }
    return this.#name
  }

  /** For {@link decodeHep}. After a failure the values make no sense. */
  read(bytes: Uint8Array): HepFailureReason | undefined {
    const total = bytes.length
    if (total < HEP_HEADER_BYTES) return shortReason(bytes)
    if (u32(bytes, PACKET_AT.magic) !== MAGIC) return foreignReason(bytes)
    const length = u16(bytes, PACKET_AT.length)
    if (length !== total) return length > total ? 'truncated' : 'length'
    this.#bytes = bytes
    this.#start.fill(0)
    this.#end.fill(0)
    for (let at: number = PACKET_AT.chunks; at < total;) {
      const end = at + CHUNK_AT.value > total ? at : at + u16(bytes, at + CHUNK_AT.length)
      const start = at + CHUNK_AT.value
      if (end < start || end > total) return 'chunk_length'
      const type = u16(bytes, at + CHUNK_AT.type)
      if (type < CHUNK_TYPES && u16(bytes, at + CHUNK_AT.vendor) === 0) {
        const width = widthOf[type]
        if (width !== 0 && end - start !== width) return 'chunk_width'
        this.#start[type] = start
        this.#end[type] = end
      }
      at = end
    }
    const empty = this.#isEmpty(CHUNK.payload) && this.#isEmpty(CHUNK.compressed)
    return empty ? 'no_payload' : undefined
  }

  #isEmpty(type: number): boolean {
    return this.#start[type] === this.#end[type]
  }

  #view(type: number): Uint8Array {
    return this.#bytes.subarray(this.#start[type], this.#end[type])
  }

  #u8(type: number): number {
    const start = this.#start[type]
    return start ? (this.#bytes[start] ?? 0) : 0
  }

  #u16(type: number): number {
    const start = this.#start[type]
    return start ? u16(this.#bytes, start) : 0
  }

  #u32(type: number): number {
    const start = this.#start[type]
    return start ? u32(this.#bytes, start) : 0
  }
}

/**
 * Decodes one whole packet: a datagram, or a frame of `HepStream`. Takes any bytes. Chunks of unknown
 * types and of other vendors are skipped. Gives `into` back, filled.
 */
export const decodeHep = (bytes: Uint8Array, into = new HepPacket()): HepPacket | HepFailure => {
  const reason = into.read(bytes)
  return reason === undefined ? into : { ok: false, reason }
}
