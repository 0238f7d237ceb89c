import type { DurationNs } from '../time/units.js'
import { formatDuration, parseDuration } from './duration.js'
import { parseEndpoint, type Address } from './endpoint.js'
import { kindOf } from './issues.js'
import { quote } from './problem.js'
import { bad, good, leaf, text, type Leaf } from './schema.js'
import { didYouMean } from './suggest.js'

/** One of a closed set of words. `later` are those of other versions or of other programs. */
export const choice = <T extends string>(options: readonly T[], later: readonly string[] = []) =>
  text(`one of ${options.join(', ')}`, (value): Leaf<T> => {
    const chosen = options.find(option => option === value)
    if (chosen !== undefined) return good(chosen)
    if (later.includes(value))
      return bad('unsupported', `${value} is not supported; there are: ${options.join(', ')}`)
    return bad(
      'choice',
      `${quote(value)} is not one of ${options.join(', ')}${didYouMean(value, options)}`,
    )
  })

const notDuration = (value: unknown): Leaf<never> => {
  const written = typeof value === 'number' || typeof value === 'string' ? `${value}` : ''
  const example = /^\d{1,9}$/.test(written) ? `${written}s` : '15s, 250ms or 1m30s'
  return bad('duration', `${quote(value)} is not a duration; write for example ${example}`)
}

/** A duration from `least` to `most`, both included. */
export const duration = (least: DurationNs, most: DurationNs) =>
  leaf('a duration such as 15s', (value): Leaf<DurationNs> => {
    const length = typeof value === 'string' ? parseDuration(value) : undefined
    if (length === undefined) return notDuration(value)
    if (length >= least && length <= most) return good(length)
    const range = `from ${formatDuration(least)} to ${formatDuration(most)}`
    return bad('range', `${quote(value)} is out of range: ${range}`)
  })

/** A UDP or TCP port. */
export const port = leaf('a port', (value): Leaf<number> => {
  if (typeof value !== 'number') return bad('type', `expected a port, found ${kindOf(value)}`)
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return good(value)
  return bad('range', `${quote(value)} is not a port: from 1 to 65535`)
})

const MAX_NAME = 253
const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u

/** A pool's or server's name: any printable text that can be a label's value. */
export const label = text('a name', (value): Leaf<string> => {
  if (value.trim() === '') return bad('name', 'a name is not empty')
  if (value.length > MAX_NAME) return bad('name', `a name has at most ${MAX_NAME} characters`)
  if (UNPRINTABLE.test(value)) return bad('name', 'a name has no control characters')
  return good(value)
})

/** A host name or IP address, with or without a port. */
export const address = text('an address', (value): Leaf<Address> => {
  const parsed = parseEndpoint(value)
  return parsed.ok ? good(parsed.endpoint) : bad('address', `${quote(value)}: ${parsed.detail}`)
})
