import { describeDuration } from '../../text.js'
import type { Findings, OffsetFindings } from './findings.js'

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
