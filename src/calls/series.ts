/** Label values in the order of the metric's labels, and the count. */
export type Sample = readonly [labels: readonly string[], value: number]

/** Real pools have some dozens. What a stranger sends over HEP must not fill Prometheus. */
export const MAX_SERIES = 2000

/** One counter's series. They are bounded: beyond the limit a failure is counted under `overflow`. */
export class Series {
  readonly #limit: number
  readonly #overflow: (labels: readonly string[]) => readonly string[]
  readonly #values = new Map<string, number>()

  /** `overflow` gives the few label values that all the rest is counted under. */
  constructor(overflow: (labels: readonly string[]) => readonly string[], limit = MAX_SERIES) {
    this.#overflow = overflow
    this.#limit = limit
  }

  add(labels: readonly string[], count = 1): void {
    const key = JSON.stringify(labels)
    const full = this.#values.size >= this.#limit && !this.#values.has(key)
    const counted = full ? JSON.stringify(this.#overflow(labels)) : key
    this.#values.set(counted, (this.#values.get(counted) ?? 0) + count)
  }

  samples(): readonly Sample[] {
    return Array.from(this.#values, ([key, value]) => [JSON.parse(key) as string[], value])
  }

  get size(): number {
    return this.#values.size
  }
}
