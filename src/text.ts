import type { Offset } from './clockside/snapshot.js'

/** `6 h 0 min 0 s`, `90.5 s`, `12.3 ms`, `45 µs`: a length of time for a person. */
export const describeDuration = (seconds: number): string => {
  const size = Math.abs(seconds)
  if (size < 0.001) return `${Math.round(size * 1e6)} µs`
  if (size < 1) return `${Number((size * 1000).toPrecision(3))} ms`
  if (size < 120) return `${Number(size.toFixed(3))} s`
  const whole = Math.round(size)
  const days = Math.floor(whole / 86_400)
  const parts = [
    days > 0 ? `${days} d` : '',
    whole >= 3600 ? `${Math.floor((whole % 86_400) / 3600)} h` : '',
    `${Math.floor((whole % 3600) / 60)} min`,
    `${whole % 60} s`,
  ]
  return parts.filter(Boolean).join(' ')
}

/** `6 h 0 min 0 s behind (± 45 µs)`: an offset with its sign in words and its bound. One that the bound
 * hides is right while the bound is short, and else not known. */
export const describeOffset = ({ offset, error }: Offset): string => {
  const bound = `± ${describeDuration(error)}`
  if (Math.abs(offset) <= error) return error < 1 ? `right (${bound})` : `not known (${bound})`
  return `${describeDuration(offset)} ${offset < 0 ? 'behind' : 'ahead'} (${bound})`
}

/** `A`, `A and B`, `A, B and C`; of many the first ones and how many more. */
export const listed = (all: readonly string[], most = 8): string => {
  const more = all.length - most
  const names = more > 0 ? [...all.slice(0, most), `${more} more`] : all
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** `1 call`, `2 calls` */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`

const WIDTH = 100

/** Lines of at most 100 characters, cut at spaces; `hanging` begins all but the first, `first` that. */
export const wrapped = (text: string, hanging = '', first = ''): readonly string[] => {
  const lines: string[] = []
  let line = first
  for (const word of text.split(' ')) {
    const isBlank = line.trim() === ''
    if (!isBlank && line.length + 1 + word.length > WIDTH) {
      lines.push(line)
      line = hanging + word
    } else line += isBlank ? word : ` ${word}`
  }
  return [...lines, line]
}
