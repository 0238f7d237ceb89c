import type { CallsSnapshot } from '../calls/snapshot.js'
import { escape } from './escape.js'

/** Of the causes of failed voicemail calls, the most frequent are shown. */
const SHOWN_CAUSES = 3

/** The part of the landing page about calls: how they end, why they fail, and who tells of them. */
export const callsPart = (snapshot: CallsSnapshot | undefined): string => {
  if (!snapshot) return '<p class="bad">The calls thread does not answer.</p>'
  return `
<h2>Voicemail calls</h2>
${snapshot.durable ? '' : '<p class="bad">The state cannot be written: counts stand still. The log says why.</p>'}
<table>
<tr><th>pool<th>answered<th>failed<th>abandoned<th>why they failed</tr>
${snapshot.pools.map(poolRow).join('\n')}
</table>
<h2>Where calls are learnt of</h2>
<table>
<tr><th>source<th>read<th>unread<th>state</tr>
${snapshot.sources.map(sourceRow).join('\n')}
</table>`
}

const number = (value: number, isBad: boolean): string =>
  `<td class="number${isBad ? ' bad' : ''}">${value}`

const poolRow = ({ pool, outcomes, callFailures }: CallsSnapshot['pools'][number]): string => {
  const why = [...callFailures]
    .sort(([, a], [, b]) => b - a)
    .slice(0, SHOWN_CAUSES)
    .map(([[code = '', diagnostic = '', cause = ''], count]) =>
      [`${count} × ${cause}`, [code, diagnostic].filter(Boolean).join('/')].join(' '),
    )
  const { answered, failed, abandoned } = outcomes
  return `<tr><td>${escape(pool)}${number(answered, false)}${number(failed, failed > 0)}${number(abandoned, false)}<td>${escape(why.join(', '))}</tr>`
}

const sourceRow = (one: CallsSnapshot['sources'][number]): string => {
  const { source, records, malformed, dropped, lagBytes, up, detail } = one
  const lost = [
    ...(malformed > 0 ? [`${malformed} malformed`] : []),
    ...(dropped > 0 ? [`${dropped} dropped`] : []),
  ].join(', ')
  const state = up ? ['up', lost].filter(Boolean).join(', ') : (detail ?? 'down')
  const unread = lagBytes === undefined ? '' : `${lagBytes} bytes`
  return `<tr><td>${escape(source)}<td class="number">${records}<td class="number">${unread}<td${up ? '' : ' class="bad"'}>${escape(state)}</tr>`
}
