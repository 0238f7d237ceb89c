import type { Fingerprint } from './fingerprint.js'

/** About a week of a large pool's voicemail calls and failures; 1 MiB of the state. */
export const MAX_SEEN = 131_072

/**
 * What was counted already, the oldest forgotten first. It is what makes a call that is read again (in another
 * server's trace, in a copy, in a push that was sent twice) count once.
 */
export class Seen {
  readonly #known = new Set<Fingerprint>()
  /** In order, over and over: to ask a Set for its oldest walks over all that was deleted from it. */
  readonly #ring: Float64Array
  #added = 0

  constructor(saved: Iterable<Fingerprint> = [], limit: number = MAX_SEEN) {
    this.#ring = new Float64Array(limit)
    for (const one of saved) this.add(one)
  }

  /** False where it was there before. */
  add(one: Fingerprint): boolean {
    if (this.#known.has(one)) return false
    const at = this.#added++ % this.#ring.length
    if (this.#added > this.#ring.length) this.#known.delete(this.#ring[at] ?? 0)
    this.#ring[at] = one
    this.#known.add(one)
    return true
  }

  has(one: Fingerprint): boolean {
    return this.#known.has(one)
  }

  /** Oldest first: little-endian doubles in base64, an eighth of what the digits would take to write. */
  save(): string {
    const { length } = this.#ring
    const from = Math.max(0, this.#added - length)
    const inOrder = Float64Array.from(
      { length: this.#added - from },
      (_, i) => this.#ring[(from + i) % length] ?? 0,
    )
    return Buffer.from(inOrder.buffer).toString('base64')
  }

  static restore(saved: string, limit: number = MAX_SEEN): Seen {
    const bytes = Buffer.from(saved, 'base64')
    const known = Array.from({ length: Math.floor(bytes.length / 8) }, (_, i) =>
      bytes.readDoubleLE(8 * i),
    )
    return new Seen(known, limit)
  }
}
