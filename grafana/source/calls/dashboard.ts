import type { DashboardSpec } from '../dashboard.js'
import { UIDS } from '../links.js'
import { POOL_OR_NONE } from '../query.js'
import { servers } from './servers.js'
import { sources } from './sources.js'
import { course, inRange } from './voicemail.js'

/** Calls to voicemail: whether they are answered, and why not. */
export const umCalls: DashboardSpec = {
  uid: UIDS.calls,
  title: 'UM calls',
  description:
    'Calls to voicemail from traces, events and HEP, each counted once: whether they are answered, why not, and where failures begin.',
  from: 'now-24h',
  servers: 'probe_success|ntp_source_readable|sip_failures_total',
  alerts: [POOL_OR_NONE],
  alertsOf: '{{pool}} {{server}}',
  sections: [inRange, course, servers, sources],
}
