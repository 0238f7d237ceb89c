import { CHUNK, CHUNK_AT, HEP_PACKET_BYTES_LIMIT, MAGIC, PACKET_AT } from './hep-format.js'

/** One chunk as it is, for senders of things that are not in {@link HepFields}. */
export interface HepChunk {
  /** 0 is the format's own. */
  readonly vendor: number
  readonly type: number
  readonly value: Uint8Array
}

/** What a sender says; only the payload has to be said. Numbers as in `HepPacket`. */
export interface HepFields {
  readonly payload: Uint8Array
  /** The payload is deflated already. */
  readonly compressed?: boolean
  readonly family?: number
  readonly ipProtocol?: number
  /** 4 or 16 bytes. */
  readonly source?: Uint8Array
  readonly destination?: Uint8Array
  readonly sourcePort?: number
  readonly destinationPort?: number
  readonly seconds?: number
  readonly microseconds?: number
  readonly protocolType?: number
  readonly captureId?: number
  readonly authKey?: Uint8Array
  readonly nodeName?: string
}

/**
 * A packet, for simulated senders.
 *
 * @throws RangeError above 65535 bytes
 */
export const encodeHep = (fields: HepFields): Uint8Array => encodeHepChunks(chunksOf(fields))

/** A packet of these chunks in this order. @throws RangeError above 65535 bytes */
export const encodeHepChunks = (chunks: readonly HepChunk[]): Uint8Array => {
  const total = chunks.reduce((sum, { value }) => sum + CHUNK_AT.value + value.length, 0)
  const bytes = new Uint8Array(PACKET_AT.chunks + total)
  if (bytes.length > HEP_PACKET_BYTES_LIMIT) throw new RangeError(`${bytes.length} bytes: too many`)
  const data = new DataView(bytes.buffer)
  data.setUint32(PACKET_AT.magic, MAGIC)
  data.setUint16(PACKET_AT.length, bytes.length)
  let at: number = PACKET_AT.chunks
  for (const { vendor, type, value } of chunks) {
    data.setUint16(at + CHUNK_AT.vendor, vendor)
    data.setUint16(at + CHUNK_AT.type, type)
    data.setUint16(at + CHUNK_AT.length, CHUNK_AT.value + value.length)
    bytes.set(value, at + CHUNK_AT.value)
    at += CHUNK_AT.value + value.length
  }
  return bytes
}

/** In the order in which Kamailio sends them. */
const chunksOf = (fields: HepFields): HepChunk[] => {
  const { source, destination, nodeName } = fields
  const values: [type: number, value: Uint8Array | undefined][] = [
    [CHUNK.family, number(fields.family, 1)],
    [CHUNK.ipProtocol, number(fields.ipProtocol, 1)],
    [source?.length === 16 ? CHUNK.source6 : CHUNK.source4, source],
    [destination?.length === 16 ? CHUNK.destination6 : CHUNK.destination4, destination],
    [CHUNK.sourcePort, number(fields.sourcePort, 2)],
    [CHUNK.destinationPort, number(fields.destinationPort, 2)],
    [CHUNK.seconds, number(fields.seconds, 4)],
    [CHUNK.microseconds, number(fields.microseconds, 4)],
    [CHUNK.protocolType, number(fields.protocolType, 1)],
    [CHUNK.captureId, number(fields.captureId, 4)],
    [CHUNK.authKey, fields.authKey],
    [CHUNK.nodeName, nodeName === undefined ? undefined : new TextEncoder().encode(nodeName)],
    [fields.compressed === true ? CHUNK.compressed : CHUNK.payload, fields.payload],
  ]
  return values.flatMap(([type, value]) =>
    value === undefined ? [] : [{ vendor: 0, type, value }],
  )
}

const number = (value: number | undefined, width: number): Uint8Array | undefined => {
  if (value === undefined) return undefined
  return Uint8Array.from({ length: width }, (_, i) => value >>> (8 * (width - 1 - i)))
}
