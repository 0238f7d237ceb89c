import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { test } from 'tap'
import { z } from 'zod'
import {
  type AlertmanagerConfig,
  readShippedConfig,
  startAlertmanager,
} from '../peers/alertmanager.js'
import { skipUnless } from '../peers/peer.js'
import { type Scope, temporaryFolder } from '../peers/scope.js'
import { until } from '../peers/wait.js'
import { blocksOf, using } from './blocks.js'
import { farOff, fromNow, off, outOfOrder } from './notified-alerts.js'
import * as expected from './notified-texts.js'
import { startSmtpSink } from './smtp-sink.js'

const ROUTING_KEY = 'e93facc04764012d7bfb002500d5d1a6'

/** Of an event, PagerDuty's API v2. */
const event = z.object({
  routing_key: z.string(),
  event_action: z.string(),
  client: z.string(),
  client_url: z.string(),
  links: z.array(z.object({ href: z.string(), text: z.string() })),
  payload: z.looseObject({
    summary: z.string(),
    custom_details: z.looseObject({ firing: z.string(), markdown: z.string() }),
  }),
})

const startPagerDuty = async (scope: Scope) => {
  const events: z.infer<typeof event>[] = []
  const server = createServer((request, response) => {
    void json(request).then(body => {
      events.push(event.parse(body))
      response.writeHead(202, { 'content-type': 'application/json' }).end('{}')
    })
  })
  scope.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  return { url: `http://127.0.0.1:${bound.port}/v2/enqueue`, events }
}

const withPagerDuty = z.object({
  pagerduty_configs: z.tuple([z.looseObject({ details: z.record(z.string(), z.string()) })]),
})

/** The shipped blocks for e-mail and PagerDuty, used; only where they lead to is another place. */
const configured = async (scope: Scope, places: { url: string; port: number }) => {
  const keyFile = join(await temporaryFolder(scope, 'secrets'), 'pagerduty')
  await writeFile(keyFile, `${ROUTING_KEY}\n`)
  const keys = new Set(['smtp_smarthost', 'email_configs', 'pagerduty_configs'])
  const config: AlertmanagerConfig = await readShippedConfig(text =>
    using(
      text,
      blocksOf(text).filter(({ key }) => keys.has(key)),
    ),
  )
  Object.assign(config.global ?? {}, {
    smtp_smarthost: `127.0.0.1:${places.port}`,
    smtp_require_tls: false,
  })
  config.receivers = config.receivers.map(receiver => {
    const { success, data } = withPagerDuty.safeParse(receiver)
    if (!success) return receiver
    const [block] = data.pagerduty_configs
    // What Teams would get: this Alertmanager may be too old to know it.
    const details = { ...block.details, markdown: '{{ template "edgeclock.markdown" . }}' }
    const changed = { ...block, details, url: places.url, routing_key_file: keyFile }
    return { ...receiver, pagerduty_configs: [changed] }
  })
  // The text does not depend on the intervals; the shipped ones take minutes.
  const intervals = { group_wait: '2s', group_interval: '1s' }
  for (const one of [config.route, ...(config.route.routes ?? [])]) Object.assign(one, intervals)
  return config
}

const startAll = async (scope: Scope) => {
  const { events, url } = await startPagerDuty(scope)
  const { mails, port } = await startSmtpSink(scope)
  const config = await configured(scope, { url, port })
  const alertmanager = await startAlertmanager(scope, { config })
  const mail = (to: string, subject: string) =>
    until(() => mails.find(one => one.to === to && one.headers.get('subject') === subject), {
      what: `a mail to ${to}: ${subject}`,
    })
  const paged = (action: string) =>
    until(() => events.find(one => one.event_action === action), { what: `an event ${action}` })
  return { alertmanager, mails, mail, paged }
}

void test('a page names server, pool and repair in its title and first sentence', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const { alertmanager, mail, paged } = await startAll(t)
  const times = fromNow()
  await alertmanager.post([farOff(times)])
  const page = await paged('trigger')
  t.equal(page.routing_key, ROUTING_KEY, 'from its file')
  t.equal(page.payload.summary, expected.FAR_OFF_TITLE)
  t.equal(page.payload.custom_details.firing, expected.farOffText(times))
  t.equal(page.payload.custom_details.markdown, expected.farOffMarkdown(times))
  t.match(page.payload, {
    severity: 'critical',
    class: 'EdgeclockClockFarOff',
    component: 'edge02',
    group: 'edgepool1',
  })
  t.same(page.links, expected.FAR_OFF_LINKS)
  const { parts } = await mail('oncall@contoso.com', expected.FAR_OFF_TITLE)
  t.equal(parts.get('text/plain'), expected.farOffText(times))
  t.equal(parts.get('text/html'), expected.farOffHtml(times))

  await alertmanager.post([farOff(times, 'over')])
  t.equal((await paged('resolve')).payload.summary, expected.RESOLVED_TITLE)
  const resolved = await mail('oncall@contoso.com', expected.RESOLVED_TITLE)
  t.equal(resolved.parts.get('text/plain'), expected.resolvedText(times))
  t.equal(resolved.parts.get('text/html'), expected.resolvedHtml(times))
})

void test('a ticket about several servers tells of each, and which is over', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const { alertmanager, mail } = await startAll(t)
  const times = fromNow()
  await alertmanager.post([off('edge01', times), off('edge02', times), off('edge03', times)])
  const three = await mail('uc-team@contoso.com', expected.THREE_TITLE)
  t.equal(three.parts.get('text/plain'), expected.threeText(times))

  await alertmanager.post([off('edge02', times, 'over')])
  const two = await mail('uc-team@contoso.com', expected.TWO_TITLE)
  t.equal(two.parts.get('text/plain'), expected.twoText(times))
  t.equal(two.parts.get('text/html'), expected.twoHtml(times))

  await alertmanager.post([off('edge01', times, 'over'), off('edge03', times, 'over')])
  const over = await mail('uc-team@contoso.com', expected.TWO_OVER_TITLE)
  t.equal(over.parts.get('text/plain'), expected.twoOverText(times))
})

void test('what an alert says is text in a mail, and no part of its page', async t => {
  if (skipUnless(t, 'alertmanager')) return
  const { alertmanager, mails } = await startAll(t)
  const times = fromNow()
  await alertmanager.post([outOfOrder(times)])
  const mail = await until(() => mails.find(({ to }) => to === 'uc-team@contoso.com'), {
    what: 'a mail',
  })
  t.equal(mail.parts.get('text/html'), expected.outOfOrderHtml(times))
  t.equal(mail.parts.get('text/plain'), expected.outOfOrderText(times))
})
