import { test } from 'tap'
import { z } from 'zod'
import {
  type Alertmanager,
  type PostedAlert,
  shippedAlertmanager,
  startAlertmanagerCluster,
} from '../peers/alertmanager.js'
import { skipUnless } from '../peers/peer.js'
import { until } from '../peers/wait.js'
import { startWebhook, type Webhook } from '../peers/webhook.js'
import { shippedAlerts } from './shipped-rules.js'

/**
 * Until a notification: they wait some 8 s after their start to find each other, the group 5 s, and
 * each 15 s (--cluster.peer-timeout) for every other that comes before it.
 */
const NOTIFIED_MS = 60_000

const status = z.object({ cluster: z.object({ status: z.string(), peers: z.array(z.unknown()) }) })

const knowsBoth = async ({ get }: Alertmanager) => {
  const { cluster } = status.parse(await get('/api/v2/status'))
  return cluster.status === 'ready' && cluster.peers.length === 2
}

/** How often it looked whether another had told of a group already. */
const looks = ({ metric }: Alertmanager) => metric('alertmanager_nflog_queries_total')
const sent = ({ metric }: Alertmanager) =>
  metric('alertmanager_notifications_total', /integration="webhook"/)

const farOff = async (server: string): Promise<PostedAlert> => {
  const alertname = 'EdgeclockClockFarOff'
  const given = (await shippedAlerts()).get(alertname)
  const exporter = { job: 'edgeclock', instance: 'monitor1:10429' }
  return { labels: { ...given, ...exporter, alertname, pool: 'edgepool1', server } }
}

const pagesOf = ({ notifications }: Webhook, server: string) =>
  notifications.filter(({ groupLabels }) => groupLabels['server'] === server)

/** Prometheus posts to all that answer. Resolves with the page, and how long it took. */
const page = async (
  alertmanagers: readonly Alertmanager[],
  webhook: Webhook,
  server: string,
  meanwhile: () => Promise<void> = async () => {},
) => {
  const alert = await farOff(server)
  await Promise.all(alertmanagers.map(one => one.post([alert])))
  const postedMs = performance.now()
  await meanwhile()
  const notification = await webhook.waitFor(one => one.groupLabels['server'] === server, {
    what: `a page about ${server}`,
    timeoutMs: NOTIFIED_MS,
  })
  return { ...notification, seconds: (notification.atMs - postedMs) / 1000 }
}

void test('two Alertmanagers page once, and so does the one that is left', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const webhook = await startWebhook(t)
  // As shipped: also the intervals.
  const config = await shippedAlertmanager(webhook.url)
  const both = await startAlertmanagerCluster(t, { config })
  const waiting = { timeoutMs: NOTIFIED_MS, intervalMs: 100 }
  for (const one of both) {
    await until(() => knowsBoth(one), { what: 'both know each other', ...waiting })
  }

  const paged = await page(both, webhook, 'edge01')
  t.match(paged, { receiver: 'page', status: 'firing' })
  for (const one of both) await until(() => looks(one), { what: 'its turn', ...waiting })
  const counts = await Promise.all(both.map(sent))
  t.equal(Math.max(...counts), 1, 'one told')
  t.equal(Math.min(...counts), 0, 'the other saw that it had been told')
  t.equal(pagesOf(webhook, 'edge01').length, 1)

  const [first, second] = counts[0] === 1 ? both : both.toReversed()
  if (!first || !second) throw new Error('two were started')
  // It knows of the alert, and is gone before it told of it.
  const killed = await page(both, webhook, 'edge02', first.kill)
  const after = await page([second], webhook, 'edge03')
  // The group of another server: when it is told of, nothing of those before is still on its way.
  await page([second], webhook, 'edge04')
  for (const server of ['edge02', 'edge03', 'edge04']) t.equal(pagesOf(webhook, server).length, 1)
  t.equal(pagesOf(webhook, 'edge01').length, 1, 'it knows that this was told by the other')
  t.equal(await sent(second), 3)
  t.same(webhook.refused, [])
  const seconds = [paged, killed, after].map(one => one.seconds.toFixed(1))
  t.comment(
    `from alert to page: ${seconds.join(' s, ')} s: both there, one killed meanwhile, one left`,
  )
})
