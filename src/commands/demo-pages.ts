import { type IncomingMessage, createServer } from 'node:http'
import { once } from 'node:events'
import { z } from 'zod'

const LIMIT_BYTES = 1 << 20
/** Of alerts whose beginning was printed; more do not fire at once. */
const TOLD_LIMIT = 1000
const [OK, BAD_REQUEST] = [200, 400] as const

const strings = z.record(z.string(), z.string())
/** Alertmanager's webhook, version 4: what is needed of it. */
const notification = z.object({
  receiver: z.string(),
  alerts: z.array(
    z.object({
      status: z.enum(['firing', 'resolved']),
      labels: strings,
      annotations: strings,
      /** Of its labels. */
      fingerprint: z.string(),
    }),
  ),
})
type Notification = z.infer<typeof notification>
type Alert = Notification['alerts'][number]

/** What a person would be told: each alert once at its begin and once at its end. */
export class PagePrinter {
  readonly #told = new Set<string>()

  linesOf({ receiver, alerts }: Notification): readonly string[] {
    return alerts.flatMap(alert => {
      if (alert.status === 'resolved') {
        return this.#told.delete(alert.fingerprint) ? [`RESOLVED: ${subject(alert)}`] : []
      }
      if (this.#told.has(alert.fingerprint) || this.#told.size >= TOLD_LIMIT) return []
      this.#told.add(alert.fingerprint)
      const { description = subject(alert) } = alert.annotations
      return [`${receiver.toUpperCase()} (${alert.labels['severity']}): ${printable(description)}`]
    })
  }
}

/** `edge02 in edgepool1: A clock is far off.` Its description is of when it was. */
const subject = ({ labels, annotations }: Alert): string => {
  const { server, pool, alertname = '' } = labels
  const where = [server, pool].filter(Boolean).join(' in ')
  return printable(`${where}${where && ': '}${annotations['summary'] ?? alertname}`)
}

const printable = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').trim()

export interface PageReceiver {
  readonly url: string
  readonly close: () => void
}

/** Takes Alertmanager's webhook on loopback and prints what comes. @throws Error where it cannot listen. */
export const startPageReceiver = async (tell: (line: string) => void): Promise<PageReceiver> => {
  const printer = new PagePrinter()
  const server = createServer((request, response) => {
    void bodyOf(request).then(body => {
      const parsed = notification.safeParse(body)
      response.writeHead(parsed.success ? OK : BAD_REQUEST).end()
      if (parsed.success) printer.linesOf(parsed.data).forEach(tell)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  return {
    url: `http://127.0.0.1:${typeof bound === 'object' && bound ? bound.port : 0}/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** Undefined where it is too long, broken off or no JSON. Node gives it up after minutes. */
const bodyOf = async (request: IncomingMessage): Promise<unknown> => {
  let text = ''
  try {
    for await (const chunk of request.setEncoding('utf8')) {
      text += String(chunk)
      if (text.length > LIMIT_BYTES) return undefined
    }
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
