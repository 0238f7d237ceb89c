import { usedBytes } from './heap.js'
import { type Kind, generatorOf, kinds } from './kinds.js'
import { mutated } from './mutate.js'

/** What an input may take, generously: quadratic behaviour is far above. */
const BASE_MS = 25
const MS_A_CHARACTER = 0.005
/** Another process may have had its turn: what is slow once is looked at again. */
const TRIES = 4
/** Until compiled code and caches have settled. */
const WARM_UP = 2000
/** Of a run's growth: caches that are bounded, and code. */
export const MAX_GROWTH_BYTES = 24 * 1024 * 1024

export interface Fuzzed {
  readonly inputs: number
  readonly characters: number
  /** The slowest input, in milliseconds, and how to see it again. */
  readonly slowestMs: number
  readonly slowestSeed: number
  /** Bytes that are still in use afterwards. */
  readonly grownBytes: number
}

/** What an input did wrong; the message tells how to see it again. */
export class FuzzError extends Error {
  override readonly name = 'FuzzError'

  constructor(kind: string, seed: number, input: string, cause: unknown) {
    const base64 = Buffer.from(input, 'latin1').toString('base64')
    const what = cause instanceof Error ? cause.message : String(cause)
    super(`${what}\nnpm run fuzz -- ${kind} --count=1 --seed=${seed}\n${base64}`, { cause })
  }
}

const timed = (kind: Kind, seed: number): { readonly input: string; readonly ms: number } => {
  const random = generatorOf(seed)
  const input = mutated(random, kind.valid)
  const started = performance.now()
  kind.run(input, random)
  return { input, ms: performance.now() - started }
}

const once = (name: string, kind: Kind, seed: number) => {
  const inputOf = (): string => mutated(generatorOf(seed), kind.valid)
  try {
    let best = timed(kind, seed)
    const limit = BASE_MS + best.input.length * MS_A_CHARACTER
    for (let left = TRIES; left > 0 && best.ms > limit; left--) {
      const again = timed(kind, seed)
      if (again.ms < best.ms) best = again
    }
    if (best.ms <= limit) return best
    throw new Error(`${best.ms.toFixed(1)} ms for ${best.input.length} characters`)
  } catch (error) {
    throw new FuzzError(name, seed, inputOf(), error)
  }
}

/**
 * Gives `count` mutated inputs to what reads them; the first is that of `seed`, the next that of the
 * number behind it.
 *
 * @throws FuzzError at the first that is thrown at, makes no sense or takes too long, or that leaves
 * memory behind
 */
export const fuzz = (name: string, count: number, seed: number): Fuzzed => {
  const kind = kinds[name]
  if (!kind) throw new Error(`no kind of input: ${name}`)
  let characters = 0
  let slowest = { ms: 0, seed }
  let before = Infinity
  for (let i = 0; i < count; i++) {
    if (i === WARM_UP) before = usedBytes()
    const { input, ms } = once(name, kind, seed + i)
    characters += input.length
    if (ms > slowest.ms) slowest = { ms, seed: seed + i }
  }
  const grownBytes = Math.max(0, usedBytes() - before)
  if (grownBytes > MAX_GROWTH_BYTES) {
    throw new Error(`${name}: ${grownBytes} bytes more are in use after ${count} inputs`)
  }
  return { inputs: count, characters, slowestMs: slowest.ms, slowestSeed: slowest.seed, grownBytes }
}
