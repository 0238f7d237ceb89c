import type { HostReport } from '../host/report.js'
import { escape } from './escape.js'

/** The part of the landing page on this machine's own time service: what it does, and will do. */
export const hostPart = ({ pool, server, found, facts, tools, simulated }: HostReport): string => `
<h2>${simulated ? 'Time service of a simulated server' : 'Time service of this machine'}</h2>
<table>
<tr><th>pool<th>server<th>now<th>since boot<th>after the next boot<th>follows</tr>
<tr><td>${escape(pool)}<td>${escape(server)}${[found === false ? cell('no time service was found', true) : nowCell(facts), sinceBootCell(facts), nextBootCell(facts), sourceCell(facts)].join('')}</tr>
</table>
${tools.flatMap(one => (one.ok ? [] : [`<p class="bad">${escape(`${one.tool}: ${one.reason}, ${one.detail}`)}</p>`])).join('\n')}`

type Facts = HostReport['facts']

const cell = (text: string, isBad = false): string =>
  `<td${isBad ? ' class="bad"' : ''}>${escape(text)}`
const UNKNOWN = cell('not known')

const nowCell = ({ running, synchronized }: Facts): string => {
  if (running === false) return cell('stopped', true)
  if (synchronized === undefined) return running ? cell('runs') : UNKNOWN
  return synchronized ? cell('synchronised') : cell('not synchronised', true)
}

const sinceBootCell = ({ synchronizedSinceBoot: since }: Facts): string =>
  since === undefined ? UNKNOWN : since ? cell('synchronised') : cell('never synchronised', true)

const nextBootCell = ({ survivesReboot: survives }: Facts): string =>
  survives === undefined ? UNKNOWN : survives ? cell('runs') : cell('will not run', true)

const sourceCell = ({ source }: Facts): string => {
  if (!source) return UNKNOWN
  const { actual = 'nothing', configured } = source
  const other =
    configured !== undefined && configured !== actual ? ` (configured: ${configured})` : ''
  return cell(`${actual}${other}`, source.kind === 'own' || source.kind === 'hypervisor')
}
