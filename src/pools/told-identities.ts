import type { NtlmIdentity } from '../protocol/ntlm.js'

/** Names become labels, and each label a series: so many of them, whatever answers. */
const MAX_IDENTITIES = 16
/** Many computers in one. */
export const OTHER_COMPUTERS = 'other'

/** What the computers that answered one module called themselves: the first few, and all more as one. */
export class ToldIdentities {
  readonly #told = new Set<string>()

  /** The identity as it may be told. */
  told(identity: NtlmIdentity): NtlmIdentity {
    const { computer = '', dnsName = '', domain = '' } = identity
    const key = [computer, dnsName, domain].join('\0')
    if (this.#told.has(key)) return identity
    if (this.#told.size >= MAX_IDENTITIES) return { computer: OTHER_COMPUTERS }
    this.#told.add(key)
    return identity
  }
}
