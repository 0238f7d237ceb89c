import type { DurationNs } from '../time/units.js'
import { formatDuration, parseDuration } from './duration.js'
import { hostFault, parseEndpoint, type Address } from './endpoint.js'
import { kindOf } from './issues.js'
import { quote } from './problem.js'
import { bad, good, leaf, text, type Leaf } from './schema.js'
import { formatSize, parseSize } from './size.js'
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

/** A number of bytes from `least` to `most`, both included. */
export const size = (least: number, most: number) =>
  leaf('a size such as 64MiB', (value): Leaf<number> => {
    const bytes = typeof value === 'string' ? parseSize(value) : undefined
    if (bytes === undefined)
      return bad('size', `${quote(value)} is not a size; write for example 64MiB or 500kB`)
    if (bytes >= least && bytes <= most) return good(bytes)
    const range = `from ${formatSize(least)} to ${formatSize(most)}`
    return bad('range', `${quote(value)} is out of range: ${range}`)
  })

/** A UDP or TCP port. */
export const port = leaf('a port', (value): Leaf<number> => {
  if (typeof value !== 'number') return bad('type', `expected a port, found ${kindOf(value)}`)
  if (Number.isInteger(value) && value >= 1 && value <= 65_535) return good(value)
  return bad('range', `${quote(value)} is not a port: from 1 to 65535`)
})

/** Yes or no. */
export const flag = leaf('true or false', (value): Leaf<boolean> =>
  typeof value === 'boolean'
    ? good(value)
    : bad('type', `expected true or false, found ${kindOf(value)}`),
)

const MAX_URL_PATH = 2048
// RFC 3986 §3.3, §3.4: a path with a query, nothing that would end a request line.
const URL_PATH = /^\/[\w.~!$&'()*+,;=:@%/?[\]-]*$/

/** The path of a URL, a query included. */
export const urlPath = text('a path such as /wsman', (value): Leaf<string> =>
  value.length <= MAX_URL_PATH && URL_PATH.test(value)
    ? good(value)
    : bad('path', `${quote(value)} is not the path of a URL; write for example /wsman`),
)

/** A host's name or IP address; empty for none. */
export const hostName = text('a host name', (value): Leaf<string> => {
  const fault = value === '' ? undefined : hostFault(value)
  return fault === undefined ? good(value) : bad('name', `${quote(value)}: ${fault}`)
})

/** The longest name of a pool, a server or a source. */
export const MAX_NAME = 253
/** What no name has: it would break a line, or cannot be written as UTF-8. */
export const UNPRINTABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u

/** A pool's, server's or source's name: any printable text that can be a label's value. */
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

const MAX_PATH = 4096
// Stars alone, from the root or from where we run: `*`, `/**`, `C:\\*`, `./**/*`.
const EVERYTHING = /^(?:[A-Za-z]:)?[\\/]*(?:(?:\*+|\.{1,2})(?:[\\/]+|$))*$/

/** A file's or directory's path, not looked at. */
export const fileName = text('a file name', (value): Leaf<string> => {
  if (value !== '' && value.length <= MAX_PATH && !value.includes('\0')) return good(value)
  return bad('name', 'is not a file name')
})

/** A file's path, or a glob: a label's value too, so on one line. */
export const filePattern = text('a file, or a pattern of files', (value): Leaf<string> => {
  if (value === '' || value.length > MAX_PATH || UNPRINTABLE.test(value))
    return bad('path', `${quote(value)} is not a file name`)
  if (/[\\/]$/.test(value) || /(?:^|[\\/])\.{1,2}$/.test(value))
    return bad('path', `${quote(value)} is a directory; write for example ${quote('logs/*.log')}`)
  if (EVERYTHING.test(value))
    return bad('path', `${quote(value)} is everything there; name the files, as in *.log`)
  return good(value)
})
