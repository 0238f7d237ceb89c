import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import type { Scope } from './scope.js'
import { until } from './wait.js'

/** What comes after these is answered and not kept. */
const MAX_NOTIFICATIONS = 1000
const DEFAULT_TIMEOUT_MS = 30_000

const strings = z.record(z.string(), z.string())

/** Alertmanager's own format, version 4. */
const payload = z.object({
  receiver: z.string(),
  status: z.enum(['firing', 'resolved']),
  groupLabels: strings,
  commonLabels: strings,
  commonAnnotations: strings,
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: strings,
      annotations: strings,
      startsAt: z.string(),
      endsAt: z.string(),
    }),
  ),
})

export type Notification = z.infer<typeof payload> & {
  /** When it had arrived in full, on the clock of `performance.now()`. */
  atMs: number
}

export type Webhook = {
  /** Where notifications are to be sent. */
  url: string
  /** In the order of their arrival. */
  notifications: Notification[]
  /** Bodies that are no notification: there should be none. */
  refused: string[]
  /** The first notification for which this holds, also one that is there already. */
  waitFor: (
    matches: (notification: Notification) => boolean,
    waiting: { what: string; timeoutMs?: number },
  ) => Promise<Notification>
  close: () => Promise<void>
}

/** Whether one of a notification's alerts has this name, and this status if one is given. */
export const tells =
  (alertname: string, status?: 'firing' | 'resolved') =>
  ({ alerts }: Notification): boolean =>
    alerts.some(
      one =>
        one.labels['alertname'] === alertname && (status === undefined || one.status === status),
    )

/** A receiver of Alertmanager's webhook on loopback: answers 200 and keeps what came. */
export const startWebhook = async (scope: Scope): Promise<Webhook> => {
  const notifications: Notification[] = []
  const refused: string[] = []
  const take = (body: string) => {
    if (notifications.length + refused.length >= MAX_NOTIFICATIONS) return
    try {
      notifications.push({ ...payload.parse(JSON.parse(body)), atMs: performance.now() })
    } catch {
      refused.push(body)
    }
  }
  const server = createServer((request, response) => {
    void text(request).then(
      body => {
        take(body)
        response.end()
      },
      () => response.destroy(),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  assert(bound !== null && typeof bound === 'object')
  const close = async () => {
    if (!server.listening) return
    server.close()
    server.closeAllConnections()
    await once(server, 'close')
  }
  scope.teardown(close)
  const waitFor: Webhook['waitFor'] = (matches, { what, timeoutMs = DEFAULT_TIMEOUT_MS }) =>
    until(() => notifications.find(matches), { what, timeoutMs })
  return { url: `http://127.0.0.1:${bound.port}/`, notifications, refused, waitFor, close }
}
