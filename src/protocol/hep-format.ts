/** Chunk types of vendor 0 (HEP3 revision 37). All numbers are big-endian. */
export const CHUNK = {
  family: 0x01,
  ipProtocol: 0x02,
  source4: 0x03,
  destination4: 0x04,
  source6: 0x05,
  destination6: 0x06,
  sourcePort: 0x07,
  destinationPort: 0x08,
  seconds: 0x09,
  microseconds: 0x0a,
  protocolType: 0x0b,
  captureId: 0x0c,
  authKey: 0x0e,
  payload: 0x0f,
  compressed: 0x10,
  nodeName: 0x13,
} as const
export const CHUNK_TYPES = CHUNK.nodeName + 1

/** Bytes of the values that have a fixed width. */
const WIDTHS: readonly (readonly [type: number, bytes: number])[] = [
  [CHUNK.family, 1],
  [CHUNK.ipProtocol, 1],
  [CHUNK.source4, 4],
  [CHUNK.destination4, 4],
  [CHUNK.source6, 16],
  [CHUNK.destination6, 16],
  [CHUNK.sourcePort, 2],
  [CHUNK.destinationPort, 2],
  [CHUNK.seconds, 4],
  [CHUNK.microseconds, 4],
  [CHUNK.protocolType, 1],
  [CHUNK.captureId, 4],
]
/** By type; 0: any width. */
export const widthOf = new Uint8Array(CHUNK_TYPES)
for (const [type, bytes] of WIDTHS) widthOf[type] = bytes

/** Byte offsets in the packet, and in each chunk. Both lengths count their own header in. */
export const PACKET_AT = { magic: 0, length: 4, chunks: 6 } as const
export const CHUNK_AT = { vendor: 0, type: 2, length: 4, value: 6 } as const

export const HEP_PORT = 9060
export const HEP_HEADER_BYTES = PACKET_AT.chunks
/** The length is a u16: no packet is longer, over UDP or TCP. */
export const HEP_PACKET_BYTES_LIMIT = 0xffff
/** "HEP3" */
export const MAGIC = 0x48455033
const MAGIC_BYTES = [0x48, 0x45, 0x50, 0x33]
/** What versions 1 and 2 begin with: the version, and the length of their header (IPv4, IPv6). */
const OLD = { versions: [1, 2], headerBytes: [16, 40] }

/** Of the protocol types, those that a reader of calls has to tell apart. */
export const HEP_PROTOCOL = { sip: 1, log: 100 } as const

/**
 * Why bytes are no packet.
 * - `not_hep`: they do not begin with "HEP3"
 * - `old_version`: HEP version 1 or 2; 1 is what Kamailio sends unless told otherwise
 * - `truncated`: the packet says that it is longer
 * - `length`: the packet says that it is shorter
 * - `chunk_length`: a chunk is shorter than its own header, or runs past the end
 * - `chunk_width`: a number or an address is not as wide as its type
 * - `no_payload`: no payload, or an empty one
 */
export const hepFailureReasons = [
  'not_hep',
  'old_version',
  'truncated',
  'length',
  'chunk_length',
  'chunk_width',
  'no_payload',
] as const
export type HepFailureReason = (typeof hepFailureReasons)[number]
export interface HepFailure {
  readonly ok: false
  readonly reason: HepFailureReason
}

/** Why these bytes do not begin a packet. */
export const foreignReason = (bytes: Uint8Array): HepFailureReason => {
  const [version = 0, headerBytes = 0] = bytes
  const old = OLD.versions.includes(version) && OLD.headerBytes.includes(headerBytes)
  return old ? 'old_version' : 'not_hep'
}

/** Why these bytes, which are fewer than a header, are no packet. */
export const shortReason = (bytes: Uint8Array): HepFailureReason => {
  for (let i = 0; i < bytes.length && i < MAGIC_BYTES.length; i++) {
    if (bytes[i] !== MAGIC_BYTES[i]) return foreignReason(bytes)
  }
  return 'truncated'
}

export const u16 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)

export const u32 = (bytes: Uint8Array, at: number): number =>
  ((u16(bytes, at) << 16) | u16(bytes, at + 2)) >>> 0
