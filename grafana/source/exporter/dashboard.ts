import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DashboardSpec } from '../dashboard.js'
import { UIDS } from '../links.js'
import { text } from '../panels/now.js'
import { hostClock, watching } from './host.js'
import { exporter } from './process.js'
import { referenceServers, trueTime } from './reference.js'

/** The alerts that say that no exporter answers name this panel: then there is none that serves runbooks. */
const RUNBOOK_PANEL_ID = 900
const RUNBOOK = join(import.meta.dirname, '../../../alerts/runbooks/EdgeclockExporterDown.md')

/** Whether what the other dashboards show can be trusted. */
export const exporterAndReference = (): DashboardSpec => ({
  uid: UIDS.exporter,
  title: 'Exporter and reference',
  description:
    'Whether true time is known, which reference servers are wrong, and whether the exporter itself is well: what everything else stands on.',
  from: 'now-6h',
  alerts: ['component=~"reference|host|exporter"'],
  alertsOf: '{{instance}}',
  sections: [
    trueTime,
    referenceServers,
    hostClock,
    exporter,
    watching,
    {
      title: 'When the exporter is down',
      panels: [
        text({
          id: RUNBOOK_PANEL_ID,
          title: 'Runbook: EdgeclockExporterDown',
          description:
            'What to do when the exporter does not answer. It is here because the other runbooks are served by the exporter.',
          size: [24, 30],
          markdown: readFileSync(RUNBOOK, 'utf8'),
        }),
      ],
    },
  ],
})
