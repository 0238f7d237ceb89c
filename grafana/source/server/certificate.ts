import { offset } from '../clock-queries.js'
import type { Section } from '../layout.js'
import { graph } from '../panels/graph.js'
import { table } from '../panels/table.js'
import { ofServers, over } from '../query.js'

const of = (metric: string, by = 'max'): string =>
  `${by} by (pool, server, module) (${ofServers(metric)})`
const notBefore = of('edgeclock_server_certificate_not_before_timestamp_seconds')
const notAfter = of('edgeclock_server_certificate_not_after_timestamp_seconds', 'min')
/** The server judges certificates by its own clock. */
const atServer = `(time() + ${offset})`
const NAME = '{{pool}} {{server}} {{module}}'

const valid = of('edgeclock_server_certificate_valid_at_server_time', 'min')
const identity = `max by (pool, server, module, computer, dns_name, domain) (${ofServers('edgeclock_server_identity_info')})`

export const certificate: Section = {
  title: 'Its certificate, by its own clock, and its name',
  folded: true,
  panels: [
    table({
      title: 'Validity',
      description:
        'From when to when the certificate that a module saw is valid. Normal: now lies between, by the clock of the server too. Only of modules that see a certificate.',
      size: [12, 7],
      labels: { pool: 'Pool', server: 'Server', module: 'Module' },
      columns: [
        { title: 'Valid from', expr: `${notBefore} * 1000`, unit: 'dateTimeAsIso' },
        { title: 'Valid until', expr: `${notAfter} * 1000`, unit: 'dateTimeAsIso' },
        {
          title: 'By its own clock',
          expr: valid,
          unit: 'none',
          words: { 1: ['valid', 'green'], 0: ['not valid', 'red'] },
        },
      ],
      sortBy: 'Valid until',
      smallestFirst: true,
      noValue: 'no module sees a certificate',
    }),
    graph({
      title: 'Valid for, as the server sees it',
      description:
        'How long the certificate stays valid by the server’s own clock, and since when. Normal: both well above 0. Below 0 the server holds its own or its partners’ certificates for invalid, whatever the truth is.',
      unit: 'dtdurations',
      size: [12, 7],
      queries: [
        over(`${notAfter} - on (pool, server) group_left () ${atServer}`, `${NAME} still`),
        over(`- ${notBefore} + on (pool, server) group_left () ${atServer}`, `${NAME} since`),
      ],
      noValue: 'no module sees a certificate',
      limits: { base: 'red', steps: [[0, 'green']] },
    }),
    table({
      title: 'Who answers',
      description:
        'What the computer calls itself that answered the last reading, of modules that are told it (rdp, winrm, smb). Normal: one name for all modules, that of the server. Another one, or one that changes, is a load balancer: the clock is not this server’s then.',
      size: [24, 6],
      labels: {
        pool: 'Pool',
        server: 'Server',
        module: 'Module',
        computer: 'Computer',
        dns_name: 'DNS name',
        domain: 'Domain',
      },
      columns: [{ title: 'Answers', expr: identity, unit: 'none', words: { 1: ['yes', 'green'] } }],
      sortBy: 'Server',
      noValue: 'no module is told a name',
    }),
  ],
}
