import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Put, exposition } from '../../src/metrics/exposition.js'
import type { Scope } from '../peers/scope.js'

/** Queries that the demo has no data for, by the start of their name, and why. */
export const NOT_IN_DEMO: readonly (readonly [name: string, why: string])[] = [
  ['server.json / Validity / ', 'simulated servers speak NTP, which shows no certificate'],
  [
    'server.json / Valid for, as the server sees it / ',
    'simulated servers speak NTP, which shows no certificate',
  ],
  ['server.json / Who answers / ', 'simulated servers speak NTP, which tells no name'],
  [
    'exporter.json / Last jump of the machine / ',
    'the demo sets no clock: that of this machine does not jump',
  ],
]

const server = { pool: 'edgepool1', server: 'edge01' } as const
const module = { ...server, module: 'https' } as const

/** What the demo cannot have, beside what its queries put it in relation to. */
const fill = (put: Put): void => {
  const now = Date.now() / 1000
  put('edgeclock_build_info', { version: '0.0.0', node_version: process.version }, 1)
  put('edgeclock_host_clock_last_step_seconds', {}, 0.25)
  // The exporter's own alerts are silent in the demo; this is the first that would fire.
  put('edgeclock_reference_synchronized', {}, 0)
  put('edgeclock_clock_offset_seconds', server, 0.001)
  put('edgeclock_clock_offset_error_seconds', server, 0.002)
  put('edgeclock_server_certificate_not_before_timestamp_seconds', module, now - 86_400)
  put('edgeclock_server_certificate_not_after_timestamp_seconds', module, now + 86_400)
  put('edgeclock_server_certificate_valid_at_server_time', module, 1)
  const named = { ...module, computer: 'EDGE01', dns_name: 'edge01.contoso.com', domain: 'CONTOSO' }
  put('edgeclock_server_identity_info', named, 1)
}

/** A page of the real exposition's making, as a server would serve it. Its host:port. */
export const serveSynthetic = async (scope: Scope): Promise<string> => {
  const pages = createServer((_, response) => {
    const registry = exposition(fill, 'text/plain; version=0.0.4; charset=utf-8')
    void registry.metrics().then(page => response.end(page))
  })
  await new Promise<void>(resolve => pages.listen(0, '127.0.0.1', resolve))
  scope.teardown(() => pages.close())
  return `127.0.0.1:${(pages.address() as AddressInfo).port}`
}
