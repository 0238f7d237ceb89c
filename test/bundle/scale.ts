import { CLI } from '../exporter/exporter.js'
import { shippedAlertmanager, startAlertmanagerCluster } from '../peers/alertmanager.js'
import { startProcess } from '../peers/process.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { startVictoriaMetrics, startVmagent, startVmalert } from '../peers/victoria-metrics.js'
import { startWebhook } from '../peers/webhook.js'
import { queryFlags, vmagentFlags, vmalertFlags } from './scale-flags.js'
import { shippedVmagent } from './shipped.js'

const OPENED = /Open http:\/\/([^\s/]+)/

/** The demo: a pool that has all that the dashboards show. edge02 reboots, and nobody repairs it. */
const startDemo = async (scope: Scope) => {
  const folder = await temporaryFolder(scope, 'demo')
  const demo = await startProcess(scope, {
    name: 'edgeclock demo',
    command: process.execPath,
    args: [
      CLI,
      'demo',
      '--web.listen-address=127.0.0.1:0',
      '--monitoring=never',
      '--reboot-after=45s',
      '--repair-after=never',
    ],
    env: { TMPDIR: folder, TEMP: folder },
    ready: output => OPENED.test(output),
  })
  return { ...demo, address: OPENED.exec(demo.output())?.[1] ?? '' }
}

/**
 * Compose's profile `scale` around the demo: vmagent, VictoriaMetrics, vmalert and two Alertmanagers. A
 * single node stands for the cluster, which Debian does not have.
 */
export const startScale = async (scope: Scope) => {
  const webhook = await startWebhook(scope)
  const [alertmanagers, victoriaMetrics] = await Promise.all([
    startAlertmanagerCluster(scope, { config: await shippedAlertmanager(webhook.url) }),
    startVictoriaMetrics(scope, await queryFlags()),
  ])
  const urls = alertmanagers.map(({ url }) => url)
  const vmalert = await startVmalert(scope, await vmalertFlags(victoriaMetrics.url, urls))
  const demo = await startDemo(scope)
  const flags = await vmagentFlags(victoriaMetrics.url)
  await startVmagent(scope, await shippedVmagent([demo.address]), flags)
  return { webhook, victoriaMetrics, vmalert, demo }
}
