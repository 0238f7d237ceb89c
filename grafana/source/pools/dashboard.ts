import { bandOf } from '../clock-panels.js'
import type { DashboardSpec } from '../dashboard.js'
import { UIDS } from '../links.js'
import { POOL_OR_NONE, SERVER_OR_NONE } from '../query.js'
import { course, room } from './course.js'
import { answer, who } from './now.js'

/** Who is off now, since when, and what it does to calls: the first look. */
export const edgePools: DashboardSpec = {
  uid: UIDS.pools,
  title: 'Edge pools',
  description:
    'Which clocks of the Edge pools are wrong now, since when, and whether calls to voicemail fail for it.',
  from: 'now-6h',
  alerts: [POOL_OR_NONE, SERVER_OR_NONE],
  alertsOf: '{{pool}} {{server}}',
  sections: [
    answer,
    who,
    course,
    room,
    { title: 'Each clock in its band', folded: true, panels: [bandOf([12, 8])] },
  ],
}
