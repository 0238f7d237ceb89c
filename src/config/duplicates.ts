import type { Finding, Path } from './problem.js'

/** A problem for each key that was there before; undefined keys are skipped. */
export const duplicates = (
  keys: readonly (string | undefined)[],
  path: (index: number) => Path,
  message: (index: number) => string,
): readonly Finding[] => {
  const seen = new Set<string>()
  return keys.flatMap((key, index): readonly Finding[] => {
    if (key === undefined) return []
    if (!seen.has(key)) {
      seen.add(key)
      return []
    }
    return [{ path: path(index), rule: 'duplicate', message: message(index) }]
  })
}
