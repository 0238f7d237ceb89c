import { test } from 'tap'
import {
  type AlertmanagerConfig,
  type PostedAlert,
  shippedAlertmanager,
  startAlertmanager,
} from '../peers/alertmanager.js'
import { skipUnless } from '../peers/peer.js'
import type { Scope } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { startWebhook } from '../peers/webhook.js'
import { inhibitions } from './inhibitions.js'
import { shippedAlerts } from './shipped-rules.js'

const SHORT_SECONDS = 1

/** What is told or not does not depend on the intervals; the shipped ones take minutes. */
const soon = ({ route }: AlertmanagerConfig) => {
  const intervals = { group_wait: `${SHORT_SECONDS}s`, group_interval: `${SHORT_SECONDS}s` }
  for (const one of [route, ...(route.routes ?? [])]) Object.assign(one, intervals)
}

const idOf = (labels: Readonly<Record<string, string>>): string =>
  JSON.stringify(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)))

const idsOf = (alerts: readonly PostedAlert[]) => alerts.map(({ labels }) => idOf(labels)).sort()

const startShipped = async (scope: Scope) => {
  const webhook = await startWebhook(scope)
  const config = await shippedAlertmanager(webhook.url, soon)
  const alertmanager = await startAlertmanager(scope, { config })
  const told = () => {
    const alerts = webhook.notifications.flatMap(one => one.alerts)
    return new Set(alerts.map(({ labels }) => idOf(labels)))
  }
  /**
   * Posts one alert for each receiver and waits for it. Groups wait equally long, so by then all that
   * was posted at least that wait ago has been told, or is not going to be.
   */
  const settle = async (name: string) => {
    const last = ['critical', 'warning', 'info'].map(severity => ({
      labels: { alertname: name, severity },
    }))
    await alertmanager.post(last)
    const hasAll = () => idsOf(last).every(id => told().has(id))
    await until(hasAll, { what: 'the last notification of each receiver' })
  }
  return { alertmanager, webhook, told, settle }
}

void test('what one alert makes plain is not told by others, and all else is told', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const all = inhibitions(await shippedAlerts())
  const { alertmanager, webhook, told, settle } = await startShipped(t)
  await alertmanager.post(all.flatMap(one => [...one.sources, ...one.silent, ...one.told]))
  const expected = idsOf(all.flatMap(one => [...one.sources, ...one.told]))
  const untold = () => expected.filter(id => !told().has(id))
  await until(() => untold().length === 0, { what: 'all that is to be told' }).catch(() =>
    t.same(untold(), [], 'all that is to be told'),
  )
  await settle('TheEnd')
  const suppressed = (await alertmanager.alerts()).filter(one => one.status.state === 'suppressed')
  for (const one of all) {
    t.same(
      idsOf(one.silent).filter(id => told().has(id)),
      [],
      one.why,
    )
    for (const id of idsOf(one.silent)) {
      const held = suppressed.find(({ labels }) => idOf(labels) === id)
      t.ok(held && held.status.inhibitedBy.length > 0, `it is inhibited: ${id}`)
    }
  }
  const silent = all.flatMap(one => one.silent)
  t.equal(suppressed.length, silent.length, 'nothing else is held back')
  t.same(webhook.refused, [])
})

void test('what was held back is told once its source is over', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const [first] = inhibitions(await shippedAlerts())
  if (first === undefined) throw new Error('no inhibition')
  const { alertmanager, told, settle } = await startShipped(t)
  await alertmanager.post([...first.sources, ...first.silent])
  await settle('Meanwhile')
  t.same(
    idsOf(first.silent).filter(id => told().has(id)),
    [],
  )
  const endsAt = new Date().toISOString()
  await alertmanager.post(first.sources.map(({ labels }) => ({ labels, endsAt })))
  const isTold = () => idsOf(first.silent).every(id => told().has(id))
  t.ok(await until(isTold, { what: 'what had been held back' }))
})
