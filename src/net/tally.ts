/** Counts by reason. The reasons that can come are there from the start, at 0. */
export class Tally<K extends string> {
  readonly #counts: Map<K, number>

  constructor(reasons: readonly K[]) {
    this.#counts = new Map(reasons.map(reason => [reason, 0]))
  }

  count(reason: K): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1)
  }

  counts(): { readonly [key in K]?: number } {
    return Object.fromEntries(this.#counts) as { [key in K]?: number }
  }
}
