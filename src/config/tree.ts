import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Alias,
  type Pair,
  type YAMLMap,
} from 'yaml'
import type { Path } from './problem.js'

/** Far more than any file needs; an alias bomb or a tower of brackets ends here. */
const MAX_DEPTH = 32
const MAX_VALUES = 200_000
const MAX_ALIASES = 1000

/** Where a value begins: at its key in a mapping, at the value itself in a list. */
export interface Spot {
  readonly offset: number
  readonly items: Map<string | number, Spot>
}

/** What a mapping or an alias is refused for. */
export interface TreeFault {
  readonly offset: number
  readonly path: Path
  readonly message: string
  /** True where a value is missing for it, so that what is below may only seem wrong. */
  readonly breaks: boolean
}

/** Plain objects, arrays and scalars, and beside them where each stands in the text. */
export interface Tree {
  readonly value: unknown
  readonly root: Spot
  readonly faults: readonly TreeFault[]
}

const offsetOf = (node: unknown, otherwise: number): number =>
  (isNode(node) ? node.range?.[0] : undefined) ?? otherwise

/**
 * YAML nodes → plain values. Our own walk, not yaml's toJS: that one gives no positions, looks for
 * duplicate keys in quadratic time, and knows no bound on depth or on what aliases expand to.
 */
class TreeReader {
  readonly faults: TreeFault[] = []
  readonly #anchors = new Map<string, unknown>()
  readonly #targets = new Map<Alias, unknown>()
  #values = 0
  #aliases = 0
  #expanding = false
  #exhausted = false

  read(node: unknown, path: Path, spot: Spot): unknown {
    if (this.#exhausted) return null
    if (++this.#values > MAX_VALUES) return this.#giveUp(spot, 'too many values')
    if (path.length > MAX_DEPTH) return this.#giveUp(spot, 'nested too deeply')
    this.#remember(node)
    if (isAlias(node)) return this.#alias(node, path, spot)
    if (isMap(node)) return this.#map(node, path, spot)
    if (isSeq(node))
      return node.items.map((item, index) => this.#child(item, item, [...path, index], spot))
    return isScalar(node) ? node.value : null
  }

  #child(node: unknown, placed: unknown, path: Path, parent: Spot): unknown {
    const spot: Spot = { offset: offsetOf(placed, parent.offset), items: new Map() }
    parent.items.set(path.at(-1) ?? 0, spot)
    return this.read(node, path, spot)
  }

  #map(node: YAMLMap, path: Path, spot: Spot): unknown {
    const value: Record<string, unknown> = {}
    for (const pair of node.items) {
      const key = this.#key(pair, path, spot, value)
      if (key !== undefined) value[key] = this.#child(pair.value, pair.key, [...path, key], spot)
    }
    return value
  }

  /** The key as it is written, so that `0123: …` under users is the user 0123. */
  #key({ key }: Pair, path: Path, spot: Spot, value: object): string | undefined {
    const offset = offsetOf(key, spot.offset)
    const written = isScalar(key) && key.value !== null ? key : undefined
    const name = typeof written?.value === 'string' ? written.value : written?.source
    if (name === undefined) return this.#fault(offset, path, 'a key must be text')
    // Assigning to it would set the object's prototype.
    if (name === '__proto__') return this.#fault(offset, path, '__proto__ cannot be a key')
    if (!Object.hasOwn(value, name)) return name
    return this.#fault(offset, [...path, name], 'this key is already there above')
  }

  #alias(node: Alias, path: Path, spot: Spot): unknown {
    if (++this.#aliases > MAX_ALIASES) return this.#giveUp(spot, 'too many aliases')
    const target = this.#targets.get(node) ?? this.#anchors.get(node.source)
    this.#targets.set(node, target)
    if (target === undefined)
      return this.#fault(spot.offset, path, 'an alias of no anchor above', true)
    const outer = this.#expanding
    this.#expanding = true
    const value = this.read(target, path, spot)
    this.#expanding = outer
    return value
  }

  /** An alias means the last such anchor above it: what is read again for an alias sets none. */
  #remember(node: unknown): void {
    const anchor = isScalar(node) || isCollection(node) ? node.anchor : undefined
    if (anchor !== undefined && !this.#expanding) this.#anchors.set(anchor, node)
  }

  #fault(offset: number, path: Path, message: string, breaks = false): undefined {
    this.faults.push({ offset, path, message, breaks })
  }

  #giveUp(spot: Spot, message: string): null {
    this.#exhausted = true
    this.#fault(spot.offset, [], message, true)
    return null
  }
}

/** The contents of a YAML document as plain values. Bounded in depth and size; never throws. */
export const readTree = (contents: unknown): Tree => {
  const reader = new TreeReader()
  const root: Spot = { offset: offsetOf(contents, 0), items: new Map() }
  const value = reader.read(contents, [], root)
  return { value, root, faults: reader.faults }
}
