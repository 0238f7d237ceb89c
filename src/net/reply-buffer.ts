const NOTHING = new Uint8Array(0)

/** The pieces of one reply, joined. A reply of one piece, as most are, is not copied. */
export class ReplyBuffer {
  bytes: Uint8Array = NOTHING
  /** Twice as large each time: a reply of many pieces is copied in linear time. */
  #room = NOTHING
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  /** False when it is more than may be kept: what is beyond the limit is dropped. */
  add(piece: Uint8Array): boolean {
    const { length } = this.bytes
    const whole = length + piece.length <= this.#limit
    const kept = whole ? piece : piece.subarray(0, this.#limit - length)
    if (length === 0) {
      this.bytes = kept
      return whole
    }
    const needed = length + kept.length
    if (needed > this.#room.length) {
      this.#room = new Uint8Array(Math.min(this.#limit, needed * 2))
      this.#room.set(this.bytes)
    }
    this.#room.set(kept, length)
    this.bytes = this.#room.subarray(0, needed)
    return whole
  }
}
