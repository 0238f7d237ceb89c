import { describeDuration } from '../../text.js'
import type { Findings, OffsetFindings } from './findings.js'

/** `A`, `A and B`, `A, B and C`; of many the first ones and how many more. */
export const listed = (all: readonly string[], most = 8): string => {
  const more = all.length - most
  const names = more > 0 ? [...all.slice(0, most), `${more} more`] : all
  const last = names.at(-1) ?? ''
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} and ${last}`
}

/** Servers as the records' heads write them, which is how people know them. */
export const serversNamed = (
  { servers }: Pick<Findings, 'servers'>,
  names: readonly string[],
): readonly string[] => names.map(name => servers.find(one => one.name === name)?.logged_as ?? name)

/** `EDGE02 is 6 h 0 min 0 s behind FE1 (± 101 ms)` */
export const describeClock = (
  findings: Pick<Findings, 'servers'>,
  { server, peer, offset_seconds: offset, error_seconds: error }: OffsetFindings,
): string => {
  const [name = server, other = peer] = serversNamed(findings, [server, peer])
  const bound = `± ${describeDuration(error)}`
  if (Math.abs(offset) <= error) return `${name} agrees with ${other} (${bound})`
  return `${name} is ${describeDuration(offset)} ${offset < 0 ? 'behind' : 'ahead of'} ${other} (${bound})`
}

/** `1 call`, `2 calls` */
export const counted = (count: number, noun: string): string =>
  `${count} ${noun}${count === 1 ? '' : 's'}`
