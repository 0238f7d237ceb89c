import type { ModuleSnapshot, ServerSnapshot, Snapshot } from '../clockside/snapshot.js'
import type { CallsSnapshot } from '../calls/snapshot.js'
import type { HostReport } from '../host/report.js'
import { describeDuration, describeOffset, listed } from '../text.js'
import { escape } from './escape.js'
import { layout } from './layout.js'
import { callsPart } from './page-calls.js'
import { hostPart } from './page-host.js'

/** [MS-NBTE]: at most so many characters of a computer's name. */
const NETBIOS_NAME = 15

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
  const isRead = server.modules.some(({ success }) => success)
  // That one module is given no time is how the server is set up, as long as another one reads it.
  const isBad = failed.some(({ reason }) => !isRead || reason !== 'no_time')
  const verdict = failed.map(({ module, reason }) => `${module}: ${reason}`).join(', ')
  const said = [
    ...(server.service.synchronized === false ? ['says it is not synchronised'] : []),
    ...server.modules.flatMap(badCertificate),
    ...severalComputers(server.modules),
  ]
  const isContradictory = !offset && server.consistent === false
  const clock = offset ? describeOffset(offset) : isContradictory ? contradictory(server) : ''
  const state = verdict || (isRead ? 'read' : 'not yet read')
  return `<tr><td>${escape(server.pool)}<td>${escape(server.server)}<td class="number${off || isContradictory ? ' bad' : ''}">${escape(clock || 'not known')}<td${isBad ? ' class="bad"' : ''}>${escape([state, ...said].join(', '))}</tr>`
}

const contradictory = ({ contradicting = [] }: ServerSnapshot): string => {
  const pairs = contradicting.map(([one, other = 'itself']) => `${one} and ${other}`)
  return pairs.length > 0 ? `contradictory: ${listed(pairs)}` : 'contradictory'
}

const badCertificate = ({ module, certificate }: ModuleSnapshot): readonly string[] =>
  certificate?.validAtServerTime === false
    ? [`${module}: its certificate is not valid at its own time`]
    : []

/** A load balancer answers as several to one module, or a forwarded port as another one to another module. */
const severalComputers = (modules: readonly ModuleSnapshot[]): readonly string[] => {
  const names = new Map<string, string>()
  for (const { identity: { computer, dnsName } = {}, answersAs } of modules) {
    const name = computer ?? dnsName
    for (const one of answersAs ?? (name === undefined ? [] : [name])) {
      const known = names.get(netbiosOf(one))
      if (known === undefined || one < known) names.set(netbiosOf(one), one)
    }
  }
  if (names.size < 2) return []
  return [`several computers answer: ${listed([...names.values()].sort())}`]
}

/** A module may tell one name of a computer only: the DNS one, or this, which is its beginning. */
const netbiosOf = (name: string): string =>
  (name.split('.', 1)[0] ?? name).slice(0, NETBIOS_NAME).toLowerCase()

const referenceRow = (server: Snapshot['reference']['servers'][number]): string => {
  const state = server.falseticker ? 'falseticker' : server.reachable ? 'agrees' : 'no answer'
  const shown = server.reachable && server.falseticker === undefined ? 'answers' : state
  const offset = server.offset ? describeOffset(server.offset) : ''
  return `<tr><td>${escape(server.server)}<td class="number">${escape(offset)}<td>${server.stratum ?? ''}<td${shown === 'agrees' ? '' : ' class="bad"'}>${shown}</tr>`
}
