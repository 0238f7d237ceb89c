/** Servers that a pool's traces name and its configuration does not. More are counted as `other`. */
const MAX_UNKNOWN = 64
const MAX_REMEMBERED = 1024
const HOST_NAME = /^[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/
const OTHER = 'other'

/**
 * Names that logs give to servers → values of the label `server`: the configured name where one matches
 * without case, as it is or up to the first dot, else the name in lower case. A log is not trusted with labels:
 * what is no host name, or one too many, is `other`.
 */
export class ServerNames {
  readonly #configured: ReadonlyMap<string, string>
  readonly #unknown = new Set<string>()
  /** By the name as logged: millions of records name the same few. */
  readonly #remembered = new Map<string, string>()

  constructor(configured: readonly string[], known: Iterable<string> = []) {
    this.#configured = new Map(configured.map(name => [name.toLowerCase(), name]))
    for (const name of known) this.label(name)
  }

  label(logged: string): string {
    if (logged === '') return ''
    const known = this.#remembered.get(logged)
    if (known !== undefined) return known
    const label = this.#find(logged.toLowerCase())
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(copied(logged), label)
    return label
  }

  #find(name: string): string {
    const [short = name] = name.split('.')
    const configured = this.#configured.get(name) ?? this.#configured.get(short)
    if (configured !== undefined) return configured
    if (this.#unknown.has(name)) return name
    if (!HOST_NAME.test(name) || this.#unknown.size >= MAX_UNKNOWN) return OTHER
    const own = copied(name)
    this.#unknown.add(own)
    return own
  }
}

/** A cut of a string keeps all of it in memory, here a megabyte of trace: what is kept is copied. */
const copied = (text: string): string => structuredClone(text)
