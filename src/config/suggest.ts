const MAX_WORD = 64
const MAX_CANDIDATES = 200

/** Restricted Damerau–Levenshtein distance: a slip of the fingers is one edit, a swap included. */
const distance = (a: string, b: string): number => {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
  const at = (row: number, column: number): number => rows[row]?.[column] ?? Infinity
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    rows.push(row)
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      const swapped = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(
        Math.min(
          at(i - 1, j) + 1,
          at(i, j - 1) + 1,
          at(i - 1, j - 1) + change,
          swapped ? at(i - 2, j - 2) + 1 : Infinity,
        ),
      )
    }
  }
  return at(a.length, b.length)
}

const startsAlike = (a: string, b: string): boolean => a[0]?.toLowerCase() === b[0]?.toLowerCase()

/**
 * The candidate that `word` is most likely a slip of; none if nothing is near. Of two as near it is the one with
 * the same first letter, which is seldom missed.
 */
export const nearest = (word: string, candidates: Iterable<string>): string | undefined => {
  if (word.length > MAX_WORD) return undefined
  let best: string | undefined
  let least = Math.max(1, Math.floor(word.length / 3)) + 1
  let tried = 0
  for (const candidate of candidates) {
    if (++tried > MAX_CANDIDATES) break
    if (Math.abs(candidate.length - word.length) > least) continue
    const edits = distance(word.toLowerCase(), candidate.toLowerCase())
    const isLikelier =
      best !== undefined && !startsAlike(best, word) && startsAlike(candidate, word)
    if (edits < least || (edits === least && isLikelier)) [best, least] = [candidate, edits]
  }
  return best
}

/** `; did you mean interval?`, or nothing. */
export const didYouMean = (word: string, candidates: Iterable<string>): string => {
  const near = nearest(word, candidates)
  return near === undefined ? '' : `; did you mean ${near}?`
}
