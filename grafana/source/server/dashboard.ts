import type { DashboardSpec } from '../dashboard.js'
import { UIDS } from '../links.js'
import { POOL_OR_NONE, SERVER_OR_NONE, ofServers } from '../query.js'
import { certificate } from './certificate.js'
import { bands, course, standing } from './clock.js'
import { readings } from './readings.js'
import { timeService } from './time-service.js'

/** One clock in depth: what a page leads to. */
export const server: DashboardSpec = {
  uid: UIDS.server,
  title: 'Edge server',
  description:
    'One clock in depth: how it ran, how it was read, what its time service says, and why it went wrong. Choose one server above.',
  from: 'now-6h',
  alerts: [POOL_OR_NONE, SERVER_OR_NONE],
  alertsOf: '{{pool}} {{server}}',
  annotations: [
    {
      name: 'Boots',
      color: 'blue',
      expr: `${ofServers('edgeclock_server_boot_timestamp_seconds')} * 1000`,
      title: '{{server}} started',
      text: 'The server started here.',
      atValue: true,
    },
  ],
  sections: [standing, course, bands, timeService, readings, certificate],
}
