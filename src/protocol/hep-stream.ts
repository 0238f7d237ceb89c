import {
  HEP_HEADER_BYTES,
  HEP_PACKET_BYTES_LIMIT,
  type HepFailure,
  MAGIC,
  PACKET_AT,
  foreignReason,
  u16,
  u32,
} from './hep-format.js'

/** More than most packets have. */
const FIRST_STORE_BYTES = 4096

/**
 * Cuts the bytes of one TCP connection, where packets follow each other without a gap, into packets.
 * Holds at most one unfinished packet (64 KiB), each byte of which is copied once.
 *
 * Bytes that are no packet end the stream for good: the next packet cannot be found, since a payload may
 * hold "HEP3" too. Whoever owns the connection closes it. What a packet has inside is not looked at: one
 * that `decodeHep` refuses (`chunk_length`, `chunk_width`, `no_payload`) does not end the stream.
 */
export class HepStream {
  readonly #onPacket: (packet: Uint8Array) => void
  /** The unfinished packet lies at its begin. Grows with the longest so far that came in parts. */
  #store = new Uint8Array(FIRST_STORE_BYTES)
  #filled = 0
  /** Of the unfinished packet: its header, and once that is there, all of it. */
  #needed: number = HEP_HEADER_BYTES
  #failure: HepFailure | undefined

  /** `onPacket` gets a view that is its own only until it returns: `decodeHep` takes it. */
  constructor(onPacket: (packet: Uint8Array) => void) {
    this.#onPacket = onPacket
  }

  /** `not_hep`, `old_version` or `length`: the stream has ended, and all that follows is ignored. */
  push(bytes: Uint8Array): { readonly ok: true } | HepFailure {
    for (let at = 0; at < bytes.length && this.#failure === undefined;) {
      const length = this.#filled === 0 ? this.#lengthAt(bytes, at) : undefined
      if (length !== undefined && length <= bytes.length - at) {
        this.#onPacket(bytes.subarray(at, at + length))
        at += length
      } else if (this.#failure === undefined) {
        at += this.#fill(bytes, at)
      }
    }
    return this.#failure ?? { ok: true }
  }

  /** Why the connection must not end here, when it does: in the middle of a packet. */
  end(): { readonly ok: true } | HepFailure {
    if (this.#failure !== undefined) return this.#failure
    return this.#filled > 0 ? { ok: false, reason: 'truncated' } : { ok: true }
  }

  /** Takes from `at` on what is still needed: how many bytes. */
  #fill(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#needed - this.#filled, bytes.length - at)
    this.#store.set(bytes.subarray(at, at + taken), this.#filled)
    this.#filled += taken
    if (this.#filled === HEP_HEADER_BYTES) {
      const length = this.#lengthAt(this.#store.subarray(0, HEP_HEADER_BYTES), 0)
      if (length === undefined) return taken
      this.#need(length)
    }
    if (this.#filled === this.#needed) {
      this.#filled = 0
      this.#onPacket(this.#store.subarray(0, this.#needed))
      this.#needed = HEP_HEADER_BYTES
    }
    return taken
  }

  #need(length: number): void {
    this.#needed = length
    if (length <= this.#store.length) return
    const larger = new Uint8Array(Math.min(2 * length, HEP_PACKET_BYTES_LIMIT))
    larger.set(this.#store.subarray(0, this.#filled))
    this.#store = larger
  }

  /** The length of the packet that begins here; undefined without a whole header, or at the end. */
  #lengthAt(bytes: Uint8Array, at: number): number | undefined {
    if (bytes.length - at < HEP_HEADER_BYTES) return undefined
    const length = u16(bytes, at + PACKET_AT.length)
    const isHep = u32(bytes, at + PACKET_AT.magic) === MAGIC
    if (isHep && length >= HEP_HEADER_BYTES) return length
    this.#failure = { ok: false, reason: isHep ? 'length' : foreignReason(bytes.subarray(at)) }
    return undefined
  }
}
