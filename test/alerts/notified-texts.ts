import type { Times } from './notified-alerts.js'

/** What Alertmanager makes of the alerts in notified-alerts. The times are of whole seconds. */
const shown = (time: string): string => time.slice(0, 19).replace('T', ' ')
const since = ({ startsAt }: Times): string => `since ${shown(startsAt)} UTC`
const lasted = ({ startsAt, endsAt }: Times): string =>
  `from ${shown(startsAt)} to ${shown(endsAt)} UTC`

const GRAFANA = 'http://localhost:3000/d/edgeclock-server?var-pool=edgepool1&var-server'
const RUNBOOKS = 'http://localhost:10429/runbooks'

const page = (title: string, body: string): string => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title></head>
<body style="font-family: sans-serif; line-height: 1.4">
${body}
</body>
</html>
`

export const FAR_OFF_TITLE =
  "[CRITICAL] edge02 in edgepool1: A server's clock is more than a minute off."

export const FAR_OFF_LINKS = [
  { text: 'Runbook', href: `${RUNBOOKS}/EdgeclockClockFarOff` },
  { text: 'Dashboard', href: `${GRAFANA}=edge02` },
]

export const farOffText = (
  times: Times,
) => `The clock of edge02 in pool edgepool1 is 6h behind: run \`w32tm /resync\` on it.

Runbook: ${RUNBOOKS}/EdgeclockClockFarOff
Dashboard: ${GRAFANA}=edge02
EdgeclockClockFarOff ${since(times)}
`

export const farOffMarkdown = (
  times: Times,
) => `The clock of edge02 in pool edgepool1 is 6h behind: run \`w32tm /resync\` on it.

[Runbook](${RUNBOOKS}/EdgeclockClockFarOff) [Dashboard](${GRAFANA}=edge02)

EdgeclockClockFarOff ${since(times)}

`

/** As HTML writes it. */
const grafana = GRAFANA.replace('&', '&amp;')

export const farOffHtml = (times: Times) =>
  page(
    '[CRITICAL] edge02 in edgepool1: A server&#39;s clock is more than a minute off.',
    `<h3 style="color: #b00020">[CRITICAL] edge02 in edgepool1: A server&#39;s clock is more than a minute off.</h3>
<p style="font-size: 120%">The clock of edge02 in pool edgepool1 is 6h behind: run \`w32tm /resync\` on it.</p>
<p><a href="${RUNBOOKS}/EdgeclockClockFarOff">Runbook</a> <a href="${grafana}=edge02">Dashboard</a></p>
<p>EdgeclockClockFarOff ${since(times)}</p>`,
  )

export const RESOLVED_TITLE =
  "[RESOLVED] edge02 in edgepool1: A server's clock is more than a minute off."

export const resolvedText = (
  times: Times,
) => `RESOLVED: edge02 in edgepool1: A server's clock is more than a minute off.
EdgeclockClockFarOff ${lasted(times)}
`

export const resolvedHtml = (times: Times) =>
  page(
    '[RESOLVED] edge02 in edgepool1: A server&#39;s clock is more than a minute off.',
    `<h3 style="color: #1b5e20">Resolved: edge02 in edgepool1: A server&#39;s clock is more than a minute off.</h3>
<p>EdgeclockClockFarOff ${lasted(times)}</p>`,
  )

const offText =
  (times: Times) => (server: string) => `The clock of ${server} in pool edgepool1 is 7s ahead.

Runbook: ${RUNBOOKS}/EdgeclockClockOff
Dashboard: ${GRAFANA}=${server}
EdgeclockClockOff ${since(times)}
`

const overText =
  (times: Times) => (server: string) => `RESOLVED: ${server} in edgepool1: A server's clock is off.
EdgeclockClockOff ${lasted(times)}
`

const LINE = '\n----\n\n'

export const THREE_TITLE = "[WARNING, 3 alerts] edgepool1: A server's clock is off."
export const threeText = (times: Times) =>
  ['edge01', 'edge02', 'edge03'].map(offText(times)).join(LINE)

export const TWO_TITLE = "[WARNING, 2 alerts] edgepool1: A server's clock is off."
export const twoText = (times: Times) =>
  [...['edge01', 'edge03'].map(offText(times)), overText(times)('edge02')].join(LINE)

const offHtml = (server: string, times: Times) =>
  `<h3 style="color: #b00020">[WARNING] ${server} in edgepool1: A server&#39;s clock is off.</h3>
<p style="font-size: 120%">The clock of ${server} in pool edgepool1 is 7s ahead.</p>
<p><a href="${RUNBOOKS}/EdgeclockClockOff">Runbook</a> <a href="${grafana}=${server}">Dashboard</a></p>
<p>EdgeclockClockOff ${since(times)}</p>`

export const twoHtml = (times: Times) =>
  page(
    '[WARNING, 2 alerts] edgepool1: A server&#39;s clock is off.',
    `${offHtml('edge01', times)}
${offHtml('edge03', times)}
<h3 style="color: #1b5e20">Resolved: edge02 in edgepool1: A server&#39;s clock is off.</h3>
<p>EdgeclockClockOff ${lasted(times)}</p>`,
  )

export const TWO_OVER_TITLE = "[RESOLVED, 2 alerts] edgepool1: A server's clock is off."
export const twoOverText = (times: Times) => ['edge01', 'edge03'].map(overText(times)).join('')

export const outOfOrderText = (times: Times) => `<script>alert("1 & 2")</script> {{ .Status }}

Dashboard: javascript:alert(1)
Other ${since(times)}
`

/** `#ZgotmplZ` is what Go's html/template writes where an address is not safe. */
export const outOfOrderHtml = (times: Times) =>
  page(
    '[ALERT] &lt;img src=x onerror=alert(1)&gt;: Other',
    `<h3 style="color: #b00020">[ALERT] &lt;img src=x onerror=alert(1)&gt;: Other</h3>
<p style="font-size: 120%">&lt;script&gt;alert(&#34;1 &amp; 2&#34;)&lt;/script&gt; {{ .Status }}</p>
<p><a href="#ZgotmplZ">Dashboard</a></p>
<p>Other ${since(times)}</p>`,
  )
