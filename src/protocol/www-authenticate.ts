/** One way to authenticate that a server offers, RFC 9110 §11.3. */
export interface AuthChallenge {
  /** In lower case: schemes are told apart without regard to it. */
  readonly scheme: string
  /** What follows the scheme where that is not a list of parameters (token68). */
  readonly token?: string
}

/** A comma inside quotes separates nothing; a quote without its end reaches to the end. */
const PART = /(?:[^",]|"(?:[^"\\]|\\.)*(?:"|\\?$))+/gsu
const PARAMETER = /^[!#$%&'*+.^_`|~\w-]+[ \t]*=(?!=*$)/u
const CHALLENGE = /^([!#$%&'*+.^_`|~\w-]+)(?:[ \t]+(\S.*))?$/su
const TOKEN68 = /^[\w\-.~+/]+=*$/u

/**
 * The challenges of every `WWW-Authenticate` field of a reply, in their order: several may stand in
 * one field, and their parameters are separated by the same commas (RFC 9110 §11.6.1).
 */
export const authChallenges = (fields: readonly string[]): readonly AuthChallenge[] =>
  fields.flatMap(field => (field.match(PART) ?? []).flatMap(challengeOf))

/** None where the part is one more parameter of the challenge before it, or is nothing. */
const challengeOf = (part: string): readonly AuthChallenge[] => {
  const text = part.trim()
  if (PARAMETER.test(text)) return []
  const [, scheme, rest] = CHALLENGE.exec(text) ?? []
  if (scheme === undefined) return []
  const token = rest !== undefined && TOKEN68.test(rest) ? { token: rest } : {}
  return [{ scheme: scheme.toLowerCase(), ...token }]
}
