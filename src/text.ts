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
