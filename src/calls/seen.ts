import type { Fingerprint } from './fingerprint.js'

/** About a week of a large pool's voicemail calls and failures; 1 MiB of the state. */
export const MAX_SEEN = 131_072

/**
 * What was counted already, the oldest forgotten first. It is what makes a call that is read again (in another
 * server's trace, in a copy, in a push that was sent twice) count once.
 */
export class Seen {
  readonly #limit: number
  readonly #known: Set<Fingerprint>

  constructor(saved: Iterable<Fingerprint> = [], limit: number = MAX_SEEN) {
    this.#limit = limit
    this.#known = new Set(saved)
  }

  has(one: Fingerprint): boolean {
    return this.#known.has(one)
  }

  /** False where it was there before. */
  add(one: Fingerprint): boolean {
    if (this.#known.has(one)) return false
    this.#known.add(one)
    if (this.#known.size > this.#limit) {
      const [oldest] = this.#known
      if (oldest !== undefined) this.#known.delete(oldest)
    }
    return true
  }

  /** Oldest first: little-endian doubles in base64, an eighth of what the digits would take to write. */
  save(): string {
    return Buffer.from(Float64Array.from(this.#known).buffer).toString('base64')
  }

  static restore(saved: string, limit: number = MAX_SEEN): Seen {
    const bytes = Buffer.from(saved, 'base64')
    const known: Fingerprint[] = []
    for (let at = 0; at + 8 <= bytes.length; at += 8) known.push(bytes.readDoubleLE(at))
    return new Seen(known, limit)
  }
}
