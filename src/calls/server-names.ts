/** Servers that a pool's traces name and its configuration does not. More are counted as `other`. */
const MAX_UNKNOWN = 64
const MAX_REMEMBERED = 1024
const MAX_NAME = 253
/** With a letter in it: a number may be somebody's. */
const HOST_NAME = /^(?=[^a-z]*[a-z])[a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?$/
/** Many servers in one: nothing can be said of its clock. */
export const OTHER_SERVERS = 'other'

/** What servers call themselves besides, as in an NTLM challenge: the name in the configuration → names. */
export type Identities = readonly (readonly [server: string, names: readonly string[]])[]

/**
 * Names that logs give to servers → values of the label `server`: the configured name where it, or a
 * name that this server alone goes by, matches without case, as it is or up to the first dot; else the
 * name in lower case. A log is not trusted with labels: what is no host name, or one too many, is `other`.
 */
export class ServerNames {
  readonly #configured: ReadonlyMap<string, string>
  readonly #unknown = new Set<string>()
  /** By the name as logged: millions of records name the same few. */
  readonly #remembered = new Map<string, string>()

  constructor(
    configured: readonly string[],
    known: Iterable<string> = [],
    identities: Identities = [],
  ) {
    const short = configured.map(name => [shortOf(name.toLowerCase()), name] as const)
    const whole = configured.map(name => [name.toLowerCase(), name] as const)
    // A short name that two servers share says nothing.
    const unique = short.filter(([one]) => short.filter(([other]) => other === one).length === 1)
    const claimed = claimsOf(identities.filter(([server]) => configured.includes(server)))
    this.#configured = new Map([...claimed, ...unique, ...whole])
    for (const name of known) this.label(name)
  }

  label(logged: string): string {
    if (logged === '') return ''
    if (logged.length > MAX_NAME) return OTHER_SERVERS
    const known = this.#remembered.get(logged)
    if (known !== undefined) return known
    const label = this.#find(logged.toLowerCase())
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.clear()
    this.#remembered.set(copied(logged), label)
    return label
  }

  #find(name: string): string {
    const configured = this.#configured.get(name) ?? this.#configured.get(shortOf(name))
    if (configured !== undefined) return configured
    const own = copied(name)
    if (this.#unknown.has(own)) return own
    if (!HOST_NAME.test(name) || this.#unknown.size >= MAX_UNKNOWN) return OTHER_SERVERS
    this.#unknown.add(own)
    return own
  }
}

/** Names in lower case, whole and short, that one server claims and no other. */
const claimsOf = (identities: Identities): readonly (readonly [name: string, server: string])[] => {
  const claims = identities.flatMap(([server, names]) =>
    names.flatMap(name => {
      const whole = name.toLowerCase()
      return [whole, shortOf(whole)].map(one => [one, server] as const)
    }),
  )
  const claimants = new Map<string, Set<string>>()
  for (const [name, server] of claims) {
    claimants.set(name, (claimants.get(name) ?? new Set<string>()).add(server))
  }
  return claims.filter(([name]) => claimants.get(name)?.size === 1)
}

/** A cut of a string keeps all of it in memory, here a megabyte of trace: what is kept is copied. */
const copied = (text: string): string => structuredClone(text)

const shortOf = (name: string): string => name.split('.', 1)[0] ?? name
