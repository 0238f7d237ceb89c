import type { ModuleSnapshot, ServerSnapshot, Snapshot } from '../clockside/snapshot.js'
import type { CallsSnapshot } from '../calls/snapshot.js'
import type { HostReport } from '../host/report.js'
import { describeDuration, describeOffset, listed } from '../text.js'
import { escape } from './escape.js'
import { layout } from './layout.js'
import { callsPart } from './page-calls.js'
import { hostPart } from './page-host.js'

export interface PageState {
  readonly version: string
  readonly telemetryPath: string
  readonly snapshot: Snapshot | undefined
  readonly host: HostReport | undefined
  readonly calls: CallsSnapshot | 'none' | undefined
}

/** The landing page: who is off now, and where everything else is. */
export const page = ({ version, telemetryPath, snapshot, host, calls }: PageState): string =>
  layout({
    title: 'edgeclock',
    head: '<meta http-equiv="refresh" content="5">\n',
    body: `<h1>edgeclock</h1>
${snapshot ? clocks(snapshot) : '<p class="bad">The clock thread does not answer.</p>'}
${host ? hostPart(host) : ''}
${calls === 'none' ? '' : callsPart(calls)}
<p><a href="${escape(telemetryPath)}">Metrics</a> · <a href="/runbooks">Runbooks</a> ·
<a href="/config">Configuration</a> · <a href="/sd">Service discovery</a> ·
<a href="/api/v1/status">Status as JSON</a></p>
<p class="quiet">edgeclock ${escape(version)}. Offsets are a clock − true time: ahead is positive.</p>`,
  })

const clocks = ({ reference, host, servers }: Snapshot): string => `
<p>${
  reference.synchronized
    ? `True time is known to ± ${describeDuration(reference.error ?? 0)} from ${reference.agreeing} of ${reference.servers.length} reference servers.`
    : '<span class="bad">True time is not known well enough: see the reference servers below.</span>'
}${host.offset ? ` This machine's own wall clock is ${describeOffset(host.offset)}.` : ''}</p>
<h2>Servers</h2>
<table>
<tr><th>pool<th>server<th>clock<th>last reading</tr>
${servers.map(serverRow).join('\n')}
</table>
<h2>Reference servers</h2>
<table>
<tr><th>server<th>against the consensus<th>stratum<th>state</tr>
${reference.servers.map(referenceRow).join('\n')}
</table>`

/** From here on SIP authentication begins to fail: Kerberos tolerates 300 s; alerts begin at 5 s. */
const NOTABLE_SECONDS = 5

const serverRow = (server: ServerSnapshot): string => {
  const { offset } = server
  const off = offset && Math.abs(offset.offset) - offset.error >= NOTABLE_SECONDS
  const failed = server.modules.filter(({ success }) => success === false)
  const verdict = failed.map(({ module, reason }) => `${module}: ${reason}`).join(', ')
  const said = [
    ...(server.service.synchronized === false ? ['says it is not synchronised'] : []),
    ...server.modules.flatMap(told),
  ]
  const clock = offset ? describeOffset(offset) : server.consistent === false ? 'contradictory' : ''
  const state = verdict || (server.modules.some(({ success }) => success) ? 'read' : 'not yet read')
  return `<tr><td>${escape(server.pool)}<td>${escape(server.server)}<td class="number${off ? ' bad' : ''}">${escape(clock || 'not known')}<td${verdict ? ' class="bad"' : ''}>${escape([state, ...said].join(', '))}</tr>`
}

/** What is wrong beside the clock, by one module. */
const told = ({ module, certificate, answersAs }: ModuleSnapshot): readonly string[] => [
  ...(certificate?.validAtServerTime === false
    ? [`${module}: its certificate is not valid at its own time`]
    : []),
  ...(answersAs ? [`${module}: several computers answer: ${listed(answersAs)}`] : []),
]

const referenceRow = (server: Snapshot['reference']['servers'][number]): string => {
  const state = server.falseticker ? 'falseticker' : server.reachable ? 'agrees' : 'no answer'
  const shown = server.reachable && server.falseticker === undefined ? 'answers' : state
  const offset = server.offset ? describeOffset(server.offset) : ''
  return `<tr><td>${escape(server.server)}<td class="number">${escape(offset)}<td>${server.stratum ?? ''}<td${shown === 'agrees' ? '' : ' class="bad"'}>${shown}</tr>`
}
